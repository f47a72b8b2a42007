# Not tested here: vcpkg fetches sources from a public forge, and there is none yet. REPO and SHA512 are to be filled in.
# SPDX-License-Identifier: Apache-2.0
vcpkg_from_github(OUT_SOURCE_PATH SOURCE_PATH REPO OWNER/slotring REF "v${VERSION}" SHA512 0 HEAD_REF main)
string(COMPARE EQUAL "${VCPKG_LIBRARY_LINKAGE}" "dynamic" SHARED)
string(COMPARE EQUAL "${VCPKG_LIBRARY_LINKAGE}" "static" STATIC)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}" OPTIONS
  -DSLOTRING_BUILD_SHARED=${SHARED} -DSLOTRING_BUILD_STATIC=${STATIC} -DSLOTRING_BUILD_TOOLS=OFF
  -DSLOTRING_BUILD_TESTS=OFF -DSLOTRING_BUILD_BENCH=OFF -DSLOTRING_WITH_BRIDGE=OFF -DSLOTRING_RELOCATABLE_PC=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME slotring CONFIG_PATH lib/cmake/slotring)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
