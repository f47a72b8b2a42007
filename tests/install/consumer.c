/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else: sees only what was installed, passes one message through a ring of its own, and
 * checks that header and library are of one version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <slotring/slotring.h>

static const char message[] = "through the ring";

static void must(int result, const char *call)
{
    if (result < 0) {
        slotring_error_t error;
        slotring_last_error(&error);
        fprintf(stderr, "%s: %s: %s\n", call, slotring_error_name(result), error.text);
        exit(EXIT_FAILURE);
    }
}

static void publish(slotring_t *ring, slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    must(slotring_allocate(ring, sizeof message, &slot), "slotring_allocate");
    memcpy(slot.data, message, sizeof message);
    must(slotring_mark_ready(ring, &slot, sizeof message), "slotring_mark_ready");
    *ticket = slot.ticket;
}

static void read_back(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    must(slotring_acquire_for_read(ring, ticket, &slot), "slotring_acquire_for_read");
    if (slot.length != sizeof message || memcmp(slot.data, message, sizeof message) != 0) {
        fprintf(stderr, "the message came back changed\n");
        exit(EXIT_FAILURE);
    }
    must(slotring_release(ring, &slot), "slotring_release");
}

/* One argument: the name of the ring, which must not exist. */
int main(int argc, char **argv)
{
    slotring_t *ring;
    slotring_ticket_t ticket;
    slotring_options_t options;
    if (argc != 2 || strcmp(slotring_version(), SLOTRING_VERSION_STRING) != 0) {
        fprintf(stderr, "library %s, header %s\n", slotring_version(), SLOTRING_VERSION_STRING);
        return EXIT_FAILURE;
    }
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.total_size = UINT64_C(1) << 20;
    options.slot_size = UINT64_C(64) << 10;
    must(slotring_open(&ring, argv[1], &options, NULL), "slotring_open");
    publish(ring, &ticket);
    read_back(ring, &ticket);
    /* In this order everywhere: on Windows the ring is gone with its last handle. */
    must(slotring_unlink(argv[1], SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "slotring_unlink");
    must(slotring_close(ring), "slotring_close");
    printf("slotring %s\n", slotring_version());
    return EXIT_SUCCESS;
}
