/* SPDX-License-Identifier: Apache-2.0 */
/* Durable subscriptions: found by name, taken over. */
#ifndef SR_TAKEOVER_H
#define SR_TAKEOVER_H

#include "handle.h"

#define SR__NO_SUCH_NAME 1

/* Where a durable subscription is, and its state when it was found. */
typedef struct sr__named {
    uint32_t row;
    uint64_t word;
} sr__named_t;

/* The durable subscription of this name, as it is now. False: there is none. */
bool sr__named_look(const sr__view_t *view, const char *name, sr__named_t *found);
/* The durable subscription of this name that has no owner. An owner that died is repaired first; locked: the caller holds the
 * process mutex. 0; SR__NO_SUCH_NAME; E_SUBSCRIBED: a living process has it; or why the repair failed. */
int sr__named_find(slotring_t *ring, const char *name, bool locked, sr__named_t *found);
/* Ends it, if it is still as it was found; under the process mutex. */
bool sr__named_drop(slotring_t *ring, const sr__named_t *found);
/* Repairs after the dead. 0, or why not. locked: the caller holds the process mutex. */
int sr__named_repair(slotring_t *ring, bool locked);
/* Makes this reader the owner of the subscription of that name, and lets it go on where the last owner stopped. As
 * sr__named_find; E_INVALID: it wants other messages than this reader. After any other error the subscription is the reader's. */
int sr__take_over(slotring_reader_t *reader, const char *name, bool locked);
/* Does the subscription that was found want what this reader wants? Its account is not to change what it means. 0 or E_INVALID. */
int sr__named_check_wanted(const slotring_reader_t *reader, const char *name, const sr__named_t *named);
/* A durable subscription begins: what its next owner will find, but for the flag. */
void sr__durable_begin(slotring_reader_t *reader);

#endif
