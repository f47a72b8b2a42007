# SPDX-License-Identifier: Apache-2.0
# Install rules. The CMake package and the program hold no prefix, and the tree can be moved after installing; so can
# slotring.pc (pkg-config --define-prefix, or SLOTRING_RELOCATABLE_PC). Components: slotring_runtime (shared library),
# slotring_development, slotring_tools (program and its manual pages), slotring_documentation. No two have a file in
# common, and each has the licence.

include(CMakePackageConfigHelpers)

function(slotring_install_licence component)
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/licenses/${component}" COMPONENT ${component})
endfunction()

if(SLOTRING_BUILD_SHARED AND slotring_install STREQUAL "everything")
  install(TARGETS slotring_shared EXPORT slotring-shared
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT slotring_runtime
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT slotring_runtime
      NAMELINK_COMPONENT slotring_development
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT slotring_development)
elseif(SLOTRING_BUILD_SHARED AND NOT slotring_install STREQUAL "nothing")
  install(TARGETS slotring_shared
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT slotring_runtime
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT slotring_runtime NAMELINK_SKIP)
endif()
if(SLOTRING_BUILD_SHARED AND NOT slotring_install STREQUAL "nothing")
  slotring_install_licence(slotring_runtime)
endif()
if(NOT slotring_install STREQUAL "everything")
  return()
endif()

set(slotring_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/slotring")
if(SLOTRING_BUILD_STATIC)
  install(TARGETS slotring_static EXPORT slotring-static
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT slotring_development)
endif()
# One export file per library, so that a distribution may package them apart.
foreach(kind IN ITEMS SHARED STATIC)
  if(SLOTRING_BUILD_${kind})
    string(TOLOWER ${kind} kind)
    install(EXPORT slotring-${kind} FILE slotring-${kind}-targets.cmake NAMESPACE slotring::
      DESTINATION "${slotring_cmake_dir}" COMPONENT slotring_development)
  endif()
endforeach()
install(TARGETS slotring_cpp EXPORT slotring-cpp)
install(EXPORT slotring-cpp FILE slotring-cpp-targets.cmake NAMESPACE slotring::
  DESTINATION "${slotring_cmake_dir}" COMPONENT slotring_development)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/slotring" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT slotring_development FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
slotring_install_licence(slotring_development)

# find_package(slotring)
set(SLOTRING_CONFIG_WITH_APR ${slotring_has_apr})
if(slotring_has_apr AND SLOTRING_BUILD_STATIC)
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/FindSlotringAPR.cmake" DESTINATION "${slotring_cmake_dir}"
    COMPONENT slotring_development)
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
  DESTINATION "${slotring_cmake_dir}" COMPONENT slotring_development)

include(SlotringPkgConfig)

# The program finds the library beside it, wherever both were put (CMAKE_SKIP_INSTALL_RPATH turns this off).
if(TARGET slotring_tool)
  set(slotring_origin "$ORIGIN")
  if(APPLE)
    set(slotring_origin "@loader_path")
  endif()
  if(UNIX)
    slotring_relative_path(slotring_tool_rpath "${CMAKE_INSTALL_BINDIR}" "${CMAKE_INSTALL_LIBDIR}")
    set_target_properties(slotring_tool PROPERTIES INSTALL_RPATH "${slotring_origin}/${slotring_tool_rpath}")
  endif()
  install(TARGETS slotring_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT slotring_tools)
  file(GLOB slotring_man1 CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tools/man/*.1")
  install(FILES ${slotring_man1} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT slotring_tools)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/tools/metrics/" DESTINATION "${CMAKE_INSTALL_DATADIR}/slotring/metrics"
    COMPONENT slotring_tools)
  if(NOT WIN32) # where the three shells look for them
    set(completions "${PROJECT_SOURCE_DIR}/tools/completions")
    install(FILES "${completions}/slotring.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
      RENAME slotring COMPONENT slotring_tools)
    install(FILES "${completions}/_slotring" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" COMPONENT slotring_tools)
    install(FILES "${completions}/slotring.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
      COMPONENT slotring_tools)
  endif()
  slotring_install_licence(slotring_tools)
endif()

# The documents, with their links changed to where things lie then; and the examples.
set(slotring_docdir "${CMAKE_INSTALL_DOCDIR}")
if(NOT SLOTRING_IS_TOP_LEVEL)
  set(slotring_docdir "${CMAKE_INSTALL_DATAROOTDIR}/doc/slotring") # the other is the including project's
endif()
slotring_relative_path(slotring_doc_to_include "${slotring_docdir}" "${CMAKE_INSTALL_INCLUDEDIR}")
install(CODE "set(SOURCE \"${PROJECT_SOURCE_DIR}\")
set(WORK \"${PROJECT_BINARY_DIR}/documents\")
set(DESTINATION \"${slotring_docdir}\")
set(TO_INCLUDE \"${slotring_doc_to_include}\")" COMPONENT slotring_documentation)
install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/install_documents.cmake" COMPONENT slotring_documentation)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/performance" DESTINATION "${slotring_docdir}"
  COMPONENT slotring_documentation FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN "*.json")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/examples" DESTINATION "${slotring_docdir}"
  COMPONENT slotring_documentation FILES_MATCHING PATTERN "*.c" PATTERN "*.cpp" PATTERN "*.json")
slotring_install_licence(slotring_documentation)
