# SPDX-License-Identifier: Apache-2.0
# slotring_flags: how this project's own sources are compiled and linked. Private to the build; a consumer gets
# none of it. Tests, tools and benchmarks link to it as well.

include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
add_library(slotring_flags INTERFACE)

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(slotring_flags INTERFACE
    -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    $<$<BOOL:${SLOTRING_WERROR}>:-Werror>)
endif()

if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_SIZEOF_VOID_P EQUAL 4)
  # A note that gcc 11 changed the alignment of 64-bit atomics: the layout has each at a multiple of 8 in any case.
  target_compile_options(slotring_flags INTERFACE -Wno-psabi)
endif()
if(MINGW)
  # printf as C11 has it, rather than as the old C library of Windows has.
  target_compile_definitions(slotring_flags INTERFACE __USE_MINGW_ANSI_STDIO=1)
endif()
if(WIN32 AND MSVC)
  target_compile_options(slotring_flags INTERFACE /std:c11 /experimental:c11atomics /utf-8 /W4
    $<$<BOOL:${SLOTRING_WERROR}>:/WX>)
  target_compile_definitions(slotring_flags INTERFACE _CRT_SECURE_NO_WARNINGS)
endif()
if(SLOTRING_WERROR AND NOT CMAKE_C_COMPILER_ID MATCHES "GNU|Clang|MSVC")
  message(FATAL_ERROR "SLOTRING_WERROR is ON, but how ${CMAKE_C_COMPILER_ID} takes warnings for errors is not known here")
endif()

# Can a program be compiled and linked with these options (SLOTRING_COMPILER_...), or linked alone (SLOTRING_LINKER_...)?
# Sets NAME.
function(slotring_check_flags name)
  if(NOT name MATCHES "_LINKER_")
    set(CMAKE_REQUIRED_DEFINITIONS ${ARGN})
  endif()
  set(CMAKE_REQUIRED_LINK_OPTIONS ${ARGN})
  check_c_source_compiles("int main(void) { return 0; }" ${name})
endfunction()

set(slotring_sanitizer_flags "")
if(SLOTRING_SANITIZER STREQUAL "address")
  set(slotring_sanitizer_flags -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(SLOTRING_SANITIZER STREQUAL "thread")
  set(slotring_sanitizer_flags -fsanitize=thread)
endif()
if(slotring_sanitizer_flags)
  slotring_check_flags(SLOTRING_COMPILER_SANITIZES_${SLOTRING_SANITIZER} ${slotring_sanitizer_flags})
  if(NOT SLOTRING_COMPILER_SANITIZES_${SLOTRING_SANITIZER})
    message(FATAL_ERROR "SLOTRING_SANITIZER is ${SLOTRING_SANITIZER}, but this compiler cannot link such a program")
  endif()
  target_compile_options(slotring_flags INTERFACE ${slotring_sanitizer_flags} -fno-omit-frame-pointer)
  target_link_options(slotring_flags INTERFACE ${slotring_sanitizer_flags})
endif()

if(SLOTRING_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT slotring_has_lto OUTPUT slotring_lto_output LANGUAGES C)
  if(NOT slotring_has_lto)
    message(FATAL_ERROR "SLOTRING_LTO is ON but this compiler cannot: ${slotring_lto_output}")
  endif()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

include(SlotringReproducible)
