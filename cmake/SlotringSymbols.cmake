# SPDX-License-Identifier: Apache-2.0
# On ELF each exported symbol carries the version SLOTRING_N, N being the number in the library's name: a program that
# was linked with one ABI does not take its calls from another. Only what the header marks is visible at all (hidden
# visibility), so the pattern in slotring.map.in exports nothing else.
#
# The library's calls of its own functions stay in it (-Bsymbolic-functions), also when a second copy of it is in the
# process; Windows and macOS are so by themselves.
set(slotring_symbol_version "") # none
if(NOT UNIX OR APPLE)
  return()
endif()
set(slotring_map "${PROJECT_BINARY_DIR}/slotring.map")
configure_file("${PROJECT_SOURCE_DIR}/cmake/slotring.map.in" "${slotring_map}" @ONLY)
file(WRITE "${PROJECT_BINARY_DIR}/slotring_probe.map" "{ global: main; };\n")
slotring_check_flags(SLOTRING_LINKER_KNOWS_VERSIONS "-Wl,--version-script=${PROJECT_BINARY_DIR}/slotring_probe.map")
if(SLOTRING_LINKER_KNOWS_VERSIONS)
  target_link_options(slotring_shared PRIVATE "-Wl,--version-script=${slotring_map}")
  set_property(TARGET slotring_shared APPEND PROPERTY LINK_DEPENDS "${slotring_map}")
  set(slotring_symbol_version "SLOTRING_${SLOTRING_ABI}")
endif()
slotring_check_flags(SLOTRING_LINKER_BINDS_FUNCTIONS -Wl,-Bsymbolic-functions)
if(SLOTRING_LINKER_BINDS_FUNCTIONS)
  target_link_options(slotring_shared PRIVATE -Wl,-Bsymbolic-functions)
endif()
