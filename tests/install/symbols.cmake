# SPDX-License-Identifier: Apache-2.0
# The shared library exports what the public header declares, all of it and nothing else, and each under the version of
# its ABI. The static one keeps to the two prefixes, so that it cannot clash with a host program's names.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

if(KIND STREQUAL "shared")
  run("${NM}" -D --defined-only "${LIBRARY}")
else()
  run("${NM}" -g --defined-only "${LIBRARY}")
endif()
string(REGEX MATCHALL "[0-9a-f]+ [A-Za-z] [^\n]+" lines "${output}")
set(defined "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^[0-9a-f]+ [A-Za-z] ([^@]+).*$" "\\1" symbol "${line}")
  if(KIND STREQUAL "shared" AND SYMBOL_VERSION)
    if(symbol STREQUAL SYMBOL_VERSION)
      continue() # the version itself
    elseif(NOT line MATCHES "@@${SYMBOL_VERSION}$")
      message(FATAL_ERROR "\"${symbol}\" does not carry the version ${SYMBOL_VERSION}: ${line}")
    endif()
  endif()
  list(APPEND defined "${symbol}")
endforeach()

file(STRINGS "${SOURCE}/include/slotring/slotring.h" lines REGEX "^SLOTRING_API ")
set(declared "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^.*[ *](slotring_[a-z0-9_]+)\\(.*$" "\\1" symbol "${line}")
  list(APPEND declared "${symbol}")
endforeach()
list(LENGTH declared count)
if(count LESS 40)
  message(FATAL_ERROR "only ${count} calls found in the header; this script no longer understands it")
endif()

set(missing "${declared}")
list(REMOVE_ITEM missing ${defined})
if(missing)
  message(FATAL_ERROR "declared but not in the library: ${missing}")
endif()
set(extra "${defined}")
list(REMOVE_ITEM extra ${declared})
list(REMOVE_ITEM extra _init _fini) # musl's start files have them
if(KIND STREQUAL "static")
  list(FILTER extra EXCLUDE REGEX "^(sr__|__x86[.]get_pc_thunk[.])") # the compiler's own, merged by the linker
endif()
if(extra)
  message(FATAL_ERROR "in the library but not declared in the public header: ${extra}")
endif()
