# Not tested here: for callPackage, as in nixpkgs.
# SPDX-License-Identifier: Apache-2.0
{ lib, stdenv, cmake, ninja, pkg-config, popt, jansson, libdeflate, libmicrohttpd }:

stdenv.mkDerivation {
  pname = "slotring";
  version = "0.1.0";
  src = lib.cleanSource ../../..;

  nativeBuildInputs = [ cmake ninja pkg-config ];
  buildInputs = [ popt jansson libdeflate libmicrohttpd ];
  cmakeFlags = [
    "-DSLOTRING_BUILD_SHARED=ON"
    "-DSLOTRING_BUILD_STATIC=ON"
    "-DSLOTRING_BUILD_TOOLS=ON"
    "-DSLOTRING_WITH_HTTP=ON"
    "-DSLOTRING_CRC32=libdeflate"
    "-DSLOTRING_BUILD_TESTS=OFF"
    "-DSLOTRING_BUILD_BENCH=OFF"
    "-DSLOTRING_WITH_BRIDGE=OFF"
  ];

  meta = {
    description = "Hands large blocks of data between processes through shared memory, without copying";
    license = lib.licenses.asl20;
    platforms = lib.platforms.unix;
    mainProgram = "slotring";
  };
}
