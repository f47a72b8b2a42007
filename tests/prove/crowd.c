/* SPDX-License-Identifier: Apache-2.0 */
/* Processes to be killed that take nearly all participant entries and subscriptions of a ring. Each process has many
 * handles with a reader each, and holds a few messages at once. One kill leaves all of that behind. */
#include "prove.h"
#include "support/files.h"

enum {
    HELD_AT_ONCE = 4,
    FILES_OF_A_HANDLE = 4, /* at most, on any platform */
    FILES_BESIDE = 100
};

/* So that the others still find free entries. Fewer where a process may not have so many open files. */
static uint32_t handles_of_a_member(void)
{
    uint64_t files = (open_files_allowed() - FILES_BESIDE) / FILES_OF_A_HANDLE;
    uint32_t handles = journal->crowd_handles;
    return files < handles ? (uint32_t)files : handles;
}

typedef struct member {
    slotring_t *ring;
    slotring_reader_t *reader;
    bool holds;
} member_t;

static void read_one(member_t *member, entry_t *entry)
{
    slotring_slot_t slot;
    int code = slotring_next(member->reader, 0, &slot);
    if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED)
        return;
    CHECK_OK(code);
    note_read(entry, &slot);
    member->holds = true;
}

static void let_go(member_t *member)
{
    if (member->holds)
        CHECK_OK(slotring_reader_release(member->reader));
    member->holds = false;
}

void acts_crowd(const char *name, uint32_t seed)
{
    static member_t members[CROWD_HANDLES];
    uint32_t count = handles_of_a_member(), held[HELD_AT_ONCE] = {0};
    entry_t *entry = journal_entry();
    for (uint32_t i = 0; i < count && !storm_ending(); i++) {
        members[i].ring = ring_attach(name);
        members[i].reader = subscribe(members[i].ring, SLOTRING_LOSSY, any_start(members[i].ring, &seed));
        atomic_fetch_add(&journal->crowd, 1);
    }
    atomic_fetch_add(&journal->seated, 1);
    for (uint64_t turn = 0; !storm_ending(); turn++) {
        uint32_t *place = &held[turn % HELD_AT_ONCE];
        let_go(&members[*place]);
        *place = prove_random(&seed) % count;
        if (!members[*place].holds)
            read_one(&members[*place], entry);
    }
    for (uint32_t i = 0; i < count && members[i].ring; i++) {
        let_go(&members[i]);
        CHECK_OK(slotring_close(members[i].ring));
    }
}
