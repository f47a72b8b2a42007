# SPDX-License-Identifier: Apache-2.0
# Manual and examples are installed; each link in the documents leads to what was installed too; and the example
# compiles there as a reader would do it.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
set(documents "${PREFIX}/${DOCDIR}")
foreach(file IN ITEMS README.md CHANGELOG.md LICENSE manual.md design.md building.md examples/hello.c
                     coming-from/nscldaq.md)
  if(NOT EXISTS "${documents}/${file}")
    message(FATAL_ERROR "${file} is not in ${documents}")
  endif()
endforeach()

file(GLOB texts "${documents}/*.md" "${documents}/coming-from/*.md")
set(count 0)
foreach(text IN LISTS texts)
  file(READ "${text}" content)
  # Lists bear neither brackets nor semicolons.
  string(REPLACE "](" "<link>" content "${content}")
  string(REGEX REPLACE "[];[]" "" content "${content}")
  string(REGEX MATCHALL "<link>[^)# \n]+" links "${content}")
  get_filename_component(folder "${text}" DIRECTORY)
  foreach(link IN LISTS links)
    string(REPLACE "<link>" "" link "${link}")
    if(NOT link MATCHES "^[a-z]+:")
      math(EXPR count "${count} + 1")
      if(NOT EXISTS "${folder}/${link}")
        message(FATAL_ERROR "${text}: the link to ${link} leads nowhere")
      endif()
    endif()
  endforeach()
endforeach()
if(count LESS 10)
  message(FATAL_ERROR "only ${count} links found in the documents; this script no longer understands them")
endif()

fresh_folder(folder)

# Below DESTDIR, in a folder of any kind.
foreach(given IN ITEMS share/doc /usr/share/doc)
  set(ENV{DESTDIR} "${folder}/staged")
  run("${CMAKE_COMMAND}" "-DSOURCE=${SOURCE}" "-DWORK=${folder}/texts" "-DDESTINATION=${given}" -DTO_INCLUDE=../include
    -DCMAKE_INSTALL_PREFIX=/usr -P "${SOURCE}/cmake/install_documents.cmake")
  unset(ENV{DESTDIR})
  foreach(file IN ITEMS manual.md LICENSE coming-from/midas.md)
    if(NOT EXISTS "${folder}/staged/usr/share/doc/${file}")
      message(FATAL_ERROR "with ${given} as the folder of the documents, ${file} is not in /usr/share/doc")
    endif()
  endforeach()
  file(REMOVE_RECURSE "${folder}/staged")
endforeach()

run("${COMPILER}" -std=c11 -Wall -Werror "-I${PREFIX}/${INCLUDEDIR}" -c "${documents}/examples/hello.c" -o "${folder}/hello.o")
