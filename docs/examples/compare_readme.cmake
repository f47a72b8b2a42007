# SPDX-License-Identifier: Apache-2.0
# The example that README.md shows must be the one that is compiled and run.
# cmake -DREADME=README.md -DEXAMPLE=docs/examples/hello.c -P compare_readme.cmake
file(READ "${README}" readme)
file(READ "${EXAMPLE}" example)
string(REGEX REPLACE "^/\\* SPDX[^\n]*\n" "" example "${example}")
string(FIND "${readme}" "```c\n${example}```\n" at)
if(at EQUAL -1)
  message(FATAL_ERROR "README.md does not show ${EXAMPLE} as it is (without its licence line)")
endif()
