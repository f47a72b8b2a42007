/* SPDX-License-Identifier: Apache-2.0 */
/* The configurations: how small the ring is, who takes part, and what they may do. */
#include "model.h"

#define TICKETS MAY_FREE | MAY_RELEASE

const configuration_t configurations[] = {
    /* name, roles, participants, slots, order, lag, width, messages, reads, rows, kills, may, when */
    {"one", "P", "0", 1, 2, 1, 1, 3, 0, 1, 2, MAY_ABORT | WEAK, ALWAYS},
    {"lag", "PP", "01", 1, 4, 2, 1, 2, 0, 1, 1, 0, ALWAYS},
    {"join", "PL", "01", 2, 4, 1, 2, 4, 2, 1, 1, MAY_LEAVE | WEAK, ALWAYS},
    {"join-2", "PPL", "012", 2, 4, 1, 2, 2, 1, 1, 0, 0, FOR_FAULTS},
    {"hold", "PY", "01", 2, 4, 1, 2, 3, 2, 1, 1, WEAK, ALWAYS},
    {"order", "PT", "01", 2, 2, 1, 2, 3, 2, 1, 1, TICKETS | WEAK, ALWAYS},
    {"order-2", "PPT", "012", 2, 2, 1, 2, 2, 1, 1, 0, TICKETS, FOR_FAULTS},
    {"back", "PTT", "012", 1, 2, 1, 1, 2, 1, 1, 0, TICKETS, FOR_FAULTS},
    {"free", "PLT", "012", 2, 4, 1, 2, 2, 1, 1, 0, TICKETS, FOR_FAULTS},
    {"keep", "PT", "01", 2, 4, 1, 2, 3, 2, 1, 1, TICKETS | KEEPS | GIVES_UP, ALWAYS},
    {"hint", "PP", "01", 1, 2, 1, 1, 2, 0, 1, 1, MAY_ABORT, ALWAYS},
    {"hint-2", "PP", "01", 2, 4, 1, 2, 2, 0, 1, 0, MAY_ABORT, FOR_FAULTS},
    {"wait", "PL", "01", 1, 2, 1, 1, 3, 3, 1, 1, WAITS, ALWAYS},
    {"wait-2", "PP", "01", 1, 2, 1, 2, 2, 0, 1, 0, WAITS, FOR_FAULTS},
    {"wait-hold", "PT", "01", 1, 2, 1, 1, 2, 1, 1, 0, WAITS | TICKETS, ALWAYS},
    {"jump", "PY", "01", 1, 2, 1, 1, 4, 2, 1, 0, WEAK, ALWAYS},
    {"jump-keep", "PYT", "012", 2, 4, 1, 2, 3, 1, 1, 0, KEEPS | GIVES_UP | TICKETS, FOR_FAULTS},
    {"forge", "PT", "01", 1, 2, 1, 1, 2, 2, 1, 1, TICKETS | MAY_FORGE | WEAK, ALWAYS},
    {"forge-keep", "PT", "01", 1, 2, 1, 1, 2, 2, 1, 1, TICKETS | MAY_FORGE | KEEPS | GIVES_UP, ALWAYS},
    {"history", "PL", "01", 2, 4, 1, 2, 3, 1, 1, 1, FROM_OLDEST, ALWAYS},
    {"batch", "PP", "01", 2, 4, 1, 2, 2, 0, 1, 0, BATCHES, ALWAYS},
    {"threads", "PTT", "011", 1, 2, 1, 1, 2, 1, 1, 0, TICKETS, ALWAYS},
    {"threads-2", "PPT", "001", 1, 2, 1, 1, 2, 1, 1, 0, TICKETS, FOR_FAULTS},
    {"own", "PT", "00", 2, 4, 1, 2, 3, 1, 1, 0, TICKETS, FOR_FAULTS},
    {"commit", "PPY", "012", 2, 4, 1, 2, 2, 1, 1, 1, 0, FOR_FAULTS},
    {"commit-2", "PP", "01", 1, 2, 1, 1, 2, 0, 1, 1, 0, FOR_FAULTS},
};
const int configuration_count = sizeof configurations / sizeof configurations[0];
