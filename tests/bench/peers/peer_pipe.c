/* SPDX-License-Identifier: Apache-2.0 */
/* A pipe, as large as the system allows. */
#define _GNU_SOURCE
#include <sys/utsname.h>

#include "stream_file.h"

#define LARGEST (1 << 20) /* /proc/sys/fs/pipe-max-size, unless it was raised */

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {.name = "pipe",
                                       .setting = "F_SETPIPE_SZ 1 MiB; O_NONBLOCK when spinning",
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
    if (pipe(files) != 0)
        return "pipe() failed";
    if (fcntl(files[1], F_SETPIPE_SZ, LARGEST) < 0)
        fail("F_SETPIPE_SZ: %s", strerror(errno));
    ends_t *ends = ends_new();
    *ends = (ends_t){files[0], files[1]};
    shape->made = ends;
    return NULL;
}
