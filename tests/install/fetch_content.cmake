# SPDX-License-Identifier: Apache-2.0
# The source tree by way of FetchContent, here from a folder instead of a repository.
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
check_project("-DSLOTRING_FETCH=${SOURCE}")
