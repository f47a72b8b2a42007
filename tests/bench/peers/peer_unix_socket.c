/* SPDX-License-Identifier: Apache-2.0 */
/* A pair of Unix sockets: SOCK_SEQPACKET, which keeps messages apart, for those that fit into one; SOCK_STREAM
 * for larger ones. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/utsname.h>

#include "stream_file.h"

#define PACKET_MOST (64u << 10)

const peer_facts_t *peer_facts(void)
{
    static const peer_facts_t facts = {
        .name = "Unix socket",
        .setting = "SEQPACKET to 64 KiB, STREAM above; SO_SNDBUF 1 MiB; O_NONBLOCK when spinning",
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
    int files[2], bytes = 1 << 20;
    if (socketpair(AF_UNIX, shape->size <= PACKET_MOST ? SOCK_SEQPACKET : SOCK_STREAM, 0, files) != 0)
        return "socketpair() failed";
    /* Root may go beyond the limit that the system sets for others. */
    if (setsockopt(files[1], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0 &&
        setsockopt(files[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) != 0)
        fail("SO_SNDBUF: %s", strerror(errno));
    ends_t *ends = ends_new();
    *ends = (ends_t){files[0], files[1]};
    shape->made = ends;
    return NULL;
}
