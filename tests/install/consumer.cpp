/* SPDX-License-Identifier: Apache-2.0 */
/* The same as consumer.c, by somebody who writes C++. */
#include <cstdio>
#include <cstring>

#include <slotring/slotring.hpp>

/* One argument: the name of the ring, which must not exist. */
int main(int argc, char **argv)
try {
    if (argc != 2 || std::strcmp(slotring::version(), SLOTRING_VERSION_STRING) != 0)
        return std::fprintf(stderr, "library %s, header %s\n", slotring::version(), SLOTRING_VERSION_STRING),
               1;
    slotring::ring ring(argv[1], slotring::ring_options().create().slots(16, 64 << 10));
    const slotring::ticket ticket = ring.publish_text("through the ring").value();
    if (ring.acquire(ticket).value().text() != "through the ring")
        return std::fprintf(stderr, "the message came back changed\n"), 1;
    slotring::unlink(argv[1], SLOTRING_UNLINK_WHEN_UNUSED);
    ring.close();
    std::printf("slotring %s\n", slotring::version());
} catch (const slotring::error &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
