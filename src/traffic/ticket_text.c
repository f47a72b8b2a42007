/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets as text: slotring1-RINGID-SEQUENCE-SLOT-FLAGS, all hexadecimal. Each ticket has one text and no other, so
 * that texts may be compared and used as keys. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "platform.h"

#define PREFIX "slotring1-"

int slotring_ticket_to_text(const slotring_ticket_t *ticket, char *text, size_t size)
{
    if (!ticket || !text)
        return sr__error(SLOTRING_E_INVALID, "ticket and text must not be NULL");
    if (size < SLOTRING_TICKET_TEXT_SIZE)
        return sr__error(SLOTRING_E_SIZE, "a ticket needs %u bytes as text, there are %zu",
                         SLOTRING_TICKET_TEXT_SIZE, size);
    static const char digits[] = "0123456789abcdef";
    size_t used = strlen(PREFIX);
    memcpy(text, PREFIX, used);
    for (size_t i = 0; i < sizeof ticket->ring_id; i++) {
        text[used++] = digits[ticket->ring_id[i] >> 4];
        text[used++] = digits[ticket->ring_id[i] & 15];
    }
    snprintf(text + used, size - used, "-%" PRIx64 "-%" PRIx32 "-%" PRIx32, ticket->sequence, ticket->slot,
             ticket->flags);
    return 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* One hexadecimal number of 1 to `digits` digits, the first of several not 0, ended by `end`. */
static bool number(const char **text, int digits, char end, uint64_t *value)
{
    const char *at = *text;
    *value = 0;
    while (digit(*at) >= 0 && digits-- > 0)
        *value = *value << 4 | (uint64_t)digit(*at++);
    if (at == *text || *at != end || (**text == '0' && at - *text > 1))
        return false;
    *text = at + 1;
    return true;
}

int slotring_ticket_from_text(const char *text, slotring_ticket_t *ticket)
{
    if (!text || !ticket)
        return sr__error(SLOTRING_E_INVALID, "text and ticket must not be NULL");
    slotring_ticket_t read = {.sequence = 0};
    const char *at = text;
    bool good = strncmp(at, PREFIX, strlen(PREFIX)) == 0;
    if (good)
        at += strlen(PREFIX);
    for (size_t i = 0; good && i < sizeof read.ring_id; i++) {
        good = digit(at[0]) >= 0 && digit(at[1]) >= 0;
        if (good)
            read.ring_id[i] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
        at += good ? 2 : 0;
    }
    uint64_t slot = 0, flags = 0;
    good = good && *at++ == '-' && number(&at, 16, '-', &read.sequence) && number(&at, 8, '-', &slot) &&
           number(&at, 8, '\0', &flags);
    if (!good)
        return sr__error(SLOTRING_E_INVALID,
                         "\"%.80s\" is not a ticket (slotring1-RINGID-SEQUENCE-SLOT-FLAGS)", text);
    read.slot = (uint32_t)slot;
    read.flags = (uint32_t)flags;
    *ticket = read;
    return 0;
}
