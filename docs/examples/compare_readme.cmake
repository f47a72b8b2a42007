# SPDX-License-Identifier: Apache-2.0
# The example that a document shows must be the one that is compiled and run.
# cmake -DDOCUMENT=README.md -DEXAMPLE=docs/examples/hello.c -DLANGUAGE=c -P compare_readme.cmake
file(READ "${DOCUMENT}" document)
file(READ "${EXAMPLE}" example)
string(REGEX REPLACE "^/\\* SPDX[^\n]*\n" "" example "${example}")
string(FIND "${document}" "```${LANGUAGE}\n${example}```\n" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${DOCUMENT} does not show ${EXAMPLE} as it is (without its licence line)")
endif()
