# SPDX-License-Identifier: Apache-2.0
# conan create packaging/conan: the library, shared or static, from the sources around this file.
import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir


class SlotringConan(ConanFile):
    name = "slotring"
    license = "Apache-2.0"
    description = "Hands large blocks of data between processes through shared memory, without copying"
    topics = ("shared-memory", "ring-buffer", "zero-copy", "data-acquisition")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": False}
    languages = "C"

    @property
    def _top(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._top, "include", "slotring", "version.h"))
        self.version = re.search(r'SLOTRING_VERSION_STRING "([0-9.]+)"', header).group(1)

    def export_sources(self):
        for file in ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"):
            copy(self, file, self._top, self.export_sources_folder)
        # The tests are not built here, and are as large as the rest.
        for folder in ("cmake", "docs", "include", "platform", "src"):
            copy(self, "*", os.path.join(self._top, folder), os.path.join(self.export_sources_folder, folder))

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["SLOTRING_BUILD_SHARED"] = "ON" if self.options.shared else "OFF"
        toolchain.cache_variables["SLOTRING_BUILD_STATIC"] = "OFF" if self.options.shared else "ON"
        for part in ("BUILD_TOOLS", "BUILD_TESTS", "BUILD_BENCH", "WITH_BRIDGE"):
            toolchain.cache_variables["SLOTRING_" + part] = "OFF"
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # Conan writes its own, for the folder in which the package comes to lie.
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "slotring")
        self.cpp_info.set_property("cmake_target_name", "slotring::slotring")
        self.cpp_info.set_property("pkg_config_name", "slotring")
        static_on_windows = self.settings.os == "Windows" and not self.options.shared
        self.cpp_info.libs = ["slotring_static" if static_on_windows else "slotring"]
        if not self.options.shared:
            self.cpp_info.defines = ["SLOTRING_STATIC"]
            self.cpp_info.system_libs = ["advapi32", "bcrypt"] if self.settings.os == "Windows" else ["pthread"]
