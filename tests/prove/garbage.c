/* SPDX-License-Identifier: Apache-2.0 */
/* A participant that writes garbage into the control words while others work: from a process of its own, through a
 * mapping of its own. The others may get any error, and wrong data. They may not crash, touch anything outside the
 * mapping (there is nothing around it), be given memory outside the payload, or stay in a call for ever. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prove.h"
#include "support/files.h"
#include "support/internals.h"
#include "support/registry.h"

#define WORKERS 4
#define A_CALL_MAY_TAKE (40 * SECOND) /* loops have a limit of 2^26 turns: seconds, with a sanitizer */

typedef struct lane {
    _Atomic uint64_t calls, errors;
    _Atomic int64_t since;    /* when the present call began; 0: none */
    _Atomic int64_t longest;  /* that one took */
    const char *_Atomic what; /* the same address in every process: they were forked */
    const char *_Atomic longest_what;
} lane_t;

typedef struct board {
    lane_t lane[WORKERS];
    _Atomic uint64_t words; /* overwritten */
    _Atomic uint32_t ending, gone;
} board_t;

static board_t *board;
static lane_t *own;

static void begins(const char *what)
{
    atomic_store(&own->what, what);
    atomic_store(&own->since, now_ns());
}

static int ended(int code)
{
    int64_t took = now_ns() - atomic_load(&own->since);
    atomic_store(&own->since, 0);
    if (took > atomic_load(&own->longest)) {
        atomic_store(&own->longest, took);
        atomic_store(&own->longest_what, atomic_load(&own->what));
    }
    atomic_fetch_add(&own->calls, 1);
    atomic_fetch_add(&own->errors, code != 0);
    return code;
}

/* One call: how long it takes is seen from outside. */
#define TRY(call) (begins(#call), ended(call))

/* ---- The writer ------------------------------------------------------------------------------------- */

/* Values that mean something somewhere, and such as mean nothing. */
static uint64_t some_value(uint32_t *seed, uint64_t old)
{
    uint64_t any =
        (uint64_t)prove_random(seed) << 40 ^ (uint64_t)prove_random(seed) << 20 ^ prove_random(seed);
    switch (prove_random(seed) % 8) {
    case 0:
        return any;
    case 1:
        return any % 64;
    case 2:
        return old + any % 17 - 8;
    case 3:
        return old ^ UINT64_C(1) << any % 64;
    case 4:
        return UINT64_MAX - any % 3;
    case 5:
        return 0;
    case 6:
        return UINT64_C(1) << any % 64;
    default:
        return old << any % 13;
    }
}

/* The constant page is left alone nine times in ten: a ring that nobody can attach to hides the rest. */
static void scribble(uint8_t *memory, uint64_t control, uint64_t size, uint32_t *seed)
{
    /* one word in eight is of the payload: headers of records are there */
    uint64_t words = (prove_random(seed) % 8 == 0 ? size : control) / 8, first = SR__PAGE / 8;
    uint64_t at = first + (prove_random(seed) ^ (uint64_t)prove_random(seed) << 20) % (words - first);
    sr__word_t *word = (sr__word_t *)(void *)(memory + 8 * at);
    atomic_store_explicit(word, some_value(seed, sr__peek(word)), memory_order_relaxed);
    if (prove_random(seed) % 4096 == 0) { /* and once in a while that, for a moment */
        sr__word_t *header = (sr__word_t *)(void *)(memory + 8 * (prove_random(seed) % (SR__PAGE / 8)));
        uint64_t right = sr__peek(header);
        sr__poke(header, some_value(seed, right));
        (void)usleep(200);
        sr__poke(header, right);
    }
    atomic_fetch_add(&board->words, 1);
}

/* Back to a ring that can be worked with, from time to time: the workers are to go deep, not to fail at the door. */
static void restore(uint8_t *memory, const uint8_t *right, uint64_t control)
{
    for (uint64_t i = SR__PAGE / 8; i < control / 8; i++)
        sr__poke((sr__word_t *)(void *)(memory + 8 * i), ((const uint64_t *)(const void *)right)[i]);
}

