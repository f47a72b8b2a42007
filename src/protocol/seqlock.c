/* SPDX-License-Identifier: Apache-2.0 */
/* Records of several words that one process writes while others read: who has a participant entry, who died there, what
 * a reader has had. Each has a version. Who reads looks at it, copies, and looks at it again: other fields than those
 * of one moment are never given. Nobody waits for a writer, who may be stopped or dead.
 * All words are atomic, so that none is torn, and relaxed. The writer's release fence lies between the old version and
 * the first field, the reader's acquire fence between the last field and the second look: who has seen a new field then
 * sees a new version. Both are needed.
 */
#include "protocol/life.h"
#include "protocol/snapshot.h"
#include "protocol/stream.h"

#define LOOKS 64 /* at a record that changes all the time */

/* ---- Who has an entry. Version: incarnation, odd while it is right ------------------------------------ */

/* The incarnation is even, the entry is this handle's by its death lock; the caller makes it odd. */
void sr__participant_write(sr__member_t *member, sr__participant_t *p, const slotring_options_t *options)
{
    bool proxy = (options->flags & SLOTRING_PROXY) != 0;
    sr__self_t self;
    member->os->system.self(&self);
    /* Release: the even incarnation comes before what is written now. Pairs with sr__look_again in
     * sr__participant_read. */
    atomic_thread_fence(memory_order_release);
    sr__poke(&p->pid, self.pid);
    sr__poke(&p->pid_namespace, self.pid_namespace);
    sr__poke(&p->start_time, self.start_time);
    sr__poke(&p->uid, self.uid);
    sr__poke(&p->attached_at, member->os->system.clock_ns());
    atomic_store_explicit(&p->backend, member->os->kind, memory_order_relaxed);
    atomic_store_explicit(&p->library, SLOTRING_VERSION, memory_order_relaxed);
    sr__name_store(p->name, options->client_name ? options->client_name : self.name);
    sr__poke(&p->proxy, proxy ? member->incarnation : 0);
    sr__poke(&p->origin_pid, options->origin_pid);
    sr__poke(&p->origin_incarnation, options->origin_incarnation);
    for (int i = 0; i < SR__COUNTERS; i++)
        sr__poke(&p->base[i], sr__peek(&p->counters[i]));
    sr__poke(&p->first_sequence, SR__NO_SEQUENCE);
    sr__poke(&p->last_sequence, SR__NO_SEQUENCE);
    sr__poke(&p->blocked_at, 0);
}

static void copy_participant(const sr__participant_t *p, sr__participant_copy_t *copy)
{
    copy->pid = sr__peek(&p->pid);
    copy->pid_namespace = sr__peek(&p->pid_namespace);
    copy->start_time = sr__peek(&p->start_time);
    copy->uid = sr__peek(&p->uid);
    copy->attached_at = sr__peek(&p->attached_at);
    copy->backend = atomic_load_explicit(&p->backend, memory_order_relaxed);
    copy->library = atomic_load_explicit(&p->library, memory_order_relaxed);
    copy->last_sequence = sr__peek(&p->last_sequence);
    copy->blocked_at = sr__peek(&p->blocked_at);
    copy->proxy = sr__peek(&p->proxy);
    copy->origin_pid = sr__peek(&p->origin_pid);
    copy->origin_incarnation = sr__peek(&p->origin_incarnation);
    copy->producing = sr__stream_phase(sr__peek(&p->stream)) == SR__STREAMING;
    for (int i = 0; i < SR__COUNTERS; i++)
        copy->counts[i] = sr__peek(&p->counters[i]) - sr__peek(&p->base[i]);
    sr__name_load(copy->name, p->name);
}

/* Of a participant, living or dead. The words are of this incarnation only if `proxy` says so. */
void sr__participant_origin(const sr__participant_copy_t *copy, slotring_participant_t *out)
{
    out->proxy = copy->incarnation != 0 && copy->proxy == copy->incarnation;
    out->origin_pid = out->proxy ? copy->origin_pid : 0;
    out->origin_incarnation = out->proxy ? copy->origin_incarnation : 0;
}

/* 0; SR__LEFT: nobody is there, or it changed between all looks; an observer's error. `with_life` asks between the two
 * looks whether the process lives, so that the answer is about the same one. */
