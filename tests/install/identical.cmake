# SPDX-License-Identifier: Apache-2.0
# The same bytes from other folders: two copies of the sources, with names of other lengths, built and installed; every
# file of the one tree equals that of the other, and holds no name of a folder. Optimised as little as possible: it is the
# names that could differ.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
fresh_folder(folder)
set(ENV{CCACHE_DISABLE} 1) # else the one folder may get what was compiled for the other
set(program OFF)
if(PROGRAM)
  set(program ON)
endif()

function(build_in sources build tree)
  foreach(part IN ITEMS CMakeLists.txt LICENSE README.md CHANGELOG.md SECURITY.md bridges cmake docs include platform src tools)
    file(COPY "${SOURCE}/${part}" DESTINATION "${sources}")
  endforeach()
  run("${CMAKE_COMMAND}" -S "${sources}" -B "${build}" -G "${GENERATOR}" "-DCMAKE_C_COMPILER=${COMPILER}"
    "-DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER}" -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DCMAKE_C_FLAGS_RELWITHDEBINFO=-O0 -g"
    -DSLOTRING_BUILD_TESTS=OFF -DSLOTRING_BUILD_TOOLS=${program} -DSLOTRING_RELOCATABLE_PC=ON -DSLOTRING_REPRODUCIBLE=ON
    -DCMAKE_INSTALL_PREFIX=/usr/local)
  run("${CMAKE_COMMAND}" --build "${build}" --parallel 2)
  set(ENV{DESTDIR} "${tree}")
  run("${CMAKE_COMMAND}" --install "${build}")
  unset(ENV{DESTDIR})
endfunction()
build_in("${folder}/a" "${folder}/a/build" "${folder}/tree-a")
build_in("${folder}/another/folder/for it" "${folder}/built elsewhere" "${folder}/tree-b")

file(GLOB_RECURSE files RELATIVE "${folder}/tree-a" "${folder}/tree-a/*")
file(GLOB_RECURSE others RELATIVE "${folder}/tree-b" "${folder}/tree-b/*")
list(LENGTH files count)
if(count LESS 20 OR NOT files STREQUAL others)
  message(FATAL_ERROR "one tree has\n${files}\nthe other\n${others}")
endif()
foreach(file IN LISTS files)
  file(SHA256 "${folder}/tree-a/${file}" one)
  file(SHA256 "${folder}/tree-b/${file}" other)
  if(NOT one STREQUAL other)
    message(FATAL_ERROR "${file} is not the same from another folder: compare ${folder}/tree-a and ${folder}/tree-b")
  endif()
  file(STRINGS "${folder}/tree-a/${file}" names REGEX "${NAME}/a(/|$)")
  if(names)
    message(FATAL_ERROR "${file} holds the name of the folder it was built in: ${names}")
  endif()
endforeach()

# SLOTRING_RELOCATABLE_PC: used from where it lies now, without a word.
if(PKG_CONFIG)
  set(ENV{PKG_CONFIG_PATH} "${folder}/tree-a/usr/local/${LIBDIR}/pkgconfig")
  run("${PKG_CONFIG}" --cflags --static --libs slotring)
  separate_arguments(flags UNIX_COMMAND "${output}")
  run("${COMPILER}" -std=c11 "${SOURCE}/tests/install/consumer.c" -o "${folder}/consumer" ${flags})
endif()