static void writes_garbage(const char *name, uint32_t seed)
{
    size_t size;
    uint8_t *memory = ring_map(name, &size);
    uint64_t control = sr__layout_control_size((const sr__header_t *)(void *)memory);
    uint8_t *right = malloc((size_t)control);
    CHECK(right != NULL && control < size);
    memcpy(right, memory, (size_t)control);
    while (!atomic_load(&board->ending)) {
        uint32_t burst = 1 + prove_random(&seed) % (prove_random(&seed) % 8 == 0 ? 4096 : 16);
        for (uint32_t i = 0; i < burst; i++)
            scribble(memory, control, size, &seed);
        if (prove_random(&seed) % 64 == 0)
            restore(memory, right, control);
        (void)usleep(prove_random(&seed) % 300);
    }
    free(right);
    ring_unmap(memory);
}

/* ---- The workers ------------------------------------------------------------------------------------ */

/* Nothing may be mapped beside the ring: whoever leaves it, faults. As far as there is room: what the system has put
 * there is not to be removed. */
static void fence_in(uint8_t *from, uint8_t *to)
{
    const size_t wide = (size_t)1 << 30;
    for (size_t width = wide; width >= SR__PAGE; width /= 2)
        if (mmap(from - width, width, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == from - width)
            break;
    for (size_t width = wide; width >= SR__PAGE; width /= 2)
        if (mmap(to, width, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
                 0) == to)
            break;
}

typedef struct bounds {
    slotring_t *ring;
    uint8_t *first, *last;
    uint64_t slot_size;
} bounds_t;

/* False: the garbage says already that this one is dead. */
static bool find_bounds(slotring_t *ring, bounds_t *bounds)
{
    slotring_info_t info = {.struct_size = sizeof info};
    if (TRY(slotring_info(ring, &info)) != 0)
        return false;
    uint8_t *payload = info.payload;
    fence_in(payload - info.payload_offset, payload - info.payload_offset + info.segment_size);
    *bounds = (bounds_t){ring, payload, payload + info.payload_size, info.slot_size};
    return true;
}

/* What a worker is given lies in the payload, all of it; it is used to the last byte. */
static void use_bytes(const bounds_t *b, uint8_t *data, uint64_t size, bool writing)
{
    CHECK(data >= b->first && data < b->last + (size == 0));
    CHECK_AT_LEAST(b->slot_size, size);
    CHECK_AT_LEAST((uint64_t)(b->last - data), size);
    if (writing) {
        memset(data, 0x77, (size_t)size);
    } else {
        volatile uint8_t sum = 0;
        for (uint64_t i = 0; i < size; i += 64)
            sum = (uint8_t)(sum + data[i]);
        if (size > 0)
            sum = (uint8_t)(sum + data[size - 1]);
    }
}

static void use_slot(const bounds_t *b, const slotring_slot_t *slot, bool writing)
{
    slotring_piece_t piece = {0};
    if (slot->kind != SLOTRING_KIND_SPAN) {
        use_bytes(b, slot->data, writing ? slot->capacity : slot->length, writing);
        return;
    }
    CHECK(slot->data == NULL);
    while (TRY(slotring_next_piece(b->ring, slot, &piece)) == 0) {
        CHECK_AT_LEAST(slot->pieces, piece.number);
        use_bytes(b, piece.data, piece.length, writing);
    }
}

/* A message of up to three slots. */
static void write_span(slotring_t *ring, const bounds_t *b, uint32_t *seed)
{
    uint64_t size = prove_random(seed) % (3 * b->slot_size + 1);
    slotring_slot_t slot;
    if (TRY(slotring_allocate_span(ring, size, MILLISECOND, &slot)) != 0)
        return;
    use_slot(b, &slot, true);
    if (prove_random(seed) % 4 == 0)
        (void)TRY(slotring_abort(ring, &slot));
    else
        (void)TRY(slotring_mark_ready(ring, &slot, size));
}

static void write_some(slotring_t *ring, const bounds_t *b, uint32_t *seed)
{
    slotring_slot_t slots[3];
    uint32_t count = 0;
    if (TRY(slotring_allocate_batch(ring, 1, slots, 3, MILLISECOND, &count)) == 0) {
        CHECK_AT_LEAST(3, count);
        for (uint32_t i = 0; i < count; i++) {
            use_slot(b, &slots[i], true);
            slots[i].length = prove_random(seed) % (b->slot_size + 1);
        }
        if (prove_random(seed) % 8 == 0)
            (void)TRY(slotring_abort(ring, &slots[--count]));
        uint32_t done;
        (void)TRY(slotring_mark_ready_batch(ring, slots, count, &done));
    }
    write_span(ring, b, seed);
}

/* Small messages and large ones; what is open stays open until the writer's handle is closed, now and then. */
static void append_some(slotring_writer_t *writer, const bounds_t *b, uint32_t *seed)
{
    static const uint8_t zeros[(2 << 20) + 1];
    slotring_message_t messages[4];
    slotring_slot_t slot;
    uint32_t done;
    for (int i = 0; i < 4; i++)
        messages[i] = (slotring_message_t){zeros, prove_random(seed) % (i == 3 ? 2 * b->slot_size + 1 : 24),
                                           prove_random(seed) % 2 ? UINT64_MAX : 7};
    for (int i = 0; i < 4; i++)
        (void)TRY(slotring_writer_append(writer, zeros, messages[i].size, messages[i].tag, MILLISECOND));
    (void)TRY(slotring_writer_append_batch(writer, messages, 4, MILLISECOND, &done));
    CHECK_AT_LEAST(4, done);
    if (TRY(slotring_writer_reserve(writer, prove_random(seed) % (b->slot_size + 1), MILLISECOND, &slot)) !=
        0)
        return;
    use_slot(b, &slot, true);
    if (prove_random(seed) % 2)
        (void)TRY(slotring_writer_commit(writer, &slot, prove_random(seed) % (slot.capacity + 1)));
    else
        (void)TRY(slotring_writer_cancel(writer, &slot));
}

static void read_some(slotring_t *ring, const bounds_t *b, uint32_t *seed)
{
    static uint8_t buffer[1 << 16];
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    if (TRY(slotring_ticket_at(ring, prove_random(seed) % 16, &ticket)) != 0)
        return;
    if (TRY(slotring_acquire_for_read(ring, &ticket, &slot)) == 0) {
        use_slot(b, &slot, false);
        if (prove_random(seed) % 2)
            (void)TRY(slotring_free(ring, &ticket));
        (void)TRY(slotring_release(ring, &slot));
    }
    (void)TRY(slotring_copy(ring, &ticket, buffer, sizeof buffer, NULL));
    (void)TRY(
        slotring_copy_sequence(ring, ticket.sequence + prove_random(seed) % 3, buffer, sizeof buffer, &slot));
}

static void receive_some(slotring_reader_t *reader, const bounds_t *b)
{
    slotring_slot_t slots[5];
    uint32_t count = 0;
    slotring_participant_t who;
    slotring_reader_info_t info;
    int code = TRY(slotring_next_batch(reader, MILLISECOND, slots, 5, &count));
    if (code == SLOTRING_E_PRODUCER_DIED)
        (void)TRY(slotring_reader_death(reader, &who));
    if (code == 0) {
        CHECK_AT_LEAST(5, count);
        for (uint32_t i = 0; i < count; i++)
            use_slot(b, &slots[i], false);
        (void)TRY(slotring_reader_release(reader));
    }
    (void)TRY(slotring_reader_info(reader, &info));
}

static void look_around(slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t people[16];
    slotring_reader_info_t readers[16];
    slotring_blocker_t blockers[16];
    uint32_t count;
    uint64_t findings = 0;
    (void)TRY(slotring_get_stats(ring, &stats));
    (void)TRY(slotring_participants(ring, people, 16, &count));
    (void)TRY(slotring_readers(ring, readers, 16, &count));
    (void)TRY(slotring_blockers(ring, blockers, 16, &count));
    (void)TRY(slotring_check(ring, NULL, NULL, &findings));
    CHECK_AT_LEAST(1000, findings);
}

static void look_from_outside(const char *name)
{
    slotring_list_entry_t entries[4];
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    slotring_t *observer = NULL;
    uint32_t count;
    CHECK_OK(TRY(slotring_list(NULL, entries, 4, &count, NULL)));
    CHECK_AT_LEAST(1, count);
    if (count == 1) /* no other name, whatever the segment says */
        CHECK_STRING(entries[0].name, name);
    if (TRY(slotring_open(&observer, name, &options, NULL)) != 0)
        return;
    look_around(observer);
    CHECK_OK(TRY(slotring_close(observer)));
}

static void work_once(const char *name, uint32_t *seed)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_reader_options_t reading;
    slotring_reader_t *reader = NULL;
    slotring_writer_t *writer = NULL;
    slotring_t *ring = NULL;
    options.lock_timeout_ns = 10 * MILLISECOND;
    int code = TRY(slotring_open(&ring, name, &options, NULL));
    if (code != 0) {
        look_from_outside(name);
        if (code == SLOTRING_E_NOT_FOUND) /* the garbage may say that the ring is to go with its last user */
            atomic_store(&board->gone, 1);
        return;
    }
    bounds_t b;
    if (!find_bounds(ring, &b)) {
        CHECK_OK(TRY(slotring_close(ring)));
        return;
    }
    slotring_reader_options_init(&reading);
    reading.mode = prove_random(seed) % 2 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS;
    reading.start = prove_random(seed) % 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW;
    (void)TRY(slotring_subscribe(ring, &reading, &reader));
    (void)TRY(slotring_writer_open(ring, NULL, &writer));
    for (int i = 0; i < 50 && !atomic_load(&board->ending); i++) {
        write_some(ring, &b, seed);
        if (writer != NULL)
            append_some(writer, &b, seed);
        read_some(ring, &b, seed);
        if (reader != NULL)
            receive_some(reader, &b);
        if (i % 10 == 0)
            look_around(ring);
        if (i % 16 == 0)
            (void)TRY(slotring_recover(ring, NULL));
    }
    if (writer != NULL && prove_random(seed) % 2)
        (void)TRY(slotring_writer_close(writer));
    (void)TRY(slotring_end_stream(ring));
    if (reader != NULL && prove_random(seed) % 2)
        (void)TRY(slotring_unsubscribe(reader));
    look_from_outside(name);
    CHECK_OK(TRY(slotring_close(ring)));
}

