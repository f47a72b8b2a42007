/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen next: a step of a thread, a late store that becomes visible, a kill, the start of a repair, a
 * stop. */
#include <string.h>

#include "model.h"

/* All threads of a participant die together, the stores that nobody has seen yet with them. */
static bool kill_participant(model_t *m, int p)
{
    bool busy = false;
    for (int i = 0; i < m->threads; i++)
        if (m->config->participants[i] - '0' == p && m->s.threads[i].depth > 0 && m->s.threads[i].idle != 1)
            busy = true;
    if (!busy || m->s.participants[p].dead || m->s.participants[p].closed || m->s.kills == 0)
        return false;
    m->s.kills--;
    if (m->s.mutex == p + 1)
        m->s.mutex = 0; /* the kernel drops it */
    model_reset_participant(m, p);
    m->s.participants[p].dead = 1;
    if (m->s.streams[p].phase == STREAMING)
        stream_dies(m, p);
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
    m->misfortune = true;
    return true;
}

/* Whoever repairs holds the process mutex, so there is one; another takes over when it is killed. */
static bool start_repair(model_t *m, int p)
{
    if (!m->s.participants[p].dead || m->s.repairing || m->s.mutex)
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
    m->misfortune = true;
    return true;
}

/* The repairer's last step makes the incarnation even: the entry is used again, unless the ring is removed. */
static void end_repair(model_t *m)
{
    int p = m->s.repairing - 1;
    m->s.repairing = 0;
    memset(&m->s.threads[m->threads], 0, sizeof m->s.threads[0]);
    model_reset_participant(m, p);
    m->s.streams[p].noted = m->s.streams[p].last = NONE; /* whoever takes the entry begins anew */
    m->s.participants[p].closed = m->s.removed;
    for (int i = 0; i < m->threads; i++) {
        thread_t *self = &m->s.threads[i];
        if (m->config->participants[i] - '0' != p)
            continue;
        if (m->s.removed)
            *self = (thread_t){.idle = 1};
        else
            model_reset_thread(m, i);
    }
}

static bool step(model_t *m, int actor)
{
    thread_t *self = &m->s.threads[actor];
    if (self->depth == 0 || m->s.stopped == actor + 1)
        return false;
    self->idle = 0;
    model_advance(m, self);
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
    m->misfortune = true;
    return true;
}

int model_moves(const model_t *m)
{
    return 2 * (m->threads + 1) + 2 * m->participants + 1 + m->threads;
}

bool model_could(const model_t *m, int move)
{
    int actors = m->threads + 1, participants = m->participants;
    if (move < actors)
        return m->s.threads[move].depth > 0;
    move -= actors;
    if (move < actors)
        return m->s.threads[move].pending[0] != 0;
    move -= actors;
    if (move < participants)
        return m->s.kills > 0 && !m->s.participants[move].dead;
    move -= participants;
    if (move > participants)
        return m->s.stops > 0 && m->s.threads[move - participants - 1].depth > 0;
    return move == participants ? m->s.repairing && m->s.kills > 0
                                : m->s.participants[move].dead && !m->s.repairing;
}

bool model_do(model_t *m, int move, int choice)
{
    int actors = m->threads + 1, participants = m->participants;
    m->choice = choice;
    m->choices = 1;
    m->label = NULL;
    m->misfortune = false;
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
    if (move < participants)
        return kill_participant(m, move);
    move -= participants;
    if (move < participants)
        return start_repair(m, move);
    if (move > participants)
        return stop(m, move - participants - 1);
    return kill_repairer(m);
}
