/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen next: a step of a thread, a late store that becomes visible, a kill, the start of a repair. */
#include <stddef.h>
#include <string.h>

#include "model.h"

typedef void procedure_t(model_t *m, thread_t *self, frame_t *f);
#define ENTRY(name) name,
static procedure_t *const table[] = {0, PROCEDURES(ENTRY)};
#undef ENTRY

void model_fail(model_t *m, const char *why)
{
    if (!m->violation)
        m->violation = why;
}

bool model_may(const model_t *m, int what)
{
    return (m->config->may & what) != 0;
}

int model_me(const model_t *m, const thread_t *self)
{
    int actor = (int)(self - m->s.threads);
    return actor < m->threads ? m->config->participants[actor] - '0' : m->s.repairing - 1;
}

void model_call(model_t *m, thread_t *self, int procedure, int slot, int t)
{
    if (self->depth == MAX_FRAMES) {
        model_fail(m, "the model needs more frames");
        return;
    }
    self->frames[self->depth++] = (frame_t){.procedure = procedure, .slot = slot, .t = t};
}

void model_return(thread_t *self, int value)
{
    memset(&self->frames[--self->depth], 0, sizeof self->frames[0]);
    self->result = value;
}

/* One of `count`: each is tried. At most once between two steps. */
int model_choose(model_t *m, int count)
{
    if (count == 1)
        return 0;
    if (m->choices > 1)
        model_fail(m, "the model chooses twice in one step");
    m->choices = count;
    return m->choice;
}

static void advance(model_t *m, thread_t *self)
{
    m->yielded = m->blocked = false;
    while (!m->yielded && !m->blocked && !m->violation && self->depth > 0) {
        frame_t *f = &self->frames[self->depth - 1];
        table[f->procedure](m, self, f);
    }
    if (m->yielded)
        self->result = 0; /* whoever called has looked at it */
}

static int role(char letter)
{
    switch (letter) {
    case 'P':
        return DO_producer;
    case 'L':
        return DO_lossless;
    case 'Y':
        return DO_lossy;
    case 'O':
        return DO_observer;
    case 'U':
        return DO_remover;
    default:
        return DO_tickets;
    }
}

bool has_role(const configuration_t *c, char letter)
{
    return strchr(c->roles, letter) != NULL;
}

bool has_participant(const configuration_t *c, int participant)
{
    return strchr(c->participants, '0' + participant) != NULL;
}

bool is_bystander(const configuration_t *c, int participant)
{
    for (int i = 0; c->roles[i]; i++)
        if (c->participants[i] - '0' == participant && c->roles[i] != 'O' && c->roles[i] != 'U')
            return false;
    return true;
}

/* At the start of its program, with the work that is left. */
void model_reset_thread(model_t *m, int actor)
{
    thread_t *self = &m->s.threads[actor];
    int left = self->left;
    memset(self, 0, sizeof *self);
    self->left = left;
    model_call(m, self, actor < m->threads ? role(m->config->roles[actor]) : DO_repairer, 0, 0);
    advance(m, self);
}

static void reset_participant(model_t *m, int p)
{
    memset(&m->s.participants[p], 0, sizeof m->s.participants[p]);
}

void model_start(model_t *m, const configuration_t *config, int fault)
{
    memset(m, 0, sizeof *m);
    m->config = config;
    m->fault = fault;
    m->threads = (int)strlen(config->roles);
    for (int i = 0; i < m->threads; i++)
        if (config->participants[i] - '0' >= m->participants)
            m->participants = config->participants[i] - '0' + 1;
    m->s.kills = config->kills;
    m->s.stops = (config->may & STOPS) != 0;
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        m->s.streams[p] = (stream_t){.noted = NONE, .dead_last = NONE, .last = NONE, .really_last = NONE};
    for (int i = 0; i < MAX_SLOTS; i++)
        m->s.slots[i] =
            (slot_t){.word = word_make(FREE, NOBODY, 0), .sequence = NONE, .message = NONE, .content = NONE};
    for (int i = 0; i < MAX_ORDER; i++)
        m->s.order[i].sequence = NONE;
    for (int i = 0; i < config->slots; i++) {
        m->s.leaf[i / config->width] |= 1 << i % config->width;
        m->s.summary |= 1 << i / config->width;
    }
    for (int i = 0; i < m->threads; i++) {
        m->s.threads[i].left = config->roles[i] == 'P' ? config->messages : config->reads;
        m->s.participants[config->participants[i] - '0'].closed =
            is_bystander(config, config->participants[i] - '0');
        model_reset_thread(m, i);
    }
}

void model_copy(model_t *to, const model_t *from)
{
    memcpy(to, from, offsetof(model_t, s.threads) + (size_t)(from->threads + 1) * sizeof from->s.threads[0]);
}

