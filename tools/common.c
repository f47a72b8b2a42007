/* SPDX-License-Identifier: Apache-2.0 */
#include "common.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_codes.h"
#include "host.h"
#include "near.h"
#include "output.h"
#include "remedy.h"
#include "words.h"

/* ---- Where rings are ------------------------------------------------------------------------------ */

static struct {
    char *directory, *backend, *trust_owner;
} place;

struct poptOption ring_place_table[] = {
    {"directory", 'd', POPT_ARG_STRING, &place.directory, 0,
     "Folder of the rings' files (default: $SLOTRING_DIR, else the system's)", "DIR"},
    {"backend", 0, POPT_ARG_STRING, &place.backend, 0, "How the memory is shared (default: the native way)",
     "NAME"},
    {"trust-owner", 0, POPT_ARG_STRING, &place.trust_owner, 0,
     "Accept rings of this user too, beside your own and root's", "USER"},
    POPT_TABLEEND};

void ring_options(slotring_options_t *options)
{
    slotring_options_init(options);
    options->directory = place.directory;
    options->backend = place.backend;
    options->trusted_owner = place.trust_owner;
}

static void add_place(char *words, size_t size, const char *option, const char *value)
{
    size_t length = strlen(words);
    if (!value)
        return;
    snprintf(words + length, size - length, " %s ", option);
    remedy_quote(words, size, value);
}

const char *ring_place_words(void)
{
    static char words[768];
    words[0] = '\0';
    add_place(words, sizeof words, "--directory", place.directory);
    add_place(words, sizeof words, "--backend", place.backend);
    add_place(words, sizeof words, "--trust-owner", place.trust_owner);
    return words;
}

/* ---- Errors --------------------------------------------------------------------------------------- */

int exit_code_of(int error)
{
    switch (error) {
    case SLOTRING_OK:
        return EXIT_DONE;
    case SLOTRING_E_INVALID:
    case SLOTRING_E_NAME:
    case SLOTRING_E_SIZE:
    case SLOTRING_E_BACKEND:
        return EXIT_USAGE;
    case SLOTRING_E_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case SLOTRING_E_EXISTS:
    case SLOTRING_E_GEOMETRY:
    case SLOTRING_E_BUSY:
    case SLOTRING_E_PARTICIPANTS:
    case SLOTRING_E_READERS:
    case SLOTRING_E_SUBSCRIBED:
        return EXIT_IN_USE;
    case SLOTRING_E_VERSION:
    case SLOTRING_E_FEATURE:
    case SLOTRING_E_ENDIAN:
    case SLOTRING_E_NOT_A_RING:
    case SLOTRING_E_CORRUPT:
    case SLOTRING_E_CHECKSUM:
    case SLOTRING_E_TRUNCATED:
    case SLOTRING_E_OTHER_BOOT:
        return EXIT_DAMAGED;
    case SLOTRING_E_TIMEOUT:
        return EXIT_TIMED_OUT;
    case SLOTRING_E_NO_SPACE:
    case SLOTRING_E_NO_MEMORY:
    case SLOTRING_E_ADDRESS_SPACE:
        return EXIT_NO_SPACE;
    default:
        return EXIT_ERROR;
    }
}

int report(const slotring_error_t *error)
{
    out_error("%s", words_of(error).text);
    return exit_code_of(error->code);
}

int report_open(const slotring_error_t *error, const char *name, const slotring_options_t *options)
{
    int code = report(error);
    if (error->code == SLOTRING_E_NOT_FOUND)
        near_ring(name, options);
    else if (error->code == SLOTRING_E_NO_SPACE)
        out_error("slotring doctor says what there is, and slotring gc what may go");
    return code;
}

int report_last(const char *tried)
{
    slotring_error_t error;
    slotring_last_error(&error);
    out_error("%s: %s", tried, words_of(&error).text);
    return exit_code_of(error.code);
}

/* Was it removed under us, with nobody left who writes? Nobody can join it any more, so nothing will ever come. */
bool ring_is_deserted(slotring_t *ring)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_stats_t stats = {.struct_size = sizeof stats};
    return slotring_info(ring, &info) == 0 && info.removed && slotring_get_stats(ring, &stats) == 0 &&
           stats.producers == 0;
}

