/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of the contract: counted, failed as planned, entered into the books, and else handed on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"
#include "plan.h"

/* Which of the wrapped ones this process uses is known from the first call on. */
static const sr__backend_t *real(void)
{
    return plan_real();
}

static int place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                      slotring_error_t *error)
{
    int code = plan_failure(INJECT_place_open, error);
    *place = NULL;
    if (!code)
        code = real()->names.place_open(config, name, place, error);
    if (!code)
        books_given(KIND_PLACE, *place);
    return code;
}

/* Private memory alone: allowed in a forked child, too. */
static void place_close(sr__place_t *place)
{
    books_returned(KIND_PLACE, place);
    real()->names.place_close(place);
}

static int list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                      slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    int code = plan_failure(INJECT_list_names, error);
    return code ? code : real()->names.list(place, found, user, error);
}

/* ---- Segments --------------------------------------------------------------------------------------- */

static int segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t flags,
                          sr__segment_t **segment, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    *segment = NULL;
    int code = plan_failure(INJECT_segment_create, error);
    if (!code)
        code = real()->segments.create(place, config, flags, segment, error);
    if (!code)
        books_given(KIND_SEGMENT, *segment);
    return code;
}

static int segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    books_used(KIND_SEGMENT, segment);
    if (books_count(KIND_HELD_MUTEX) == 0)
        books_violated("segment_link without the process mutex");
    int code = plan_failure(INJECT_segment_link, error);
    return code ? code : real()->segments.link(place, segment, error);
}

static int segment_open(sr__place_t *place, bool writable, sr__segment_t **segment, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    *segment = NULL;
    int code = plan_failure(INJECT_segment_open, error);
    if (!code)
        code = real()->segments.open(place, writable, segment, error);
    if (!code)
        books_given(KIND_SEGMENT, *segment);
    return code;
}

static uint64_t segment_size(sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    uint64_t size = real()->segments.size(segment);
    switch (plan_failure(INJECT_segment_size, NULL)) {
    case INJECT_LESS:
        return size > 4096 ? size - 4096 : 0;
    case INJECT_NOTHING:
        return 0;
    case INJECT_MORE:
        return size + 4096;
    case INJECT_MOST:
        return UINT64_MAX;
    default:
        return size;
    }
}

static uint64_t segment_owner(sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    return real()->segments.owner(segment);
}

static int segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    books_used(KIND_SEGMENT, segment);
    int code = plan_failure(INJECT_segment_read, NULL);
    if (code)
        memset(buffer, 0xa5,
               size); /* what came before the error is no more to be trusted than what did not */
    return code ? code : real()->segments.read(segment, offset, buffer, size);
}

static int segment_map(sr__segment_t *segment, uint64_t size, uint32_t flags, slotring_error_t *error)
{
    books_used(KIND_SEGMENT, segment);
    int code = plan_failure(INJECT_segment_map, error);
    return code ? code : real()->segments.map(segment, size, flags, error);
}

static void *segment_memory(sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    return real()->segments.memory(segment);
}

static uint32_t segment_granted(sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    return real()->segments.granted(segment);
}

static uint32_t segment_node(sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    return real()->segments.node(segment);
}

static void segment_leave_out(sr__segment_t *segment, uint64_t from)
{
    books_used(KIND_SEGMENT, segment);
    real()->segments.leave_out(segment, from);
}

static bool segment_is_named(sr__place_t *place, sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    return (plan_failure(INJECT_segment_is_named, NULL) == 0) == real()->segments.is_named(place, segment);
}

static bool segment_exists(sr__place_t *place)
{
    books_used(KIND_PLACE, place);
    return (plan_failure(INJECT_segment_exists, NULL) == 0) == real()->segments.exists(place);
}

static int segment_may_unlink(sr__place_t *place, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    int code = plan_failure(INJECT_segment_may_unlink, error);
    return code ? code : real()->segments.may_unlink(place, error);
}

static int segment_unlink(sr__place_t *place, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    int code = plan_failure(INJECT_segment_unlink, error);
    return code ? code : real()->segments.unlink(place, error);
}

static void segment_close(sr__segment_t *segment)
{
    books_used(KIND_SEGMENT, segment);
    books_returned(KIND_SEGMENT, segment);
    real()->segments.close(segment);
}

/* ---- Locks ------------------------------------------------------------------------------------------ */

static int locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                      sr__locks_t **locks, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    *locks = NULL;
    int code = plan_failure(create ? INJECT_locks_make : INJECT_locks_open, error);
    if (!code)
        code = real()->locks.open(place, create, config, locks, error);
    if (!code)
        books_given(KIND_LOCKS, *locks);
    return code;
}

static void locks_close(sr__locks_t *locks)
{
    books_used(KIND_LOCKS, locks);
    if (books_has(KIND_HELD_MUTEX, locks))
        books_violated("locks_close with the process mutex held");
    books_returned(KIND_LOCKS, locks);
    real()->locks.close(locks);
}

