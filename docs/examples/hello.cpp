/* SPDX-License-Identifier: Apache-2.0 */
#include <cstdio>
#include <cstring>
#include <slotring/slotring.hpp>

int main()
try {
    slotring::ring ring("hello-cpp",
                        slotring::ring_options().slots(16, 1 << 20)); // creates it, or attaches to it
    slotring::reader reader = ring.subscribe();
    slotring::writer_slot slot = ring.allocate(6, slotring::forever).value();
    std::memcpy(slot.data(), "Hello", 6); // fill the slot in place
    slot.publish(6);                      // without this line the slot is given back
    if (slotring::result<slotring::message> message =
            reader.next()) // any number of processes may read it in place
        std::printf("message %u: %s\n", unsigned(message->sequence()),
                    static_cast<const char *>(message->data()));
    slotring::unlink("hello-cpp", SLOTRING_UNLINK_WHEN_UNUSED);
} catch (const slotring::error &error) { // what() is the sentence of the library
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
