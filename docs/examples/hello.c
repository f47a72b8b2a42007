/* SPDX-License-Identifier: Apache-2.0 */
#include <slotring/slotring.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    slotring_options_t small = {.struct_size = sizeof small, .total_size = 16 << 20, .slot_size = 1 << 20};
    slotring_t *ring;
    slotring_reader_t *reader;
    slotring_slot_t slot;
    slotring_error_t error;
    if (slotring_open(&ring, "hello", &small, &error) != 0) /* creates the ring, or attaches to it */
        return fprintf(stderr, "%s\n", error.text), 1;
    if (slotring_subscribe(ring, NULL, &reader) == 0 && slotring_allocate(ring, 6, &slot) == 0) {
        memcpy(slot.data, "Hello", 6);             /* fill the slot in place */
        slotring_mark_ready(ring, &slot, 6);       /* publish it */
        if (slotring_next(reader, -1, &slot) == 0) /* any number of processes may read it in place */
            printf("message %u: %s\n", (unsigned)slot.sequence, (const char *)slot.data);
    }
    return slotring_unlink("hello", SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL) || slotring_close(ring);
}
