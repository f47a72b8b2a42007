/* SPDX-License-Identifier: Apache-2.0 */
/* iceoryx classic through its C binding: chunks are loaned and read in place; the publisher waits for a full
 * receiver. Its daemon RouDi is started for each measurement, with memory for just these messages. */
#define _GNU_SOURCE
#include <iceoryx_binding_c/log.h>
#include <iceoryx_binding_c/publisher.h>
#include <iceoryx_binding_c/runtime.h>
#include <iceoryx_binding_c/subscriber.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

/* What a subscriber's queue holds at most, and what a chunk has in front of its payload, rounded up. */
#define QUEUE_MOST 256u
#define CHUNK_HEADER 128u

typedef struct daemon {
    pid_t process;
    unsigned users; /* shapes of this run that need it */
} daemon_t;

typedef struct side {
    iox_pub_storage_t publisher_storage;
    iox_sub_storage_t subscriber_storage;
    iox_pub_t publisher;
    iox_sub_t subscriber;
    size_t size;
    void *reserved;
    const void *received;
} side_t;

static daemon_t roudi;

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "iceoryx classic",
                                       .setting =
                                           "C binding; wait for consumer; queue of at most 256; polling",
                                       .spins = true,
                                       .many_senders = true,
                                       .many_receivers = true,
                                       .in_place = true};
    return &facts;
}

const char *peer_version(void)
{
    return ICEORYX_VERSION; /* from the build: the C headers do not say */
}

static void write_settings(const char *path, const shape_t *shape)
{
    FILE *file = fopen(path, "w");
    /* Twice: a ping-pong has two connections. */
    unsigned chunks = 2 * (shape->buffers * shape->receivers + 16) * shape->senders;
    if (!file ||
        fprintf(file,
                "[general]\nversion = 1\n\n[[segment]]\n\n[[segment.mempool]]\nsize = %zu\n"
                "count = %u\n",
                (shape->size + CHUNK_HEADER + 127) / 128 * 128, chunks) < 0 ||
        fclose(file) != 0)
        fail("cannot write %s", path);
}

/* It says on standard output when it is ready. */
static bool await_ready(int from)
{
    char text[4096];
    size_t length = 0;
    ssize_t got;
    while (length + 1 < sizeof text && (got = read(from, text + length, sizeof text - 1 - length)) > 0) {
        length += (size_t)got;
        text[length] = '\0';
        if (strstr(text, "RouDi is ready for clients"))
            return true;
    }
    return false;
}

const char *peer_create(shape_t *shape)
{
    char path[100];
    int output[2];
    if (roudi.users++ > 0)
        return NULL;
    snprintf(path, sizeof path, "/tmp/%s.toml", shape->name);
    write_settings(path, shape);
    if (pipe(output) != 0)
        fail("no pipe");
    roudi.process = fork();
    if (roudi.process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(output[1], STDOUT_FILENO);
        dup2(output[1], STDERR_FILENO);
        close(output[0]);
        execlp("iox-roudi", "iox-roudi", "-c", path, "-m", "off", "-l", "error", (char *)NULL);
        _exit(127);
    }
    close(output[1]);
    bool ready = await_ready(output[0]);
    unlink(path);
    if (!ready) {
        roudi.users = 0;
        kill(roudi.process, SIGKILL);
        waitpid(roudi.process, NULL, 0);
        return "its daemon iox-roudi did not start";
    }
    /* The pipe stays open: the daemon may write on. */
    return NULL;
}

void peer_destroy(shape_t *shape)
{
    (void)shape;
    if (--roudi.users > 0)
        return;
    kill(roudi.process, SIGTERM);
    waitpid(roudi.process, NULL, 0);
}

static side_t *open_side(const shape_t *shape)
{
    static bool joined;
    char name[100];
    side_t *side = calloc(1, sizeof *side);
    if (!side)
        fail("no memory for a side");
    side->size = shape->size;
    if (!joined) {
        snprintf(name, sizeof name, "peer-%ld", (long)getpid());
        iox_set_loglevel(Iceoryx_LogLevel_Error);
        iox_runtime_init(name);
        joined = true;
    }
    return side;
}

void *peer_open_receiver(const shape_t *shape, unsigned number)
{
    (void)number;
    side_t *side = open_side(shape);
    iox_sub_options_t options;
    iox_sub_options_init(&options);
    options.queueCapacity = shape->buffers < QUEUE_MOST ? shape->buffers : QUEUE_MOST;
    options.queueFullPolicy = QueueFullPolicy_BLOCK_PRODUCER;
    side->subscriber = iox_sub_init(&side->subscriber_storage, "slotring", "bench", shape->name, &options);
    return side;
}

/* The daemon connects them a little later. */
void *peer_open_sender(const shape_t *shape, unsigned number)
{
    (void)number;
    side_t *side = open_side(shape);
    iox_pub_options_t options;
    iox_pub_options_init(&options);
    options.subscriberTooSlowPolicy = ConsumerTooSlowPolicy_WAIT_FOR_CONSUMER;
    side->publisher = iox_pub_init(&side->publisher_storage, "slotring", "bench", shape->name, &options);
    while (!iox_pub_has_subscribers(side->publisher))
        sched_yield();
    if (shape->receivers > 1) /* it only says whether there is any: the daemon looks every 100 ms */
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    return side;
}

void peer_close_receiver(void *receiver)
{
    side_t *side = receiver;
    iox_sub_deinit(side->subscriber);
    free(side);
}

void peer_close_sender(void *sender)
{
    side_t *side = sender;
    iox_pub_deinit(side->publisher);
    free(side);
}

void *peer_reserve(void *sender)
{
    side_t *side = sender;
    enum iox_AllocationResult result;
    while ((result = iox_pub_loan_chunk(side->publisher, &side->reserved, (uint32_t)side->size)) !=
           AllocationResult_SUCCESS)
        if (result != AllocationResult_RUNNING_OUT_OF_CHUNKS)
            fail("iox_pub_loan_chunk: %d", (int)result);
    return side->reserved;
}

void peer_publish(void *sender)
{
    side_t *side = sender;
    iox_pub_publish_chunk(side->publisher, side->reserved);
}

void peer_flush(void *sender)
{
    (void)sender;
}

const void *peer_receive(void *receiver)
{
    side_t *side = receiver;
    enum iox_ChunkReceiveResult result;
    while ((result = iox_sub_take_chunk(side->subscriber, &side->received)) != ChunkReceiveResult_SUCCESS) {
        if (result != ChunkReceiveResult_NO_CHUNK_AVAILABLE)
            fail("iox_sub_take_chunk: %d", (int)result);
        peer_pause();
    }
    return side->received;
}

void peer_release(void *receiver)
{
    side_t *side = receiver;
    iox_sub_release_chunk(side->subscriber, side->received);
}