static void locks_abandon(sr__locks_t *locks)
{
    books_returned(KIND_LOCKS, locks);
    if (books_has(KIND_HELD_MUTEX, locks))
        books_returned(KIND_HELD_MUTEX, locks);
    real()->locks.abandon(locks);
}

static sr__identity_t locks_identity(sr__locks_t *locks)
{
    books_used(KIND_LOCKS, locks);
    return real()->locks.identity(locks);
}

static bool locks_are_named(sr__place_t *place, sr__locks_t *locks)
{
    books_used(KIND_LOCKS, locks);
    return (plan_failure(INJECT_locks_are_named, NULL) == 0) == real()->locks.are_named(place, locks);
}

static uint32_t names_look(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock,
                           sr__locks_t *locks)
{
    books_used(KIND_PLACE, place);
    books_used(KIND_SEGMENT, segment);
    if (locks)
        books_used(KIND_LOCKS, locks);
    uint32_t found = (uint32_t)plan_failure(INJECT_names_look, NULL);
    return found ? found : real()->names.look(place, segment, lock, locks);
}

static int locks_unlink(sr__place_t *place, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    int code = plan_failure(INJECT_locks_unlink, error);
    return code ? code : real()->locks.unlink(place, error);
}

static int mutex_lock(sr__locks_t *locks, uint64_t timeout_ns, slotring_error_t *error)
{
    books_used(KIND_LOCKS, locks);
    if (books_has(KIND_HELD_MUTEX, locks))
        books_violated("mutex_lock of a mutex that is held");
    int code = plan_failure(INJECT_mutex_lock, error);
    if (!code)
        code = real()->locks.mutex_lock(locks, timeout_ns, error);
    if (!code)
        books_given(KIND_HELD_MUTEX, locks);
    return code;
}

static void mutex_unlock(sr__locks_t *locks)
{
    books_used(KIND_HELD_MUTEX, locks);
    books_returned(KIND_HELD_MUTEX, locks);
    real()->locks.mutex_unlock(locks);
}

static int death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock,
                           slotring_error_t *error)
{
    books_used(KIND_LOCKS, locks);
    if (!books_has(KIND_HELD_MUTEX, locks))
        books_violated("death_lock_take without the process mutex");
    *lock = NULL;
    int code = plan_failure(INJECT_death_lock_take, error);
    if (!code)
        code = real()->locks.death_lock_take(locks, index, lock, error);
    if (!code)
        books_given(KIND_DEATH_LOCK, *lock);
    return code;
}

static void death_lock_release(sr__death_lock_t *lock)
{
    books_used(KIND_DEATH_LOCK, lock);
    books_returned(KIND_DEATH_LOCK, lock);
    real()->locks.death_lock_release(lock);
}

static void death_lock_abandon(sr__death_lock_t *lock)
{
    books_returned(KIND_DEATH_LOCK, lock);
    real()->locks.death_lock_abandon(lock);
}

static int death_lock_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error)
{
    books_used(KIND_LOCKS, locks);
    int code = plan_failure(INJECT_death_lock_query, error);
    return code ? code : real()->locks.death_lock_query(locks, index, error);
}

/* ---- Waiting ---------------------------------------------------------------------------------------- */

/* Some backends need nothing, and give NULL: put into a box, so that it is seen whether it is given back. */
typedef struct box {
    sr__waits_t *waits;
} box_t;

static sr__waits_t *unboxed(sr__waits_t *waits)
{
    return waits ? ((box_t *)(void *)waits)->waits : NULL;
}

static int waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                      uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    books_used(KIND_PLACE, place);
    *waits = NULL;
    box_t *box = malloc(sizeof *box);
    int code = box ? plan_failure(INJECT_waits_open, error) : SLOTRING_E_NO_MEMORY;
    if (!code)
        code = real()->waits.open(place, ring_id, participant, incarnation, &box->waits, error);
    if (code) {
        free(box);
        return code;
    }
    *waits = (sr__waits_t *)(void *)box;
    books_given(KIND_WAITS, *waits);
    return 0;
}

static void waits_close(sr__waits_t *waits)
{
    books_used(KIND_WAITS, waits);
    books_returned(KIND_WAITS, waits);
    if (unboxed(waits))
        real()->waits.close(unboxed(waits));
    free(waits);
}

/* In these tests nobody else is there to wake: the time passes at once. */
static void wait_on(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    books_used(KIND_WAITS, waits);
    if (plan_wait(timeout_ns))
        real()->waits.wait(unboxed(waits), word, expected, timeout_ns < 1000 ? timeout_ns : 1000);
}

/* The same on the words of several rings. */
static bool wait_on_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    sr__sleep_t *plain = calloc(count, sizeof *plain);
    if (!plain)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        books_used(KIND_WAITS, sleeps[i].waits);
        plain[i] = sleeps[i];
        plain[i].waits = unboxed(sleeps[i].waits);
    }
    bool slept =
        !plan_wait(timeout_ns) || real()->waits.wait_any(plain, count, timeout_ns < 1000 ? timeout_ns : 1000);
    free(plain);
    return slept;
}

