/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping and waking: one auto-reset event for each participant, whose name follows from the ring and its number.
 * Nothing of the system sleeps on a word that several processes share (WaitOnAddress wakes within a process only).
 *
 * The waiter compares the word, then sleeps on its event; the waker changes the word, then sets the events of all
 * participants in the set. A set event stays set until somebody sleeps on it, so a wake-up in between is not lost; one
 * that comes late is a wake-up for no reason. An event wakes one thread only, so one thread of an attachment listens
 * for all of them and wakes the others, who compare again and choose the next listener. */
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

#define NS_PER_MS UINT64_C(1000000)
#define LONGEST_MS 0x7fffffffu
#define PARTICIPANTS (SLOTRING_PARTICIPANTS_MAX + 1u)

struct sr__waits {
    uint8_t ring_id[16];
    bool global;
    uint32_t me;
    HANDLE own;
    SRWLOCK lock; /* of what follows */
    CONDITION_VARIABLE others;
    bool listening;
    _Atomic uintptr_t
        known[PARTICIPANTS]; /* events of others, opened when they first had to be woken; 0: not yet */
};

static HANDLE make_own(const sr__place_t *place, sr__waits_t *waits, slotring_error_t *error)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];
    SECURITY_ATTRIBUTES security;

    if (sr__win32_security_of(&place->rights, SR__OBJECT_EVENT, &security, error) != 0)
        return NULL;
    sr__win32_event_name(waits->ring_id, waits->global, waits->me, name);
    HANDLE event = CreateEventW(&security, FALSE, FALSE, name);
    /* Its last user had this place, too, and somebody still knows its event. */
    if (!event && GetLastError() == ERROR_ACCESS_DENIED)
        event = OpenEventW(SYNCHRONIZE | EVENT_MODIFY_STATE, FALSE, name);
    if (!event)
        sr__win32_fail_os(error, GetLastError(), "cannot make the event of participant %u",
                          (unsigned)waits->me);
    sr__win32_security_free(&security);
    return event;
}

int sr__win32_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                         uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    sr__waits_t *made = calloc(1, sizeof *made);

    (void)incarnation;
    *waits = NULL;
    if (!made || participant >= PARTICIPANTS) {
        free(made);
        return sr__fail(error, made ? SLOTRING_E_INVALID : SLOTRING_E_NO_MEMORY, 0,
                        "no memory to wait as participant %u", (unsigned)participant);
    }
    memcpy(made->ring_id, ring_id, sizeof made->ring_id);
    made->global = place->global;
    made->me = participant;
    InitializeSRWLock(&made->lock);
    InitializeConditionVariable(&made->others);
    made->own = make_own(place, made, error);
    if (!made->own) {
        free(made);
        return SLOTRING_E_OS;
    }
    *waits = made;
    return 0;
}

void sr__win32_waits_close(sr__waits_t *waits)
{
    if (!waits)
        return;
    for (uint32_t p = 0; p < PARTICIPANTS; p++) {
        HANDLE event = (HANDLE)atomic_load_explicit(&waits->known[p], memory_order_relaxed);
        if (event)
            CloseHandle(event);
    }
    CloseHandle(waits->own);
    free(waits);
}

/* Never shorter than asked for, or a wait for less than a millisecond would spin. */
static DWORD milliseconds(uint64_t duration_ns)
{
    uint64_t ms = duration_ns / NS_PER_MS + (duration_ns % NS_PER_MS != 0);
    return ms < LONGEST_MS ? (DWORD)ms : LONGEST_MS;
}

void sr__win32_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    DWORD timeout = milliseconds(timeout_ns);

    AcquireSRWLockExclusive(&waits->lock);
    if (atomic_load_explicit(word, memory_order_seq_cst) == expected) {
        if (waits->listening) {
            SleepConditionVariableSRW(&waits->others, &waits->lock, timeout, 0);
        } else {
            waits->listening = true;
            ReleaseSRWLockExclusive(&waits->lock);
            WaitForSingleObject(waits->own, timeout);
            AcquireSRWLockExclusive(&waits->lock);
            waits->listening = false;
            WakeAllConditionVariable(&waits->others);
        }
    }
    ReleaseSRWLockExclusive(&waits->lock);
}

/* Becomes the one that listens for an attachment. False: another thread is. */
static bool listen_for(sr__waits_t *waits)
{
    AcquireSRWLockExclusive(&waits->lock);
    bool free_place = !waits->listening;
    waits->listening = true;
    ReleaseSRWLockExclusive(&waits->lock);
    return free_place;
}

static void listen_no_more(sr__waits_t *waits)
{
    AcquireSRWLockExclusive(&waits->lock);
    waits->listening = false;
    WakeAllConditionVariable(&waits->others);
    ReleaseSRWLockExclusive(&waits->lock);
}

static bool is_among(sr__waits_t *const *all, uint32_t count, const sr__waits_t *waits)
{
    for (uint32_t i = 0; i < count; i++)
        if (all[i] == waits)
            return true;
    return false;
}

/* The words are compared when this thread listens for all of them: whoever changes one later sets an event that it waits for. The
 * events that were not waited for to the end stay set, for the next listener. */
bool sr__win32_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    sr__waits_t *all[MAXIMUM_WAIT_OBJECTS];
    HANDLE events[MAXIMUM_WAIT_OBJECTS];
    uint32_t listening = 0;
    bool can = true, same = true;

    for (uint32_t i = 0; can && i < count; i++) {
        sr__waits_t *waits = sleeps[i].waits;
        if (is_among(all, listening, waits))
            continue;
        can = listening < MAXIMUM_WAIT_OBJECTS && listen_for(waits);
        if (!can)
            break;
        events[listening] = waits->own;
        all[listening++] = waits;
    }
    for (uint32_t i = 0; can && same && i < count; i++)
        same = atomic_load_explicit(sleeps[i].word, memory_order_seq_cst) == sleeps[i].expected;
    if (can && same)
        WaitForMultipleObjects(listening, events, FALSE, milliseconds(timeout_ns));
    while (listening > 0)
        listen_no_more(all[--listening]);
    return can;
}

/* The event of a participant; NULL: it has none, so it does not sleep. */
static HANDLE event_of(sr__waits_t *waits, uint32_t participant)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];
    uintptr_t none = 0;

    if (participant == waits->me)
        return waits->own;
    HANDLE known = (HANDLE)atomic_load_explicit(&waits->known[participant], memory_order_acquire);
    if (known)
        return known;
    sr__win32_event_name(waits->ring_id, waits->global, participant, name);
    HANDLE event = OpenEventW(EVENT_MODIFY_STATE, FALSE, name);
    /* As long as it is open here the name leads to this event, also for the next one at that place. */
    if (event && !atomic_compare_exchange_strong(&waits->known[participant], &none, (uintptr_t)event)) {
        CloseHandle(event);
        event = (HANDLE)none;
    }
    return event;
}

void sr__win32_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words)
{
    DWORD number = GetLastError(); /* the host's own */

    (void)word;
    for (uint32_t w = 0; waits && w < words && w < PARTICIPANTS / 64; w++) {
        uint64_t set = atomic_load_explicit(&waiters[w], memory_order_seq_cst);
        for (uint32_t bit = 0; set != 0; bit++, set >>= 1) {
            HANDLE event = (set & 1) ? event_of(waits, w * 64 + bit) : NULL;
            if (event)
                SetEvent(event);
        }
    }
    SetLastError(number);
}