static void works(const char *name, uint32_t seed)
{
    own = &board->lane[seed % WORKERS];
    while (!atomic_load(&board->ending))
        work_once(name, &seed);
}

/* ---- The whole -------------------------------------------------------------------------------------- */

static pid_t begin(const char *role, void (*act)(const char *, uint32_t), const char *name, uint32_t seed)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    CHECK_SYSTEM(pid);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(0);
        check_in_helper(role);
        act(name, seed);
        _exit(0);
    }
    return pid;
}

/* Is a call that has a time-out not coming back? */
static bool any_stuck(void)
{
    for (int w = 0; w < WORKERS; w++) {
        int64_t since = atomic_load(&board->lane[w].since);
        if (since != 0 && now_ns() - since > A_CALL_MAY_TAKE) {
            printf("for %d s a worker has been in %s\n", (int)((now_ns() - since) / SECOND),
                   atomic_load(&board->lane[w].what));
            return true;
        }
    }
    return false;
}

static bool any_ended(const pid_t *pids, int count)
{
    for (int i = 0; i < count; i++) {
        int status;
        if (waitpid(pids[i], &status, WNOHANG) == pids[i]) {
            printf("process %d ended, with status %x\n", (int)pids[i], (unsigned)status);
            return true;
        }
    }
    return false;
}