/* Also from repair after a creation that came to nothing: then there are none. */
static void wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters, uint32_t words)
{
    if (waits)
        books_used(KIND_WAITS, waits);
    real()->waits.wake(unboxed(waits), word, waiters, words);
}

static int random_bytes(void *buffer, size_t size)
{
    int code = plan_failure(INJECT_random, NULL);
    if (code)
        return code;
    if (!plan_random_repeats())
        return real()->system.random(buffer, size);
    memset(buffer, 0x5a, size);
    return 0;
}

static bool is_visitor;

void inject_as_visitor(bool visitor)
{
    is_visitor = visitor;
}

static void self(sr__self_t *about)
{
    real()->system.self(about);
    about->uid += is_visitor ? 65533 : 0;
}

static int in_group(uint32_t group)
{
    int code = plan_failure(INJECT_in_group, NULL);
    return code ? code : real()->system.in_group(group);
}

/* Everywhere, so that a ring of another boot is one. */
static void boot_id(uint8_t id[16])
{
    memset(id, 1, 16);
}

/* ---- The tables ------------------------------------------------------------------------------------- */

#ifdef SLOTRING_WITH_POSIX
extern const sr__backend_t sr__posix_backend;
#endif
#ifdef SLOTRING_WITH_WIN32
extern const sr__backend_t sr__win32_backend;
#endif
#ifdef SLOTRING_WITH_APR
extern const sr__backend_t sr__apr_backend;
#endif

const sr__backend_t *const plan_wrapped[] = {
#ifdef SLOTRING_WITH_POSIX
    &sr__posix_backend,
#endif
#ifdef SLOTRING_WITH_WIN32
    &sr__win32_backend,
#endif
#ifdef SLOTRING_WITH_APR
    &sr__apr_backend,
#endif
    NULL,
};

static sr__backend_t wrappers[4];

/* In the place of platform/common/backends.c: each backend of this build, wrapped, under its own name. */
const sr__backend_t *const sr__backends[] = {
#ifdef SLOTRING_WITH_POSIX
    &wrappers[0],
#endif
#ifdef SLOTRING_WITH_WIN32
    &wrappers[1],
#endif
#ifdef SLOTRING_WITH_APR
    &wrappers[2],
#endif
    NULL,
};

static void wrap(sr__backend_t *wrapper, const sr__backend_t *backend)
{
    *wrapper = *backend; /* what neither fails nor gives anything out stays as it is */
    wrapper->names.place_open = place_open;
    wrapper->names.place_close = place_close;
    wrapper->names.list = list_names;
    wrapper->names.look = names_look;
    wrapper->segments.create = segment_create;
    wrapper->segments.link = segment_link;
    wrapper->segments.open = segment_open;
    wrapper->segments.size = segment_size;
    wrapper->segments.owner = segment_owner;
    wrapper->segments.read = segment_read;
    wrapper->segments.map = segment_map;
    wrapper->segments.memory = segment_memory;
    wrapper->segments.granted = segment_granted;
    wrapper->segments.node = segment_node;
    wrapper->segments.leave_out = segment_leave_out;
    wrapper->segments.is_named = segment_is_named;
    wrapper->segments.exists = segment_exists;
    wrapper->segments.may_unlink = segment_may_unlink;
    wrapper->segments.unlink = segment_unlink;
    wrapper->segments.close = segment_close;
    wrapper->locks.open = locks_open;
    wrapper->locks.close = locks_close;
    wrapper->locks.abandon = locks_abandon;
    wrapper->locks.identity = locks_identity;
    wrapper->locks.are_named = locks_are_named;
    wrapper->locks.unlink = locks_unlink;
    wrapper->locks.mutex_lock = mutex_lock;
    wrapper->locks.mutex_unlock = mutex_unlock;
    wrapper->locks.death_lock_take = death_lock_take;
    wrapper->locks.death_lock_release = death_lock_release;
    wrapper->locks.death_lock_abandon = death_lock_abandon;
    wrapper->locks.death_lock_query = death_lock_query;
    wrapper->waits.open = waits_open;
    wrapper->waits.close = waits_close;
    wrapper->waits.wait = wait_on;
    wrapper->waits.wait_any = wait_on_any;
    wrapper->waits.wake = wake;
    wrapper->system.self = self;
    wrapper->system.in_group = in_group;
    wrapper->system.random = random_bytes;
    wrapper->system.boot_id = boot_id;
    wrapper->system.clock_ns = plan_clock_ns;
    wrapper->system.coarse_clock_ns = plan_clock_ns;
    wrapper->system.sleep_ns = plan_sleep_ns;
}

/* Before main, which asks the backends for their names. */
__attribute__((constructor)) static void wrap_all(void)
{
    unsigned w = 0;
#ifdef SLOTRING_WITH_POSIX
    wrap(&wrappers[0], plan_wrapped[w++]);
#endif
#ifdef SLOTRING_WITH_WIN32
    wrap(&wrappers[1], plan_wrapped[w++]);
#endif
#ifdef SLOTRING_WITH_APR
    wrap(&wrappers[2], plan_wrapped[w++]);
#endif
    (void)w;
}
