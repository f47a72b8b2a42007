# SPDX-License-Identifier: Apache-2.0
# "cmake -S . -B build && cmake --build build" where there is a C compiler and nothing else: no Python, no pkg-config,
# none of the libraries that program and tests are made with, and, where this user may forbid it, no network. It gives
# the library, and says why it gives no more.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
fresh_folder(folder)
hide_everything("${folder}/nothing")

# What a compiler calls, what builds, and no other program.
file(MAKE_DIRECTORY "${folder}/bin")
set(ENV{PATH} "$ENV{PATH}:/usr/bin:/bin")
foreach(tool IN ITEMS as ld ar ranlib nm objcopy objdump readelf strip sh "${LAUNCHER}")
  if(tool)
    unset(program CACHE)
    find_program(program "${tool}")
    if(program)
      get_filename_component(name "${tool}" NAME)
      file(CREATE_LINK "${program}" "${folder}/bin/${name}" SYMBOLIC)
    endif()
  endif()
endforeach()
set(no_network "")
find_program(unshare unshare)
foreach(rights IN ITEMS --net "--map-root-user;--net")
  if(unshare AND NOT no_network)
    execute_process(COMMAND "${unshare}" ${rights} true RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
    if(status EQUAL 0)
      set(no_network "${unshare}" ${rights})
    endif()
  endif()
endforeach()
set(ENV{PATH} "${folder}/bin")

run(${no_network} "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${folder}/build" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}"
  "-DCMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}" "-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O0"
  ${HIDDEN})
foreach(line IN ITEMS "library: shared and static" "program slotring: no, because" "tests: no, because CUnit was not found")
  if(NOT output MATCHES "${line}")
    message(FATAL_ERROR "the configuration does not say \"${line}\":\n${output}")
  endif()
endforeach()
run(${no_network} "${CMAKE_COMMAND}" --build "${folder}/build" --parallel)
file(GLOB libraries "${folder}/build/libslotring.*")
list(LENGTH libraries count)
if(count LESS 2)
  message(FATAL_ERROR "there is only ${libraries} in ${folder}/build")
endif()
