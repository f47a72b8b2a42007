# SPDX-License-Identifier: Apache-2.0
# Install rules. The tree can be moved after installing: neither the CMake package, slotring.pc nor the program
# holds the prefix. Components: runtime (shared library), development, tools.

include(CMakePackageConfigHelpers)
set(slotring_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/slotring")

# One export file per library, so that a distribution may package them apart.
foreach(kind IN ITEMS shared static)
  if(TARGET slotring_${kind})
    install(TARGETS slotring_${kind} EXPORT slotring-${kind}
      RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
      ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
    install(EXPORT slotring-${kind} FILE slotring-${kind}-targets.cmake NAMESPACE slotring::
      DESTINATION "${slotring_cmake_dir}" COMPONENT development)
  endif()
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/slotring" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT development FILES_MATCHING PATTERN "*.h")

# find_package(slotring)
set(SLOTRING_CONFIG_WITH_APR ${slotring_has_apr})
if(slotring_has_apr AND TARGET slotring_static)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindSlotringAPR.cmake" DESTINATION "${slotring_cmake_dir}"
    COMPONENT development)
endif()
set(SLOTRING_CONFIG_LINK_STATIC OFF)
if(SLOTRING_LINK_STATIC OR NOT SLOTRING_BUILD_SHARED)
  set(SLOTRING_CONFIG_LINK_STATIC ON)
endif()
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/slotring-config.cmake.in"
  "${PROJECT_BINARY_DIR}/slotring-config.cmake" INSTALL_DESTINATION "${slotring_cmake_dir}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/slotring-config-version.cmake"
  VERSION "${PROJECT_VERSION}" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/slotring-config.cmake" "${PROJECT_BINARY_DIR}/slotring-config-version.cmake"
  DESTINATION "${slotring_cmake_dir}" COMPONENT development)

# pkg-config slotring: paths relative to the .pc file itself.
function(slotring_relative_path result from to)
  get_filename_component(from_full "${from}" ABSOLUTE BASE_DIR "${CMAKE_INSTALL_PREFIX}")
  get_filename_component(to_full "${to}" ABSOLUTE BASE_DIR "${CMAKE_INSTALL_PREFIX}")
  file(RELATIVE_PATH path "${from_full}" "${to_full}")
  string(REGEX REPLACE "/$" "" path "${path}")
  set(${result} "${path}" PARENT_SCOPE)
endfunction()
set(slotring_pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
slotring_relative_path(SLOTRING_PC_PREFIX "${slotring_pc_dir}" ".")
slotring_relative_path(SLOTRING_PC_LIBDIR "${slotring_pc_dir}" "${CMAKE_INSTALL_LIBDIR}")
slotring_relative_path(SLOTRING_PC_INCLUDEDIR "${slotring_pc_dir}" "${CMAKE_INSTALL_INCLUDEDIR}")
if(SLOTRING_WITH_WIN32)
  set(SLOTRING_PC_LIBS_PRIVATE "-ladvapi32 -lbcrypt")
else()
  set(SLOTRING_PC_LIBS_PRIVATE "${CMAKE_THREAD_LIBS_INIT}")
endif()
set(SLOTRING_PC_REQUIRES_PRIVATE "")
if(slotring_has_apr AND SlotringAPR_PC_FOUND)
  set(SLOTRING_PC_REQUIRES_PRIVATE "apr-1")
elseif(slotring_has_apr)
  string(APPEND SLOTRING_PC_LIBS_PRIVATE " -lapr-1")
endif()
if(SLOTRING_BUILD_SHARED)
  set(SLOTRING_PC_CFLAGS "")
  set(SLOTRING_PC_CFLAGS_PRIVATE "-DSLOTRING_STATIC")
  set(SLOTRING_PC_LIBS "")
  set(SLOTRING_PC_REQUIRES "")
else()
  set(SLOTRING_PC_REQUIRES "${SLOTRING_PC_REQUIRES_PRIVATE}")
  set(SLOTRING_PC_CFLAGS " -DSLOTRING_STATIC")
  set(SLOTRING_PC_CFLAGS_PRIVATE "")
  set(SLOTRING_PC_LIBS " ${SLOTRING_PC_LIBS_PRIVATE}")
endif()
set(SLOTRING_PC_NAME slotring)
if(WIN32 AND NOT SLOTRING_BUILD_SHARED)
  set(SLOTRING_PC_NAME slotring_static)
endif()
configure_file("${PROJECT_SOURCE_DIR}/cmake/slotring.pc.in" "${PROJECT_BINARY_DIR}/slotring.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/slotring.pc" DESTINATION "${slotring_pc_dir}" COMPONENT development)

# The program finds the library beside it, wherever both were put (CMAKE_SKIP_INSTALL_RPATH turns this off).
if(TARGET slotring_tool)
  if(UNIX AND NOT APPLE)
    slotring_relative_path(slotring_tool_rpath "${CMAKE_INSTALL_BINDIR}" "${CMAKE_INSTALL_LIBDIR}")
    set_target_properties(slotring_tool PROPERTIES INSTALL_RPATH "$ORIGIN/${slotring_tool_rpath}")
  elseif(APPLE)
    slotring_relative_path(slotring_tool_rpath "${CMAKE_INSTALL_BINDIR}" "${CMAKE_INSTALL_LIBDIR}")
    set_target_properties(slotring_tool PROPERTIES INSTALL_RPATH "@loader_path/${slotring_tool_rpath}")
  endif()
  install(TARGETS slotring_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT tools)
endif()

# Manual pages: of the program with the program, of the library with its headers.
file(GLOB slotring_man1 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tools/man/*.1" "${PROJECT_SOURCE_DIR}/docs/man/*.1")
file(GLOB slotring_man3 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/man/*.3")
if(TARGET slotring_tool AND slotring_man1)
  install(FILES ${slotring_man1} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT tools)
endif()
if(slotring_man3)
  install(FILES ${slotring_man3} DESTINATION "${CMAKE_INSTALL_MANDIR}/man3" COMPONENT development)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime)
