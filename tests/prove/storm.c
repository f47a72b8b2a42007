/* SPDX-License-Identifier: Apache-2.0 */
/* A storm over one ring: the actors work, are killed and stopped at random until the time is over, and the ring is whole. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/registry.h"
#include "weather.h"

#define CANNOT_RUN 77    /* what ctest takes for a skip */
#define CROWD_LEAVES 255 /* entries for the others */

static void count_what_is_no_window(void *user, const char *finding)
{
    if (strstr(finding, "the free map hides it") == NULL)
        (*(unsigned *)user)++;
}

/* One who is stopped, or who waits for a processor, in the middle of an allocation may hide a free slot until somebody
 * reaps (docs/design.md, section 9). That alone is no fault, unless it is still so after a reaping. */
static void check_in_the_storm(const weather_t *w, slotring_t *ring)
{
    /* Whoever is stopped may have the ring's lock, and others wait for it no longer than this process would. */
    for (size_t i = 0; i < w->actors; i++)
        weather_continue(&w->cast[i]);
    for (int reaps = 0; reaps < 3; reaps++) {
        uint64_t findings = 0;
        unsigned others = 0;
        CHECK_OK(slotring_check(ring, count_what_is_no_window, &others, &findings));
        if (findings == 0)
            return;
        if (others > 0)
            break;
        int code = slotring_recover(ring, NULL);
        CHECK(code == 0 || code == SLOTRING_E_BUSY);
    }
    check_ring(ring);
}

static void blow(weather_t *w, slotring_t *ring, int64_t end)
{
    int64_t next_check = now_ns() + SECOND;
    for (int64_t now; w->found == 0 && (now = now_ns()) < end;) {
        for (size_t i = 0; i < w->actors; i++) {
            if (w->cast[i].pid == 0)
                weather_start(&w->cast[i], w);
            else if (w->cast[i].stopped_until != 0 && now >= w->cast[i].stopped_until)
                weather_continue(&w->cast[i]);
        }
        (void)usleep(prove_random(&w->random) % 4000); /* lets them work: when it strikes is left to chance */
        weather_strike(w, now);
        weather_reap(w);
        if (journal->place && prove_random(&w->random) % 16 == 0)
            place_write_back(); /* pages that are clean again take another way when they are written */
        if (now > next_check) {
            check_in_the_storm(w, ring);
            next_check = now + SECOND;
        }
    }
}

/* The mortal ones leave; then the witnesses, when they have had everything. */
static void calm_down(weather_t *w, slotring_t *ring)
{
    atomic_store(&journal->ending, 1);
    for (size_t i = 0; i < w->actors; i++)
        weather_continue(&w->cast[i]);
    int64_t deadline = now_ns() + 60 * SECOND;
    bool told = false;
    for (size_t left = w->actors; left > 0 && w->found == 0; (void)usleep(1000)) {
        weather_reap(w);
        left = 0;
        size_t mortal = 0;
        for (size_t i = 0; i < w->actors; i++) {
            left += w->cast[i].pid != 0;
            mortal += w->cast[i].pid != 0 && w->cast[i].mortal;
        }
        if (mortal == 0 && !told) {
            CHECK_OK(slotring_recover(ring, NULL));
            atomic_store(&journal->last, ring_stats(ring).published);
            told = true;
        }
        if (now_ns() > deadline)
            FAIL("%zu processes have not come to an end after 60 s", left);
    }
}

/* A small file system over the directory, seen by this process and its children only: it goes with them. */
static void make_small(const prove_options_t *options)
{
    bool fits = options->slots * options->slot_size <= (UINT64_C(8) << 20);
    bool done = fits && unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                mount("tmpfs", directory_path(), "tmpfs", 0, "size=32m") == 0;
    atomic_store(&journal->small, done);
    if (!done)
        printf("the disk is never full: that takes root, mount namespaces and a ring of at most 8 MiB\n");
}

/* A file system of one kind below the directory. Its state is what becomes of it in the storm. */
static void make_place(const prove_options_t *options)
{
    const place_kind_t *kind = options->place;
    const char *reason = kind->refused && kind->refused != SLOTRING_E_NO_SPACE ? "a ring is refused there"
                         : kind->state == PLACE_ENDLESS ? "it would take all memory of the machine"
                         : over_registry()              ? "the memory of rings lies elsewhere here"
                                                        : places_begin();
    if (!reason)
        reason = place_mount(kind);
    if (reason) {
        printf("SKIP %s: %s\n", kind->name, reason);
        fflush(NULL);
        _exit(CANNOT_RUN);
    }
    atomic_store(&journal->small, 1);
}

