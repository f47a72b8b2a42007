/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's stack of procedures, and how everything begins. moves.c says what can happen then. */
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

void model_advance(model_t *m, thread_t *self)
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
    case 'X':
        return DO_producer;
    case 'L':
        return DO_lossless;
    case 'B':
        return DO_budgeted;
    case 'Q':
        return DO_ticket_reader;
    case 'Y':
        return DO_lossy;
    case 'O':
        return DO_observer;
    case 'U':
        return DO_remover;
    case 'W':
    case 'E':
        return DO_writer;
    case 'R':
        return DO_record_tickets;
    case 'C':
        return DO_record_observer;
    case 'S':
        return DO_spanner;
    case 'M':
        return DO_marker;
    case 'D':
        return DO_durable;
    case 'G':
    case 'K':
        return DO_member;
    default:
        return DO_tickets;
    }
}

bool has_role(const configuration_t *c, char letter)
{
    return strchr(c->roles, letter) != NULL;
}

bool has_group(const configuration_t *c)
{
    return has_role(c, 'G') || has_role(c, 'K');
}

bool has_participant(const configuration_t *c, int participant)
{
    return strchr(c->participants, '0' + participant) != NULL;
}

bool is_bystander(const configuration_t *c, int participant)
{
    for (int i = 0; c->roles[i]; i++)
        if (c->participants[i] - '0' == participant && !strchr("OUC", c->roles[i]))
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
    model_advance(m, self);
}

void model_reset_participant(model_t *m, int p)
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
    m->rows = writer_rows(config);
    m->s.kills = config->kills;
    m->s.stops = (config->may & STOPS) != 0;
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        m->s.streams[p] = (stream_t){.noted = NONE, .last = NONE};
    for (int i = 0; i < MAX_SLOTS; i++)
        m->s.slots[i] =
            (slot_t){.word = word_make(FREE, NOBODY, 0), .sequence = NONE, .message = NONE, .content = NONE};
    for (int i = 0; i < MAX_SLOTS; i++)
        for (int n = 0; n < MAX_RECORDS; n++)
            m->s.blocks[i].headers[n] = HEADER_GARBAGE;
    for (int i = 0; i < MAX_ORDER; i++)
        m->s.order[i].sequence = m->s.order[i].withdrawn = NONE;
    for (int i = 0; i < config->slots; i++) {
        m->s.leaf[i / config->width] |= 1 << i % config->width;
        m->s.summary |= 1 << i / config->width;
    }
    for (int i = 0; i < m->threads; i++) {
        m->s.threads[i].left = strchr("PWES", config->roles[i]) ? config->messages
                               : config->roles[i] == 'M'        ? 2 + model_may(m, LONG) - model_may(m, SHORT)
                                                                : config->reads;
        m->s.participants[config->participants[i] - '0'].closed =
            is_bystander(config, config->participants[i] - '0');
        model_reset_thread(m, i);
    }
}

void model_copy(model_t *to, const model_t *from)
{
    memcpy(to, from, offsetof(model_t, s.threads) + (size_t)(from->threads + 1) * sizeof from->s.threads[0]);
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
        model_advance(m, self);
        if (self->depth == 0)
            return self->result;
        if (m->blocked)
            return NONE;
    }
    return NONE;
}
