# SPDX-License-Identifier: Apache-2.0
# For zig.cmake. CMake asks the machine which macOS it is, and without an answer takes it for one that knows no rpath.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
# zig's linker crashes on bundles, which modules of Python usually are; Python loads a dynamic library as well.
set(CMAKE_SHARED_MODULE_CREATE_C_FLAGS "-dynamiclib")