/* In a process of its own, so that a failed check ends it and is counted. */
static void storm_over_one_ring(const prove_options_t *options, weather_t *w)
{
    slotring_options_t ring_is = ring_options(SLOTRING_CREATE, options->slots, options->slot_size);
    ring_is.flags |= options->sums ? SLOTRING_CHECKSUMS : 0;
    ring_is.when_full = options->keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    if (options->hot)
        ring_is.flags |= SLOTRING_HOT_SLOTS;
    if (options->crowd)
        ring_is.max_participants = ring_is.max_readers = CROWD * options->crowd + CROWD_LEAVES;
    ring_is.max_groups = options->groups ? GROUPS : options->records ? 1 : 0;
    journal->crowd_handles = options->crowd;
    unsigned files = options->place ? directory_entries(place_path(), NULL, 0) : 0;
    slotring_t *ring = ring_open_with(w->name, &ring_is);
    if (options->groups)
        begin_groups(ring, options->filtered);
    if (options->deliveries)
        begin_durables(ring);
    if (options->records)
        begin_records_kept(ring);
    for (size_t i = 0; i < w->actors; i++)
        if (!w->cast[i].mortal || w->cast[i].act == acts_crowd)
            weather_start(&w->cast[i], w);
    uint32_t there = WITNESSES + (options->crowd ? CROWD : 0);
    there += options->choices ? CHOICES : 0;
    there += options->records ? 1 : 0; /* the lossy one */
    for (int64_t begun = now_ns(); atomic_load(&journal->seated) < there; (void)usleep(1000))
        CHECK(now_ns() - begun < PATIENCE);
    blow(w, ring, now_ns() + (int64_t)(options->seconds * SECOND));
    if (w->found == 0)
        calm_down(w, ring);
    if (w->found != 0)
        return;
    weather_end_all(w); /* orphans, too */
    if (options->deliveries)
        account_for_deliveries(ring);
    if (options->choices)
        account_for_choices();
    if (options->groups)
        account_for_groups(ring, w->kills);
    if (options->records)
        account_for_records_kept(ring);
    if (options->records)
        account_for_records(ring, options->keep);
    else
        account_for_all(ring, w->kills, options->keep);
    if (!options->place) {
        (void)unlink(filler_path());
        ring_remove(ring, w->name);
        return;
    }
    place_give_back();
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(w->name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    CHECK_EQUAL(directory_entries(place_path(), NULL, 0), files);
    place_unmount();
    check_nothing_left();
}

static void report(const prove_options_t *options, const weather_t *w, double seconds)
{
    uint64_t published = w->found == 0 ? atomic_load(&journal->last) : 0; /* known at the end only */
    if (options->deliveries)
        printf("%llu readers were told of a revocation, %llu marks were made, %llu drains came to an end\n",
               (unsigned long long)atomic_load(&journal->revoked),
               (unsigned long long)atomic_load(&journal->told[0]),
               (unsigned long long)atomic_load(&journal->drains));
    if (options->choices)
        printf("%llu readers chose, and ended alive; %llu messages came by their number, %llu by their tag, "
               "%llu through "
               "a queue\n",
               (unsigned long long)atomic_load(&journal->choices),
               (unsigned long long)atomic_load(&journal->chosen[0]),
               (unsigned long long)atomic_load(&journal->chosen[1]),
               (unsigned long long)atomic_load(&journal->queued));
    if (options->groups)
        printf("%llu messages were given again, %llu became dead letters, %llu were passed over\n",
               (unsigned long long)atomic_load(&journal->redelivered),
               (unsigned long long)atomic_load(&journal->dead_lettered),
               (unsigned long long)(atomic_load(&journal->groups[0].unwanted) +
                                    atomic_load(&journal->groups[1].unwanted)));
    printf("{\"what\": \"storm\", \"remark\": \"%llu published, %llu stops, %llu calls refused for want, "
           "%llu handles of "
           "a crowd\", "
           "\"when_full\": \"%s\", \"seed\": %u, \"seconds\": %.1f, \"tried\": %llu, "
           "\"unit\": \"kills\", \"stops\": %llu, \"published\": %llu, \"refused\": %llu, \"found\": %llu}\n",
           (unsigned long long)published, (unsigned long long)w->stops,
           (unsigned long long)atomic_load(&journal->refused),
           (unsigned long long)atomic_load(&journal->crowd),
           options->keep  ? "keep"
           : options->hot ? "overwrite, hot slots"
                          : "overwrite",
           options->seed, seconds, (unsigned long long)w->kills, (unsigned long long)w->stops,
           (unsigned long long)published, (unsigned long long)atomic_load(&journal->refused),
           (unsigned long long)w->found);
}

int storm(const prove_options_t *options)
{
    prove_options_t o = *options;
    if (o.seconds <= 0)
        o.seconds = 10;
    int64_t begun = now_ns();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        check_in_helper("the storm itself");
        if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
            _exit(CANNOT_RUN);
        journal->place = o.place;
        if (o.place)
            make_place(&o);
        else
            make_small(&o);
        weather_t w = {.name = ring_name(), .random = o.seed};
        weather_cast(&w, &o);
        storm_over_one_ring(&o, &w);
        weather_end_all(&w);
        report(&o, &w, (double)(now_ns() - begun) / SECOND);
        fflush(NULL);
        _exit(w.found != 0);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) <= 1)
        return WEXITSTATUS(status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_RUN && o.place)
        return CANNOT_RUN;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_RUN) {
        printf("SKIP prove.storm%s: the system lets no process adopt the children of killed ones\n",
               o.keep ? "_in_a_ring_that_keeps" : "");
        return CANNOT_RUN;
    }
    printf("{\"what\": \"storm\", \"seed\": %u, \"tried\": 0, \"unit\": \"kills\", \"found\": 1}\n", o.seed);
    return 1;
}
