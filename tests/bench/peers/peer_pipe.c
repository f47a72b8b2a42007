/* SPDX-License-Identifier: Apache-2.0 */
/* A pipe that holds as much as the buffers of the others, from its usual 64 KiB up to what everybody may have. */
#define _GNU_SOURCE
#include <sys/utsname.h>

#include "stream_file.h"

#define SMALLEST (64u << 10)
#define LARGEST (1u << 20) /* /proc/sys/fs/pipe-max-size, unless it was raised */

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "pipe",
                                       .setting = "F_SETPIPE_SZ 64 KiB to 1 MiB; O_NONBLOCK when spinning",
                                       .spins = true,
                                       .blocks = true};
    return &facts;
}

const char *peer_version(void)
{
    static struct utsname system;
    uname(&system);
    return system.release;
}

const char *peer_create(shape_t *shape)
{
    int files[2];
    size_t bytes = shape->size * shape->buffers;
    bytes = bytes > LARGEST ? LARGEST : bytes < SMALLEST ? SMALLEST : bytes;
    if (pipe(files) != 0)
        return "pipe() failed";
    if (fcntl(files[1], F_SETPIPE_SZ, (int)bytes) < 0)
        fail("F_SETPIPE_SZ: %s", strerror(errno));
    ends_t *ends = ends_new();
    *ends = (ends_t){files[0], files[1]};
    shape->made = ends;
    return NULL;
}
