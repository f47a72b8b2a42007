# SPDX-License-Identifier: Apache-2.0
# The installed program finds its library without help, and its manual pages came along.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

run(${EMULATOR} "${PREFIX}/${BINDIR}/slotring" --version)
if(NOT output MATCHES "slotring ${VERSION}")
  message(FATAL_ERROR "slotring --version said \"${output}\"")
endif()
file(GLOB pages "${PREFIX}/${MANDIR}/man1/slotring*.1")
if(NOT pages)
  message(FATAL_ERROR "no manual page of the program in ${PREFIX}/${MANDIR}/man1")
endif()
foreach(file IN ITEMS bash-completion/completions/slotring zsh/site-functions/_slotring fish/vendor_completions.d/slotring.fish
  slotring/metrics/alerts.yml slotring/metrics/dashboard.json)
  if(NOT EXISTS "${PREFIX}/${DATADIR}/${file}")
    message(FATAL_ERROR "not installed: ${PREFIX}/${DATADIR}/${file}")
  endif()
endforeach()
