/* SPDX-License-Identifier: Apache-2.0 */
#include "files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/store.h"

typedef struct files {
    bridge_engine_t engine;
    store_t store;
    uint64_t entries;     /* the limit */
    bool drops_oldest;    /* at the limit, instead of refusing what comes */
    uint64_t stored;      /* by this handle */
    uint64_t lives, cuts; /* as last seen; and how often this handle was cut off */
    bool was_cut;
    uint64_t begun; /* life in which reading began with the oldest entry */
    int news;       /* inotify: entries that get their name. -1: of a sender */
    int receiver;   /* the file that a receiver has locked */
    int64_t heard;  /* when the last sign of life was given that was heard */
    uint8_t *buffer;
    size_t room;
} files_t;

static files_t *files_of(bridge_engine_t *engine)
{
    return (files_t *)engine;
}

static int fail_system(files_t *files, const char *tried)
{
    int code = errno == ENOMEM                      ? BRIDGE_NO_MEMORY
               : errno == ENOSPC || errno == EDQUOT ? BRIDGE_FULL
                                                    : BRIDGE_REFUSED;
    return bridge_fail(&files->engine.error, code, "%s the log in %s: %s", tried, files->store.folder,
                       strerror(errno));
}

/* With the lock of the folder, or with an error. */
static int enter(files_t *files)
{
    if (store_enter(&files->store) != 0)
        return fail_system(files, "cannot look at");
    if (files->store.is_cut) {
        files->was_cut = true;
        store_leave(&files->store);
        return bridge_fail(&files->engine.error, BRIDGE_CUT, "the log in %s is cut off", files->store.folder);
    }
    files->cuts += files->was_cut;
    files->was_cut = false;
    files->lives = files->store.lives;
    return 0;
}

static int leave(files_t *files, int code)
{
    store_leave(&files->store);
    return code;
}

static uint64_t life(const files_t *files)
{
    return files->lives << 32 | files->cuts;
}

/* The entry is stored, and its sender does not hear of it. */
static int deafened(files_t *files)
{
    (void)store_deafen(&files->store, false);
    files->cuts++;
    return bridge_fail(&files->engine.error, BRIDGE_CUT, "no answer from the log in %s", files->store.folder);
}

static int append_if(bridge_engine_t *engine, uint64_t last, const void *bytes, size_t size)
{
    files_t *files = files_of(engine);
    int failed = enter(files);
    if (failed)
        return failed;
    const store_t *store = &files->store;
    if (store->last != last)
        return leave(files,
                     bridge_fail(&engine->error, BRIDGE_WRONG_LAST,
                                 "the last entry is %" PRIu64 ", and not %" PRIu64, store->last, last));
    bool is_full = files->entries > 0 && store->last - store->dropped >= files->entries;
    if (is_full && files->drops_oldest && store_drop(&files->store, store->dropped + 1) != 0)
        return leave(files, fail_system(files, "cannot drop an entry of"));
    if (is_full && !files->drops_oldest)
        return leave(files, bridge_fail(&engine->error, BRIDGE_FULL, "the log has %" PRIu64 " entries",
                                        files->entries));
    if (store_append(&files->store, bytes, size) != 0)
        return leave(files, fail_system(files, "cannot append to"));
    if (store->is_deaf)
        return leave(files, deafened(files));
    files->stored = store->last;
    return leave(files, 0);
}

/* An append is stored when it returns. */
static int settle(bridge_engine_t *engine, int64_t timeout_ns, uint64_t *stored)
{
    (void)timeout_ns;
    *stored = files_of(engine)->stored;
    return BRIDGE_OK;
}

/* An entry that somebody may take away while nobody has the lock is read with it. */
static int give(files_t *files, uint64_t sequence, bridge_entry_t *entry)
{
    size_t size = 0;
    if (store_read(&files->store, sequence, &files->buffer, &files->room, &size) != 0)
        return leave(files, fail_system(files, "cannot read"));
    *entry =
        (bridge_entry_t){.sequence = sequence, .life = life(files), .bytes = files->buffer, .size = size};
    return leave(files, BRIDGE_OK);
}

static int last(bridge_engine_t *engine, bridge_entry_t *entry)
{
    files_t *files = files_of(engine);
    int failed = enter(files);
    if (failed)
        return failed;
    if (files->store.last > files->store.dropped)
        return give(files, files->store.last, entry);
    *entry = (bridge_entry_t){.sequence = files->store.last, .life = life(files)};
    return leave(files, BRIDGE_OK);
}

/* Something has got its name since the last look, or the time is over. */
static void wait_for_news(const files_t *files, int64_t timeout_ns)
{
    struct pollfd news = {.fd = files->news, .events = POLLIN};
    if (poll(&news, 1, (int)((timeout_ns + 999999) / 1000000)) <= 0)
        return;
    char events[4096];
    while (read(files->news, events, sizeof events) > 0)
        continue;
}

static int read_from(bridge_engine_t *engine, uint64_t sequence, int64_t timeout_ns, bridge_entry_t *entry)
{
    files_t *files = files_of(engine);
    for (int64_t end = bridge_now_ns() + timeout_ns;;) {
        int failed = enter(files);
        if (failed)
            return failed;
        const store_t *store = &files->store;
        if (sequence == 0)
            files->begun = life(files);
        if (files->begun != life(files) || sequence > store->last + 1)
            return leave(files,
                         bridge_fail(&engine->error, BRIDGE_LOST, "the log in %s was away", store->folder));
        uint64_t first = sequence > store->dropped ? sequence : store->dropped + 1;
        if (first <= store->last)
            return give(files, first, entry);
        (void)leave(files, 0);
        int64_t left = end - bridge_now_ns();
        if (left <= 0)
            return BRIDGE_AGAIN;
        wait_for_news(files, left);
    }
}

