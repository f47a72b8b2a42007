# SPDX-License-Identifier: Apache-2.0
# The same sources, compiler and options give the same bytes, wherever sources and build lie and whenever it is built.
# With AUTO not in Debug builds: there a debugger is to find the sources without being told where they are. With LTO only
# from the same folders: what gcc and clang keep for the linker holds names of them.

if(SLOTRING_REPRODUCIBLE STREQUAL "OFF")
  return()
endif()
if(SLOTRING_REPRODUCIBLE STREQUAL "ON" AND SLOTRING_LTO)
  message(FATAL_ERROR "SLOTRING_REPRODUCIBLE is ON, but with SLOTRING_LTO the bytes depend on the folders")
endif()
set(slotring_reproducible_options "")
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  check_c_compiler_flag("-ffile-prefix-map=/a=." SLOTRING_COMPILER_MAPS_PREFIXES)
  if(SLOTRING_COMPILER_MAPS_PREFIXES)
    list(APPEND slotring_reproducible_options "-ffile-prefix-map=${PROJECT_SOURCE_DIR}=."
      "-ffile-prefix-map=${PROJECT_BINARY_DIR}=./build")
  endif()
  check_c_compiler_flag("-ffile-compilation-dir=." SLOTRING_COMPILER_MAPS_ITS_FOLDER) # clang: where it runs
  if(SLOTRING_COMPILER_MAPS_ITS_FOLDER)
    list(APPEND slotring_reproducible_options "-ffile-compilation-dir=./build")
  endif()
endif()
if(SLOTRING_REPRODUCIBLE STREQUAL "ON")
  if(NOT slotring_reproducible_options)
    message(FATAL_ERROR "SLOTRING_REPRODUCIBLE is ON, but this compiler cannot leave the names of folders out "
                        "(-ffile-prefix-map)")
  endif()
  target_compile_options(slotring_flags INTERFACE ${slotring_reproducible_options})
else()
  target_compile_options(slotring_flags INTERFACE "$<$<NOT:$<CONFIG:Debug>>:${slotring_reproducible_options}>")
endif()

# A program in the build folder finds its library by its own place: the text is as long wherever it is built.
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

# Archives without times, users and modes. GNU's ar is built to do so by itself in most distributions, not in all.
set(slotring_archiver "")
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang" AND CMAKE_AR AND NOT APPLE)
  execute_process(COMMAND "${CMAKE_AR}" --version OUTPUT_VARIABLE slotring_archiver ERROR_QUIET)
endif()
if(slotring_archiver MATCHES "GNU ar|LLVM")
  set(CMAKE_C_ARCHIVE_CREATE "<CMAKE_AR> qcD <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_C_ARCHIVE_APPEND "<CMAKE_AR> qD <TARGET> <LINK_FLAGS> <OBJECTS>")
  set(CMAKE_C_ARCHIVE_FINISH "<CMAKE_RANLIB> -D <TARGET>")
endif()
if(MINGW)
  slotring_check_flags(SLOTRING_LINKER_LEAVES_OUT_TIMES -Wl,--no-insert-timestamp)
  if(SLOTRING_LINKER_LEAVES_OUT_TIMES)
    target_link_options(slotring_flags INTERFACE -Wl,--no-insert-timestamp)
  endif()
endif()