int sr__participant_read(sr__member_t *member, uint32_t participant, bool with_life,
                         sr__participant_copy_t *copy)
{
    const sr__participant_copy_t nobody = {.last_sequence = SR__NO_SEQUENCE};
    *copy = nobody;
    if (participant >= member->view.participant_count)
        return SR__LEFT;
    const sr__participant_t *p = &member->view.participants[participant];
    for (int look = 0; look < LOOKS; look++) {
        uint64_t incarnation = sr__load(&p->incarnation);
        int failed = sr__look_again(member, p, sizeof *p);
        if (failed)
            return failed;
        copy_participant(p, copy);
        if (with_life)
            copy->life = sr__life_of(member, participant, copy);
        failed = sr__look_again(member, &p->incarnation, sizeof p->incarnation);
        if (failed)
            return failed;
        copy->incarnation = sr__load(&p->incarnation);
        if (copy->incarnation == incarnation && sr__in_use(incarnation))
            return 0;
        if (!sr__in_use(copy->incarnation))
            break;
    }
    *copy = nobody;
    return SR__LEFT;
}

/* ---- Who died at an entry. Version: the record's own incarnation, 0 while it is written ----------------- */

/* Two records take turns, so the one of the last death that was counted is whole until the next one is counted, however
 * long a repairer takes to write that, or if it is killed while it does. */
static sr__death_t *death_at(const sr__participant_t *p, uint64_t number)
{
    const sr__death_t *record = number % 2 ? &p->odd_death : &p->even_death;
    return (sr__death_t *)(uintptr_t)record;
}

/* [seqlock.write] Writes down who died. By the repairer, before the death is counted. A repairer that was
 * killed here or before the count is followed by one that writes the same again. Or by a proxy, about the producer for which it
 * publishes, once in its life; if it is killed before the count, its repairer writes that the way to the producer was lost.
 * `proxy` and `lost` hold the incarnation, so that what was left there by another one says nothing. */
void sr__death_write(sr__participant_t *p, uint64_t last_sequence, bool lost)
{
    uint64_t incarnation = sr__load(&p->incarnation), proxy = sr__peek(&p->proxy);
    sr__death_t *record = death_at(p, sr__stream_counts(p).died + 1);
    char name[48];
    sr__name_load(name, p->name);
    sr__poke(&record->incarnation, 0);
    /* Release: no version comes before what is written now. Pairs with the fence in copy_death. */
    atomic_thread_fence(memory_order_release);
    sr__poke(&record->pid, sr__peek(&p->pid));
    sr__poke(&record->last_sequence, last_sequence);
    sr__name_store(record->name, name);
    sr__poke(&record->proxy, proxy == incarnation ? incarnation : 0);
    sr__poke(&record->lost, lost ? incarnation : 0);
    sr__poke(&record->origin_pid, sr__peek(&p->origin_pid));
    sr__poke(&record->origin_incarnation, sr__peek(&p->origin_incarnation));
    /* Release: who sees the version sees the rest. */
    atomic_store_explicit(&record->incarnation, incarnation, memory_order_release);
}

/* [seqlock.copy] Copies the record of a death between two looks at its version. */
static bool copy_death(const sr__death_t *record, sr__participant_copy_t *dead)
{
    *dead = (sr__participant_copy_t){.life = SLOTRING_LIFE_DEAD, .last_sequence = SR__NO_SEQUENCE};
    uint64_t incarnation = atomic_load_explicit(&record->incarnation, memory_order_acquire);
    if (!sr__in_use(incarnation)) /* of nobody: it is being written */
        return false;
    dead->incarnation = incarnation;
    dead->pid = sr__peek(&record->pid);
    dead->last_sequence = sr__peek(&record->last_sequence);
    dead->proxy = sr__peek(&record->proxy);
    dead->lost = sr__peek(&record->lost);
    dead->origin_pid = sr__peek(&record->origin_pid);
    dead->origin_incarnation = sr__peek(&record->origin_incarnation);
    sr__name_load(dead->name, record->name);
    atomic_thread_fence(memory_order_acquire); /* pairs with the one in sr__death_write */
    return sr__peek(&record->incarnation) == incarnation;
}

/* [seqlock.read] Reads the record of a death that is counted. Death `number` of this entry, counted from 1;
 * that has been counted. When its record is overwritten by now: the oldest one that there is. While the
 * count is the same, the last one's record is whole, and its own; the other one is being overwritten, or
 * was, unless it is older. Nothing right there: the ring is damaged, and all that is known is that somebody
 * died. */
void sr__death_read(const sr__participant_t *p, uint64_t number, sr__participant_copy_t *dead)
{
    for (int look = 0; look < LOOKS; look++) {
        uint64_t counted = sr__stream_counts(p).died;
        sr__participant_copy_t before;
        bool known = copy_death(death_at(p, counted), dead);
        if (known && number < counted && copy_death(death_at(p, counted - 1), &before) &&
            before.incarnation < dead->incarnation)
            *dead = before;
        if (known && sr__stream_counts(p).died == counted)
            return;
    }
    *dead = (sr__participant_copy_t){.life = SLOTRING_LIFE_DEAD, .last_sequence = SR__NO_SEQUENCE};
}

/* ---- What a reader has had. Version: the subscription's state, which has a generation --------------------------- */