/* All threads of a participant die together, the stores that nobody has seen yet with them. */
static bool kill_participant(model_t *m, int p)
{
    bool busy = false;
    for (int i = 0; i < m->threads; i++)
        if (m->config->participants[i] - '0' == p && m->s.threads[i].depth > 0 && !m->s.threads[i].idle)
            busy = true;
    if (!busy || m->s.participants[p].dead || m->s.participants[p].closed || m->s.kills == 0)
        return false;
    m->s.kills--;
    if (m->s.mutex == p + 1)
        m->s.mutex = 0; /* the kernel drops it */
    reset_participant(m, p);
    m->s.participants[p].dead = 1;
    m->s.streams[p].really_last = m->s.streams[p].last;
    m->s.streams[p].last = NONE;
    for (int i = 0; i < m->threads; i++) {
        if (m->config->participants[i] - '0' != p)
            continue;
        thread_t *self = &m->s.threads[i];
        int left = self->left - (self->left > 0 && !self->idle);
        if (m->s.stopped == i + 1)
            m->s.stopped = 0;
        memset(self, 0, sizeof *self);
        self->left = left;
    }
    m->label = "kill";
    return true;
}

/* Whoever repairs holds the process mutex, so there is one; another takes over when it is killed. */
static bool start_repair(model_t *m, int p)
{
    if (!m->s.participants[p].dead || m->s.repairing)
        return false;
    m->s.repairing = p + 1;
    model_reset_thread(m, m->threads);
    m->label = "repair begins";
    return true;
}

static bool kill_repairer(model_t *m)
{
    if (!m->s.repairing || m->s.kills == 0)
        return false;
    m->s.kills--;
    memset(&m->s.threads[m->threads], 0, sizeof m->s.threads[0]);
    m->s.repairing = 0;
    m->label = "kill of the repairer";
    return true;
}

/* The repairer's last step makes the incarnation even: the place is used again. */
static void end_repair(model_t *m)
{
    int p = m->s.repairing - 1;
    m->s.repairing = 0;
    memset(&m->s.threads[m->threads], 0, sizeof m->s.threads[0]);
    reset_participant(m, p);
    m->s.streams[p].noted = NONE; /* whoever takes the place begins anew */
    for (int i = 0; i < m->threads; i++)
        if (m->config->participants[i] - '0' == p)
            model_reset_thread(m, i);
}

static bool step(model_t *m, int actor)
{
    thread_t *self = &m->s.threads[actor];
    if (self->depth == 0 || m->s.stopped == actor + 1)
        return false;
    self->idle = 0;
    advance(m, self);
    if (m->blocked)
        return false;
    if (actor == m->threads && self->depth == 0)
        end_repair(m);
    return true;
}

/* Alive, but never to be seen again: it keeps what it has. */
static bool stop(model_t *m, int actor)
{
    if (m->s.stops == 0 || m->s.threads[actor].idle ||
        is_bystander(m->config, m->config->participants[actor] - '0'))
        return false;
    m->s.stops--;
    m->s.stopped = actor + 1;
    m->label = "stop";
    return true;
}

int model_moves(const model_t *m)
{
    return 2 * (m->threads + 1) + 2 * m->participants + 1 + m->threads;
}

bool model_could(const model_t *m, int move)
{
    int actors = m->threads + 1, people = m->participants;
    if (move < actors)
        return m->s.threads[move].depth > 0;
    move -= actors;
    if (move < actors)
        return m->s.threads[move].pending[0] != 0;
    move -= actors;
    if (move < people)
        return m->s.kills > 0 && !m->s.participants[move].dead;
    move -= people;
    if (move > people)
        return m->s.stops > 0 && m->s.threads[move - people - 1].depth > 0;
    return move == people ? m->s.repairing && m->s.kills > 0
                          : m->s.participants[move].dead && !m->s.repairing;
}

bool model_do(model_t *m, int move, int choice)
{
    int actors = m->threads + 1, people = m->participants;
    m->choice = choice;
    m->choices = 1;
    m->label = NULL;
    m->actor = NONE;
    if (move < actors) {
        m->actor = move;
        return step(m, move);
    }
    move -= actors;
    if (move < actors) {
        thread_t *self = &m->s.threads[move];
        m->actor = move;
        m->label = "a late store becomes visible";
        if (self->pending[0] == 0)
            return false;
        drain_one(m, self);
        return true;
    }
    move -= actors;
    if (move < people)
        return kill_participant(m, move);
    move -= people;
    if (move < people)
        return start_repair(m, move);
    if (move > people)
        return stop(m, move - people - 1);
    return kill_repairer(m);
}

int model_run_alone(model_t *m, int actor, int procedure, int limit)
{
    thread_t *self = &m->s.threads[actor];
    memset(self, 0, sizeof *self);
    model_call(m, self, procedure, 0, 0);
    for (int n = 0; n < limit && !m->violation; n++) {
        m->choice = (int)((unsigned)n * 2654435761u >> 16 &
                          1); /* now this, now that: a search must not go in a circle */
        m->choices = 1;
        advance(m, self);
        if (self->depth == 0)
            return self->result;
        if (m->blocked)
            return NONE;
    }
    return NONE;
}
