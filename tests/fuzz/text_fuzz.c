/* SPDX-License-Identifier: Apache-2.0 */
/* Names of rings and tickets as text, as they come from the command line or from a network. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "slotring/slotring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ticket(const char *text)
{
    slotring_ticket_t parsed, again;
    char printed[SLOTRING_TICKET_TEXT_SIZE];
    if (slotring_ticket_from_text(text, &parsed) != 0)
        return;
    if (slotring_ticket_to_text(&parsed, printed, sizeof printed) != 0 ||
        slotring_ticket_from_text(printed, &again) != 0 || memcmp(&parsed, &again, sizeof parsed) != 0)
        abort(); /* what was accepted must come back unchanged */
}

static void name(const char *text)
{
    slotring_options_t options;
    slotring_t *ring;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.slot_size = 64;
    options.total_size = 256;
    if (slotring_open(&ring, text, &options, NULL) != 0)
        return;
    slotring_list_entry_t entry;
    uint32_t count = 0;
    if (slotring_list(NULL, &entry, 1, &count, NULL) != 0 || count != 1 || strcmp(entry.name, text) != 0)
        abort(); /* a ring that can be made is listed under the same name */
    if (slotring_close(ring) != 0 || slotring_unlink(text, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    folder_make();
    ticket(text);
    name(text);
    free(text);
    return 0;
}
