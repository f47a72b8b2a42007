# Not tested here: there is no Mac. The address and the sum of the sources are to be filled in at a release.
# SPDX-License-Identifier: Apache-2.0
class Slotring < Formula
  desc "Hands large blocks of data between processes through shared memory"
  homepage "https://slotring.invalid/"
  url "https://slotring.invalid/slotring-0.1.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "Apache-2.0"

  depends_on "cmake" => :build
  depends_on "pkgconf" => :build
  depends_on "jansson"
  depends_on "libmicrohttpd"
  depends_on "popt"

  def install
    system "cmake", "-S", ".", "-B", "build", "-DSLOTRING_BUILD_SHARED=ON", "-DSLOTRING_BUILD_STATIC=ON",
           "-DSLOTRING_BUILD_TOOLS=ON", "-DSLOTRING_WITH_HTTP=ON", "-DSLOTRING_BUILD_TESTS=OFF",
           "-DSLOTRING_BUILD_BENCH=OFF", "-DSLOTRING_WITH_BRIDGE=OFF", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    (testpath/"lines").write("one\ntwo\n")
    system bin/"slotring", "create", "brewtest", "--slots", "4", "--slot-size", "4K"
    system "#{bin}/slotring write brewtest --records < lines"
    assert_equal "one\ntwo\n", shell_output("#{bin}/slotring read brewtest --oldest --lines")
    system bin/"slotring", "rm", "brewtest"
  end
end
