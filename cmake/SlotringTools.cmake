# SPDX-License-Identifier: Apache-2.0
# The program slotring. Arguments and JSON come from popt and jansson (SlotringNeeds.cmake).

file(GLOB slotring_tool_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tools/*.c")
if(WIN32)
  list(FILTER slotring_tool_sources EXCLUDE REGEX "/(host|doctor|foreign)_posix(_[a-z]+)?\\.c$")
else()
  list(FILTER slotring_tool_sources EXCLUDE REGEX "/(host|doctor|foreign)_win32(_[a-z]+)?\\.c$")
endif()
if(NOT CMAKE_SYSTEM_NAME STREQUAL Linux)
  list(FILTER slotring_tool_sources EXCLUDE REGEX "/doctor_linux[a-z_]*\\.c$")
endif()
add_executable(slotring_tool ${slotring_tool_sources})
target_include_directories(slotring_tool PRIVATE "${PROJECT_SOURCE_DIR}/tools")
target_link_libraries(slotring_tool PRIVATE
  slotring::slotring PkgConfig::slotring_popt PkgConfig::slotring_jansson slotring_flags)
set_target_properties(slotring_tool PROPERTIES OUTPUT_NAME slotring)
if(WIN32)
  target_link_libraries(slotring_tool PRIVATE shell32)
else()
  target_link_libraries(slotring_tool PRIVATE Threads::Threads)
endif()
if(MINGW)
  target_link_options(slotring_tool PRIVATE -static-libgcc)
  # gcc compares formats with the C library of Windows, and not with the functions that are linked.
  target_compile_options(slotring_tool PRIVATE -Wno-format)
endif()
