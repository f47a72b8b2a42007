# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share.
cmake_policy(VERSION 3.16)

set(PREFIX "${WORK}/moved")

# Runs a command; sets `output`. Ends the script with all the command said if it fails.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT status EQUAL 0)
    string(REPLACE ";" " " command "${ARGV}")
    message(FATAL_ERROR "${command}\nended with ${status}\n${out}${err}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

# An empty folder for this test.
function(fresh_folder variable)
  file(REMOVE_RECURSE "${WORK}/${NAME}")
  file(MAKE_DIRECTORY "${WORK}/${NAME}")
  set(${variable} "${WORK}/${NAME}" PARENT_SCOPE)
endfunction()

# Runs the consumer, and checks that it is linked to the library in the way that it should be.
function(check_consumer program)
  string(RANDOM LENGTH 12 suffix)
  run(${EMULATOR} "${program}" "install-test-${NAME}-${suffix}")
  if(NOT output STREQUAL "slotring ${VERSION}\n")
    message(FATAL_ERROR "the consumer said \"${output}\"")
  endif()
  if(READELF)
    run("${READELF}" -d "${program}")
    if(output MATCHES "NEEDED[^\n]*\\[libslotring\\.so\\.0\\]")
      set(linked shared)
    elseif(output MATCHES "libslotring")
      message(FATAL_ERROR "linked to another name than libslotring.so.0:\n${output}")
    else()
      set(linked static)
    endif()
    if(NOT linked STREQUAL KIND)
      message(FATAL_ERROR "asked for the ${KIND} library, but linked to the ${linked} one:\n${output}")
    endif()
  endif()
endfunction()

# Configures, builds and checks the consumer's CMake project.
function(check_project)
  fresh_folder(folder)
  run("${CMAKE_COMMAND}" -S "${SOURCE}/tests/install/project" -B "${folder}" -G "${GENERATOR}"
    "-DCMAKE_C_COMPILER=${COMPILER}" "-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_TOOLCHAIN_FILE=${TOOLCHAIN}"
    "-DSLOTRING_CROSS_PREFIX=${PREFIX}" ${ARGV})
  run("${CMAKE_COMMAND}" --build "${folder}" --parallel --target consumer)
  check_consumer("${folder}/consumer")
endfunction()

# As if nothing but the compiler and its C library were installed: sets HIDDEN, arguments for CMake.
function(hide_everything nothing)
  file(MAKE_DIRECTORY "${nothing}")
  set(ENV{PKG_CONFIG_LIBDIR} "${nothing}")
  set(ENV{PKG_CONFIG_PATH} "")
  set(HIDDEN "-DCMAKE_FIND_ROOT_PATH=${nothing}" -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY
    -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=ONLY PARENT_SCOPE)
endfunction()
