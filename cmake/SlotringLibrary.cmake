# SPDX-License-Identifier: Apache-2.0
# The library: slotring_shared, slotring_static, and slotring::slotring for whoever does not mind which.

file(GLOB slotring_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*/*.c"
     "${PROJECT_SOURCE_DIR}/src/*/*/*.c" "${PROJECT_SOURCE_DIR}/platform/common/*.c")
set(slotring_definitions "")
if(SLOTRING_WITH_POSIX)
  include(SlotringPosix)
  list(APPEND slotring_sources ${slotring_posix_sources})
  list(APPEND slotring_definitions ${slotring_posix_definitions})
endif()
if(SLOTRING_WITH_PROBES)
  list(APPEND slotring_definitions SLOTRING_WITH_PROBES=1)
endif()
set(slotring_system_libraries ${slotring_posix_libraries})
if(SLOTRING_WITH_WIN32)
  file(GLOB slotring_win32_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/platform/win32/*.c")
  list(APPEND slotring_sources ${slotring_win32_sources})
  list(APPEND slotring_definitions SLOTRING_WITH_WIN32=1)
  list(APPEND slotring_system_libraries advapi32 bcrypt)
else()
  list(APPEND slotring_system_libraries Threads::Threads)
endif()
if(slotring_has_apr)
  file(GLOB slotring_apr_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/platform/apr/*.c")
  list(APPEND slotring_sources ${slotring_apr_sources})
  list(APPEND slotring_definitions SLOTRING_WITH_APR=1)
  set_source_files_properties(${slotring_apr_sources} PROPERTIES COMPILE_DEFINITIONS "${SlotringAPR_DEFINITIONS}")
endif()

# Settings that both libraries share. The internal headers are private; tests of internals use slotring_internals.
function(slotring_configure_library target)
  target_sources(${target} PRIVATE ${slotring_sources})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/platform")
  target_compile_definitions(${target} PRIVATE SLOTRING_BUILDING ${slotring_definitions})
  target_link_libraries(${target} PRIVATE ${slotring_system_libraries} $<BUILD_INTERFACE:slotring_flags>)
  if(slotring_has_apr)
    target_link_libraries(${target} PRIVATE slotring::apr)
  endif()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME slotring
    C_VISIBILITY_PRESET hidden
    POSITION_INDEPENDENT_CODE ON)
endfunction()

if(SLOTRING_LTO AND NOT SLOTRING_REPRODUCIBLE STREQUAL "OFF" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # Else gcc takes random numbers for the names of the sections that it optimises from.
  foreach(source IN LISTS slotring_sources)
    file(RELATIVE_PATH slotring_seed "${PROJECT_SOURCE_DIR}" "${source}")
    set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_OPTIONS "-frandom-seed=${slotring_seed}")
  endforeach()
endif()

if(SLOTRING_BUILD_SHARED)
  add_library(slotring_shared SHARED)
  slotring_configure_library(slotring_shared)
  set_target_properties(slotring_shared PROPERTIES
    EXPORT_NAME shared
    MACOSX_RPATH ON # found beside its users, wherever both were put
    VERSION ${PROJECT_VERSION}
    SOVERSION ${SLOTRING_ABI})
  if(MINGW)
    # A host that was built otherwise has no libgcc_s.
    target_link_options(slotring_shared PRIVATE -static-libgcc)
    set_target_properties(slotring_shared PROPERTIES RUNTIME_OUTPUT_NAME "slotring-${SLOTRING_ABI}")
  endif()
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND SLOTRING_SANITIZER STREQUAL "none")
    # What the library lacks is an error here, not at the first user's.
    target_link_options(slotring_shared PRIVATE -Wl,--no-undefined)
  endif()
  include(SlotringSymbols)
  add_library(slotring::shared ALIAS slotring_shared)
endif()

# Tests of internals link to it in any case.
if(SLOTRING_BUILD_STATIC OR SLOTRING_BUILD_TESTS)
  add_library(slotring_static STATIC)
  if(NOT SLOTRING_BUILD_STATIC)
    set_target_properties(slotring_static PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  slotring_configure_library(slotring_static)
  target_compile_definitions(slotring_static PUBLIC SLOTRING_STATIC)
  set_target_properties(slotring_static PROPERTIES EXPORT_NAME static)
  if(SLOTRING_LTO AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # Other compilers, and this one without LTO, can link to it too.
    target_compile_options(slotring_static PRIVATE -ffat-lto-objects)
  endif()
  if(WIN32)
    # libslotring.dll.a or slotring.lib is the shared library's import library there.
    set_target_properties(slotring_static PROPERTIES OUTPUT_NAME slotring_static)
  endif()
  if(SLOTRING_BUILD_STATIC)
    add_library(slotring::static ALIAS slotring_static)
  endif()
endif()

if(SLOTRING_BUILD_SHARED AND NOT SLOTRING_LINK_STATIC)
  add_library(slotring::slotring ALIAS slotring_shared)
else()
  add_library(slotring::slotring ALIAS slotring_static)
endif()

# The headers for C++. Nothing of it is compiled here. When it is installed, slotring-config.cmake links it to the library that
# slotring::slotring means there.
add_library(slotring_cpp INTERFACE)
target_link_libraries(slotring_cpp INTERFACE $<BUILD_INTERFACE:slotring::slotring>)
target_compile_features(slotring_cpp INTERFACE cxx_std_17)
set_target_properties(slotring_cpp PROPERTIES EXPORT_NAME cpp)
add_library(slotring::cpp ALIAS slotring_cpp)

# For tests of internals: the static library, and the headers that nobody else sees.
if(TARGET slotring_static)
  add_library(slotring_internals INTERFACE)
  target_include_directories(slotring_internals INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/platform")
  target_compile_definitions(slotring_internals INTERFACE ${slotring_definitions})
  target_link_libraries(slotring_internals INTERFACE slotring_static ${slotring_system_libraries})
endif()