/* ---- Opening -------------------------------------------------------------------------------------- */

static _Atomic(slotring_t *) open_ring;

static void interrupt_ring(void)
{
    slotring_t *ring = atomic_load(&open_ring);
    if (ring)
        slotring_interrupt(ring);
}

int stop_code(void)
{
    int number = host_stop_requested();
    return number ? EXIT_SIGNAL + number : EXIT_DONE;
}

static void follow(slotring_t *ring)
{
    atomic_store(&open_ring, ring);
    host_catch_stop(interrupt_ring);
    if (host_stop_requested())
        interrupt_ring(); /* it came while the ring was being opened */
}

int ring_open(slotring_t **ring, const char *name, const slotring_options_t *options)
{
    slotring_error_t error;
    if (slotring_open(ring, name, options, &error) < 0)
        return report_open(&error, name, options);
    follow(*ring);
    return EXIT_DONE;
}

int ring_open_wait(slotring_t **ring, const char *name, const slotring_options_t *options, int64_t timeout_ns)
{
    slotring_error_t error;
    uint64_t start = host_clock_ns();
    host_catch_stop(interrupt_ring);
    while (slotring_open(ring, name, options, &error) < 0) {
        if (error.code != SLOTRING_E_NOT_FOUND)
            return report_open(&error, name, options);
        if (host_stop_requested())
            return stop_code();
        if (timeout_ns >= 0 && host_clock_ns() - start >= (uint64_t)timeout_ns) {
            report_open(&error, name, options);
            return timeout_ns > 0 ? EXIT_TIMED_OUT : EXIT_NOT_FOUND;
        }
        host_sleep(20 * 1000000u);
    }
    follow(*ring);
    return EXIT_DONE;
}

void ring_close(slotring_t *ring)
{
    atomic_store(&open_ring, NULL);
    slotring_close(ring);
}

/* ---- Lists from a ring ------------------------------------------------------------------------------ */

/* Every list call has the same shape: it says how many there are and fills what fits. */
typedef int (*lister_t)(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count);

static bool fetch(slotring_t *ring, lister_t lister, size_t size, const char *what, void **list,
                  uint32_t *count)
{
    uint32_t capacity = 0, there = 0;
    *list = NULL;
    *count = 0;
    for (
        ;
        ;) { /* ends: a ring has at most a few thousand of anything, and they seldom grow between two looks */
        int result = lister(ring, *list, capacity, &there);
        void *larger;
        if (result < 0) {
            report_last(what);
            break;
        }
        if (there <= capacity) {
            *count = there;
            return true;
        }
        capacity = there + 8;
        larger = realloc(*list, capacity * size);
        if (!larger) {
            out_error("%s: out of memory", what);
            break;
        }
        *list = larger;
    }
    free(*list);
    *list = NULL;
    return false;
}

static int list_participants(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count)
{
    return slotring_participants(ring, list, capacity, count);
}

static int list_readers(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count)
{
    return slotring_readers(ring, list, capacity, count);
}

static int list_writers(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count)
{
    return slotring_writers(ring, list, capacity, count);
}

static int list_blockers(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count)
{
    return slotring_blockers(ring, list, capacity, count);
}

bool ring_participants(slotring_t *ring, slotring_participant_t **list, uint32_t *count)
{
    void *memory;
    bool good = fetch(ring, list_participants, sizeof **list, "cannot list the participants", &memory, count);
    *list = memory;
    return good;
}

bool ring_readers(slotring_t *ring, slotring_reader_info_t **list, uint32_t *count)
{
    void *memory;
    bool good = fetch(ring, list_readers, sizeof **list, "cannot list the readers", &memory, count);
    *list = memory;
    return good;
}

bool ring_writers(slotring_t *ring, slotring_writer_info_t **list, uint32_t *count)
{
    void *memory;
    bool good = fetch(ring, list_writers, sizeof **list, "cannot list the writers", &memory, count);
    *list = memory;
    return good;
}

bool ring_blockers(slotring_t *ring, slotring_blocker_t **list, uint32_t *count)
{
    void *memory;
    bool good = fetch(ring, list_blockers, sizeof **list, "cannot list the blockers", &memory, count);
    *list = memory;
    return good;
}
