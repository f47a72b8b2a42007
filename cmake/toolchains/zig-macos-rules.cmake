# SPDX-License-Identifier: Apache-2.0
# For zig.cmake. CMake asks the machine which macOS it is, and without an answer takes it for one that knows no rpath.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
