# SPDX-License-Identifier: Apache-2.0
# cmake --install, then find_package(slotring).
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
set(link_static OFF)
if(KIND STREQUAL "static")
  set(link_static ON)
endif()
check_project("-DCMAKE_PREFIX_PATH=${PREFIX}" "-DWANTED_VERSION=${VERSION}" "-DWANTED_COMPONENT=${KIND}"
  "-DSLOTRING_LINK_STATIC=${link_static}")
