# SPDX-License-Identifier: Apache-2.0
# cmake --install, then find_package(slotring), in a project in C or, with CXX_COMPILER, in C++ alone (slotring::cpp).
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
set(link_static OFF)
if(KIND STREQUAL "static")
  set(link_static ON)
endif()
set(language "")
if(CXX_COMPILER)
  set(language -DCONSUMER_LANGUAGE=CXX "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}")
endif()
check_project(${language} "-DCMAKE_PREFIX_PATH=${PREFIX}" "-DWANTED_VERSION=${VERSION}" "-DWANTED_COMPONENT=${KIND}"
  "-DSLOTRING_LINK_STATIC=${link_static}")
