# SPDX-License-Identifier: Apache-2.0
# One compiler call with the flags of pkg-config; for the static library with --static and -static. The file holds the
# prefix of the installation; the tree was moved since, so pkg-config is told, as cross builds do.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

fresh_folder(folder)
set(ENV{PKG_CONFIG_PATH} "${PREFIX}/${LIBDIR}/pkgconfig")
run("${PKG_CONFIG}" --variable=prefix slotring)
if(output STREQUAL "${WORK}/staging\n")
  set(moved "--define-variable=prefix=${PREFIX}")
  file(READ "${PREFIX}/${LIBDIR}/pkgconfig/slotring.pc" content)
  if(content MATCHES "pcfiledir|/\\.\\.")
    message(FATAL_ERROR "slotring.pc goes to its prefix in a roundabout way:\n${content}")
  endif()
elseif(output MATCHES "pkgconfig/\\.\\.") # SLOTRING_RELOCATABLE_PC
  set(moved "")
else()
  message(FATAL_ERROR "slotring.pc says that the prefix is ${output}; it was installed to ${WORK}/staging")
endif()
if(KIND STREQUAL "static")
  run("${PKG_CONFIG}" ${moved} --static --cflags --libs slotring)
  set(flags "-static ${output}")
else()
  run("${PKG_CONFIG}" ${moved} --cflags --libs slotring)
  set(flags "${output}")
  set(ENV{LD_LIBRARY_PATH} "${PREFIX}/${LIBDIR}")
endif()
separate_arguments(flags UNIX_COMMAND "${flags}")
separate_arguments(LINK_FLAGS UNIX_COMMAND "${LINK_FLAGS}") # such as where the target has its loader
run("${COMPILER}" -std=c11 "${SOURCE}/tests/install/consumer.c" -o "${folder}/consumer" ${flags} ${LINK_FLAGS})
check_consumer("${folder}/consumer")

run("${PKG_CONFIG}" --modversion slotring)
if(NOT output STREQUAL "${VERSION}\n")
  message(FATAL_ERROR "slotring.pc says version ${output}, this is ${VERSION}")
endif()
