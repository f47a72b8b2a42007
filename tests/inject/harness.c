/* SPDX-License-Identifier: Apache-2.0 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/registry.h"

static unsigned own_mappings(void)
{
    unsigned count = 0;
    char line[600];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, directory_path()) != NULL || strstr(line, "(deleted)") != NULL;
    if (maps != NULL)
        fclose(maps);
    return count;
}

void possessions_count(possessions_t *have)
{
    for (unsigned k = 0; k < KINDS; k++)
        have->books[k] = books_count((enum inject_kind)k);
    bool says = process_can_fork(); /* Wine shows its own /proc, which is not the program's */
    have->descriptors = says ? directory_entries("/proc/self/fd", NULL, 0) : 0;
    have->mappings = says ? own_mappings() : 0;
}

void possessions_check(const possessions_t *before)
{
    static const char *const kinds[KINDS] = {"place",      "segment",      "set of locks",
                                             "death lock", "set of waits", "held process mutex"};
    possessions_t now;
    possessions_count(&now);
    for (unsigned k = 0; k < KINDS; k++)
        if (now.books[k] != before->books[k])
            FAIL("%u of kind \"%s\" were there before, %u are now", before->books[k], kinds[k], now.books[k]);
    CHECK_EQUAL(now.descriptors, before->descriptors);
    CHECK_EQUAL(now.mappings, before->mappings);
    CHECK_STRING(books_violation(), "");
}

bool harness_chosen(void)
{
    static unsigned turn;
    unsigned long percent = scaled(100);
    return percent >= 100 || thorough_seconds() != 0 || turn++ % (100 / percent) == 0;
}

bool harness_documented(const operation_t *operation, int result)
{
    if (result == 0 || result == operation->expected || result == operation->later)
        return true;
    for (const int *code = operation->documented; *code != 0; code++)
        if (*code == result)
            return true;
    return false;
}

/* It is about the code, and it names the thing: the ring, or by the backend's own words what it could not do. */
static void check_sentence(const stage_t *s, int result)
{
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, result);
    if (s->has_error) {
        CHECK_EQUAL(s->error.code, result);
        CHECK_STRING(s->error.text, error.text);
    }
    if (strstr(error.text, ring_name()) == NULL && strstr(error.text, "(injected)") == NULL)
        FAIL("%s: the sentence names nothing: %s", slotring_error_name(result), error.text);
}

/* Nothing that was not there before, unless removing it is what failed, or could not be done without the mutex. Over APR
 * a ring has a file for each participant entry that was ever used. */
static void check_files(const stage_t *s, const inject_plan_t *plan, unsigned before)
{
    char names[600];
    unsigned now = directory_entries(directory_path(), names, sizeof names);
    bool may_stay = plan->call == INJECT_segment_unlink || plan->call == INJECT_segment_may_unlink ||
                    plan->call == INJECT_locks_unlink || plan->call == INJECT_mutex_lock;
    bool grows = over_registry() && (s->flags & (HOME | UNUSED | DOOMED));
    if (now > before && plan->code < 0 && plan->intruder == NULL && !may_stay && !grows)
        FAIL("%u files were there before, %u are now:%s", before, now, names);
}

static void use_ring(stage_t *s)
{
    slotring_t *ring = s->home;
    if (s->opened != NULL && ring_info(s->opened).participant != UINT32_MAX)
        ring = s->opened;
    if (ring == NULL)
        return;
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring(ring);
    if (s->flags & FULL)
        return;
    slotring_ticket_t ticket = publish(ring, 3, 3);
    read_once(ring, &ticket);
}

int harness_run(const operation_t *operation, const inject_plan_t *plan, allowed_fn allowed,
                unsigned counts[INJECT_CALLS])
{
    possessions_t before;
    stage_t s;
    possessions_count(&before);
    stage_set(&s, operation->flags);
    unsigned files = directory_entries(directory_path(), NULL, 0);
    inject_arm(plan);
    int result = operation->run(&s);
    inject_disarm();
    for (unsigned c = 0; counts != NULL && c < INJECT_CALLS; c++)
        counts[c] = inject_count((enum inject_call)c);
    if (!allowed(operation, plan, result)) {
        slotring_last_error(&s.error);
        FAIL("gave %s: %s", slotring_error_name(result), s.error.text);
    }
    if (result != 0)
        CHECK(s.opened == NULL);
    if (result != 0 && result != operation->expected) {
        if (!s.has_no_sentence && plan->intruder == NULL && result != SLOTRING_E_TIMEOUT)
            check_sentence(&s, result);
        check_files(&s, plan, files);
    }
    if (result != 0 && result != operation->expected && plan->intruder == NULL) {
        sr__backends[0]->system.sleep_ns(
            SECOND); /* on the tests' own clock: the next look for the dead is due */
        int again = operation->run(&s);
        if (again != operation->expected && again != operation->later &&
            !(plan->call == INJECT_CALLS && allowed(operation, plan, again)))
            FAIL("gave %s, and then, with nothing in its way, %s", slotring_error_name(result),
                 slotring_error_name(again));
    }
    use_ring(&s);
    if (plan->intruder != NULL && plan->context != NULL)
        s.flags |= FOREIGN; /* what has the name now goes by force only */
    stage_clear(&s);
    possessions_check(&before);
    return result;
}
