# SPDX-License-Identifier: Apache-2.0
# slotring_bridge: what carries a ring to other hosts, for the program and the tests. It uses the public interface of the library
# only, and is a part of no library that is installed.

file(GLOB slotring_bridge_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bridges/*.c" "${PROJECT_SOURCE_DIR}/bridges/files/*.c")
if(slotring_has_nats)
  file(GLOB slotring_jetstream_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bridges/jetstream/*.c")
  list(APPEND slotring_bridge_sources ${slotring_jetstream_sources})
endif()
add_library(slotring_bridge STATIC EXCLUDE_FROM_ALL ${slotring_bridge_sources})
target_include_directories(slotring_bridge PUBLIC "${PROJECT_SOURCE_DIR}/bridges" "${PROJECT_SOURCE_DIR}/include")
target_compile_definitions(slotring_bridge PRIVATE _GNU_SOURCE)
target_link_libraries(slotring_bridge PRIVATE slotring_flags)
if(slotring_has_nats)
  target_link_libraries(slotring_bridge PUBLIC PkgConfig::slotring_nats)
  target_compile_definitions(slotring_bridge PUBLIC SLOTRING_WITH_JETSTREAM=1)
endif()