static bool all_end(const pid_t *pids, int count)
{
    bool well = true;
    for (int i = 0; i < count; i++) {
        int status = 0;
        for (pid_t done = 0; done != pids[i];) {
            done = waitpid(pids[i], &status, WNOHANG);
            if (done == 0 && any_stuck())
                (void)kill(pids[i], SIGABRT);
            (void)usleep(1000);
        }
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            printf("process %d ended with status %x\n", (int)pids[i], (unsigned)status);
            well = false;
        }
    }
    return well;
}

static bool one_round(const prove_options_t *options, int64_t until, uint32_t seed)
{
    const char *name = ring_name();
    slotring_options_t creating = ring_options(SLOTRING_CREATE, options->slots, options->slot_size);
    creating.max_participants = 8 + seed % 120;
    creating.max_readers = 8;
    creating.when_full = seed % 2 ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    creating.flags |= seed % 4 == 0 ? SLOTRING_HOT_SLOTS : 0;
    slotring_t *ring = ring_open_with(name, &creating);
    for (uint64_t n = 0; n < 5; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_close(ring));
    pid_t pids[WORKERS + 1];
    atomic_store(&board->ending, 0);
    atomic_store(&board->gone, 0);
    for (uint32_t w = 0; w < WORKERS; w++)
        pids[w] = begin("a worker", works, name, seed * WORKERS + w);
    pids[WORKERS] = begin("the writer of garbage", writes_garbage, name, seed);
    bool well = true;
    while (well && now_ns() < until && !atomic_load(&board->gone)) {
        well = !any_ended(pids, WORKERS + 1) && !any_stuck();
        (void)usleep(2000);
    }
    atomic_store(&board->ending, 1);
    if (!well)
        for (int i = 0; i <= WORKERS; i++)
            (void)kill(pids[i], SIGKILL);
    well = well && all_end(pids, WORKERS + 1);
    char names[300];
    unsigned files = directory_entries(directory_path(), names, sizeof names);
    if (files > (over_registry() ? 2 + WORKERS + 1 : 2)) {
        printf("%u files, more than its ring has:%s\n", files, names);
        well = false;
    }
    int code = slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, NULL);
    CHECK(code == 0 || code == SLOTRING_E_NOT_FOUND);
    check_nothing_left();
    return well;
}