static int oldest(bridge_engine_t *engine, uint64_t *sequence)
{
    files_t *files = files_of(engine);
    int failed = enter(files);
    if (failed)
        return failed;
    *sequence = files->store.dropped + 1;
    return leave(files, 0);
}

void bridge_files_drop_oldest(bridge_engine_t *engine)
{
    files_of(engine)->drops_oldest = true;
}

static int ack(bridge_engine_t *engine, uint64_t sequence, uint64_t of_life)
{
    files_t *files = files_of(engine);
    int failed = enter(files);
    if (failed)
        return failed;
    if (of_life == life(files) && store_drop(&files->store, sequence) != 0)
        failed = fail_system(files, "cannot acknowledge in");
    return leave(files, failed);
}

/* The last sign stays in a file. Whoever reads it while it is written gets none, or no whole one. */
static int beat(bridge_engine_t *engine, const void *bytes, size_t size)
{
    files_t *files = files_of(engine);
    char path[460];
    int failed = enter(files);
    if (failed)
        return failed;
    (void)snprintf(path, sizeof path, "%s/sign", files->store.folder);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size)
        failed = fail_system(files, "cannot give a sign in");
    if (file >= 0)
        (void)close(file);
    return leave(files, failed);
}

/* Given again it is no news: it says when it was given. */
static int hear(bridge_engine_t *engine, void *bytes, size_t *size)
{
    files_t *files = files_of(engine);
    char path[460];
    struct stat s;
    int failed = enter(files);
    if (failed)
        return failed;
    (void)snprintf(path, sizeof path, "%s/sign", files->store.folder);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return leave(files, errno == ENOENT ? BRIDGE_AGAIN : fail_system(files, "cannot hear a sign in"));
    ssize_t got = fstat(file, &s) == 0 ? read(file, bytes, BRIDGE_SIGN_MAX) : -1;
    (void)close(file);
    int64_t given = got > 0 ? (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec : files->heard;
    bool is_news = given != files->heard;
    files->heard = given;
    *size = got > 0 ? (size_t)got : 0;
    return leave(files, is_news ? BRIDGE_OK : BRIDGE_AGAIN);
}

static void close_files(bridge_engine_t *engine)
{
    files_t *files = files_of(engine);
    store_close(&files->store);
    if (files->news >= 0)
        (void)close(files->news);
    if (files->receiver >= 0)
        (void)close(files->receiver);
    free(files->buffer);
    free(files);
}

static int become_receiver(files_t *files)
{
    char path[460];
    (void)snprintf(path, sizeof path, "%s/receiver", files->store.folder);
    files->receiver = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    files->news = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (files->receiver < 0 || files->news < 0 ||
        inotify_add_watch(files->news, files->store.folder, IN_MOVED_TO | IN_DELETE) < 0)
        return fail_system(files, "cannot watch");
    if (flock(files->receiver, LOCK_EX | LOCK_NB) != 0)
        return bridge_fail(&files->engine.error, BRIDGE_REFUSED, "another receiver reads the log in %s",
                           files->store.folder);
    return 0;
}

static const bridge_engine_calls_t calls = {append_if, settle, last, read_from,  oldest,
                                            ack,       beat,   hear, close_files};

int bridge_files_open(bridge_engine_t **engine, const char *folder, enum bridge_files_role role,
                      uint64_t entries, bridge_error_t *error)
{
    files_t *files = calloc(1, sizeof *files);
    *engine = NULL;
    if (files == NULL)
        return bridge_fail(error, BRIDGE_NO_MEMORY, "no memory for the log in %s", folder);
    files->engine = (bridge_engine_t){.calls = &calls, .entry_max = 1u << 20, .under_way = 1};
    files->entries = entries;
    files->news = files->receiver = -1;
    int failed = store_open(&files->store, folder) != 0 ? fail_system(files, "cannot open") : 0;
    if (!failed && role == BRIDGE_FILES_RECEIVER)
        failed = become_receiver(files);
    if (failed) {
        *error = files->engine.error;
        close_files(&files->engine);
        return failed;
    }
    *engine = &files->engine;
    return 0;
}

static int order(const char *folder, int (*fault)(store_t *store, uint64_t value), uint64_t value)
{
    store_t store;
    int failed = store_open(&store, folder);
    if (!failed) {
        failed = store_enter(&store);
        if (!failed) {
            failed = fault(&store, value);
            store_leave(&store);
        }
    }
    store_close(&store);
    return failed ? BRIDGE_REFUSED : 0;
}

static int cut_it(store_t *store, uint64_t cut)
{
    return store_cut(store, cut != 0);
}

int bridge_files_cut(const char *folder, bool cut)
{
    return order(folder, cut_it, cut);
}

static int deafen_it(store_t *store, uint64_t deaf)
{
    return store_deafen(store, deaf != 0);
}

int bridge_files_deafen(const char *folder)
{
    return order(folder, deafen_it, 1);
}

int bridge_files_lose(const char *folder, uint64_t entries)
{
    return order(folder, store_lose, entries);
}