/* What a subscription's account is made of, but for the cursor. */
typedef struct marks {
    const sr__account_words_t *account; /* which copy */
    uint64_t start, missed, passed_over, jump_to, jump_missed, jump_passed_over, pending;
} marks_t;

static marks_t marks_of(const sr__account_words_t *account)
{
    return (marks_t){.account = account,
                     .start = sr__load(&account->start),
                     .missed = sr__load(&account->missed),
                     .passed_over = sr__load(&account->passed_over),
                     .jump_to = sr__load(&account->jump_to),
                     .jump_missed = sr__load(&account->jump_missed),
                     .jump_passed_over = sr__load(&account->jump_passed_over),
                     .pending = sr__load(&account->pending)};
}

static bool same_marks(const marks_t *a, const marks_t *b)
{
    return a->account == b->account && a->start == b->start && a->missed == b->missed &&
           a->jump_to == b->jump_to && a->jump_missed == b->jump_missed && a->passed_over == b->passed_over &&
           a->jump_passed_over == b->jump_passed_over && a->pending == b->pending;
}

/* delivered = cursor - start - missed - passed over - pending, exact at each single store of the reader: the target of a jump
 * is stored first (the jump is not made while the cursor is below it), then the totals after it, then the cursor, which
 * makes it. While the marks stay the same, any cursor goes with them. Of a start in the past the totals come before the
 * start, which lets them count. What nobody holds any more of the past, since its reader left, was missed. */
static sr__account_t account_at(const marks_t *m, uint64_t cursor, bool left)
{
    uint64_t given = cursor > m->start ? cursor - m->start : 0;
    bool jumped = cursor >= m->jump_to;
    uint64_t pending = jumped ? m->pending : 0;
    sr__account_t a = {.start = m->start, .cursor = cursor, .pending = left ? 0 : pending};
    a.missed = (jumped ? m->jump_missed : m->missed) + (left ? pending : 0);
    a.passed_over = jumped ? m->jump_passed_over : m->passed_over;
    uint64_t rest = a.missed + a.passed_over + a.pending;
    a.delivered = given > rest ? given - rest : 0;
    return a;
}

/* 0; SR__LEFT: the subscription is not ACTIVE, or not the same one any more; an observer's error. Of a reader that
 * jumps between all looks the account is of no single moment. */
int sr__subscription_read(sr__member_t *member, uint32_t number, sr__subscription_copy_t *record)
{
    const sr__subscription_t *subscription = &member->view.subscriptions[number];
    record->word = sr__load(&subscription->state);
    if (sr__subscription_state(record->word) != SR__SUBSCRIPTION_ACTIVE)
        return SR__LEFT;
    for (int look = 0; look < LOOKS; look++) {
        marks_t before = marks_of(sr__account_of(subscription, record->word)), after;
        int failed = sr__look_again(member, subscription, sizeof *subscription);
        if (failed)
            return failed;
        uint64_t cursor = sr__number(sr__load(&subscription->cursor));
        record->account = sr__subscription_has_started(record->word)
                              ? account_at(&before, cursor, sr__subscription_is_left(record->word))
                              : (sr__account_t){.start = cursor, .cursor = cursor};
        record->bytes_read = sr__peek(&subscription->bytes_read);
        record->records = sr__peek(&subscription->records);
        record->records_missed = sr__load(&subscription->records_missed); /* acquire: before missed_before */
        record->records_passed_over = sr__peek(&subscription->records_passed_over);
        record->group = sr__peek(&subscription->group);
        record->mask = sr__peek(&subscription->mask);
        record->match = sr__peek(&subscription->match);
        record->every = atomic_load_explicit(&subscription->every, memory_order_relaxed);
        record->budget = sr__peek(&subscription->budget);
        record->lost = sr__peek(&subscription->lost);
        record->missed_before = sr__peek(&subscription->missed_before);
        record->revoked_at = atomic_load_explicit(&subscription->revoked_at, memory_order_relaxed);
        record->latest = atomic_load_explicit(&subscription->latest, memory_order_relaxed);
        record->flags = atomic_load_explicit(&subscription->flags, memory_order_relaxed);
        record->window = atomic_load_explicit(&subscription->window, memory_order_relaxed);
        record->left_at = sr__peek(&subscription->left_at);
        record->left_by = sr__peek(&subscription->left_by);
        sr__name_load(record->name, subscription->name);
        failed = sr__look_again(member, subscription, sizeof *subscription);
        if (failed)
            return failed;
        uint64_t now = sr__load(&subscription->state);
        if (!sr__subscription_goes_on(now, record->word))
            return SR__LEFT;
        after = marks_of(sr__account_of(subscription, record->word));
        if (same_marks(&before, &after) && now == record->word)
            break;
        record->word = now; /* its flags may change */
    }
    return 0;
}