int garbage(const prove_options_t *options)
{
    void *memory = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    board = memory;
    int64_t begun = now_ns(),
            end = begun + (int64_t)((options->seconds > 0 ? options->seconds : 10) * SECOND);
    uint32_t seed = options->seed, rounds = 0;
    bool well = true;
    check_in_helper("the garbage itself");
    for (; well && now_ns() < end; rounds++, seed++) {
        int64_t until = now_ns() + SECOND;
        well = one_round(options, until < end ? until : end, seed);
    }
    uint64_t calls = 0, errors = 0;
    int64_t longest = 0;
    const char *what = "";
    for (int w = 0; w < WORKERS; w++) {
        calls += atomic_load(&board->lane[w].calls);
        errors += atomic_load(&board->lane[w].errors);
        if (atomic_load(&board->lane[w].longest) > longest) {
            longest = atomic_load(&board->lane[w].longest);
            what = atomic_load(&board->lane[w].longest_what);
        }
    }
    printf("the longest call: %s\n", what);
    if (!well)
        printf("the choices are repeated by --seed %u\n", seed - 1);
    printf("{\"what\": \"garbage\", \"seconds\": %.1f, \"tried\": %llu, \"unit\": \"words of garbage\", "
           "\"remark\": "
           "\"%u rings, %llu calls meanwhile, %llu of them refused, the longest took %lld ms\", \"found\": "
           "%d}\n",
           (double)(now_ns() - begun) / SECOND, (unsigned long long)atomic_load(&board->words), rounds,
           (unsigned long long)calls, (unsigned long long)errors, (long long)(longest / MILLISECOND), !well);
    return !well;
}
