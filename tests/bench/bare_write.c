/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording costs without a ring: the same bytes from shared memory to the same disk, and the same checksum over them.
 *   bare_write FILE MESSAGE MIB WAY
 * WAY: write     a write(2) for each message, and nothing else
 *      write+crc the same, with a CRC-32 of each message
 *      parts     as slotring record writes: chunks of a MiB with heads between the messages, and room that is reserved
 *      parts+crc the same, with a CRC-32 of each chunk
 * Prints bytes of messages per second. For recording.sh; on Linux. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "../../tools/crc32.h"

enum {
    SLOTS = 64,
    MOST = 16, /* messages in one chunk */
    CHUNK_HEAD =
        49 + 31, /* bytes in front of a chunk's entries, in front of a message, and behind the chunk */
    ENTRY = 64,
    MESSAGE_HEAD = 31,
    INDEX = 15,
    INDEX_ENTRY = 16,
};
#define CHUNK ((size_t)1 << 20)
#define RESERVED ((size_t)64 << 20)

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int failed(const char *what)
{
    perror(what);
    return 1;
}

/* The slots of a ring: memory that others share. */
static unsigned char *slots(size_t message)
{
    int file = memfd_create("bare_write", MFD_CLOEXEC);
    unsigned char *memory = NULL;
    if (file >= 0 && ftruncate(file, (off_t)(SLOTS * message)) == 0)
        memory = mmap(NULL, SLOTS * message, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (!memory || memory == MAP_FAILED)
        return NULL;
    for (size_t i = 0; i < SLOTS * message; i++)
        memory[i] = (unsigned char)(i * 2654435761u >> 13);
    return memory;
}

/* The parts of a chunk with messages `first` to `first` + `count` - 1. Returns how many. */
static int chunk(struct iovec *parts, unsigned char *memory, size_t message, size_t first, size_t count,
                 size_t *size)
{
    static unsigned char heads[CHUNK_HEAD + MOST * ENTRY + 2 * INDEX + 2 * MOST * INDEX_ENTRY];
    int used = 0;
    parts[used++] = (struct iovec){heads, CHUNK_HEAD + count * ENTRY};
    for (size_t i = first; i < first + count; i++) {
        parts[used++] = (struct iovec){heads, MESSAGE_HEAD};
        parts[used++] = (struct iovec){memory + i % SLOTS * message, message};
    }
    parts[used++] = (struct iovec){heads, 2 * INDEX + 2 * count * INDEX_ENTRY};
    *size = 0;
    for (int i = 0; i < used; i++)
        *size += parts[i].iov_len;
    return used;
}

int main(int count, char **words)
{
    if (count != 5)
        return fprintf(stderr, "bare_write FILE MESSAGE MIB WAY\n"), 2;
    size_t message = strtoull(words[2], NULL, 10), total = (size_t)strtoull(words[3], NULL, 10) << 20;
    bool crc = strstr(words[4], "+crc") != NULL, parts = strncmp(words[4], "parts", 5) == 0;
    size_t together = parts && message < CHUNK ? CHUNK / message : 1, position = 0, reserved = 0;
    unsigned char *memory = message > 0 ? slots(message) : NULL;
    int file = open(words[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    uint32_t sum = 0;
    if (!memory || file < 0 || together > MOST)
        return failed(words[1]);
    double begun = now();
    for (size_t i = 0; i < total / message; i += together) {
        struct iovec vectors[2 * MOST + 2] = {{memory + i % SLOTS * message, message}};
        size_t size = message;
        int used = parts ? chunk(vectors, memory, message, i, together, &size) : 1;
        for (int k = 0; crc && k < used; k++)
            sum = crc32_add(k == 0 ? 0 : sum, vectors[k].iov_base, vectors[k].iov_len);
        if (parts && position + size > reserved) {
            (void)fallocate(file, FALLOC_FL_KEEP_SIZE, (off_t)reserved, RESERVED);
            reserved += RESERVED;
        }
        if (writev(file, vectors, used) != (ssize_t)size)
            return failed(words[1]);
        position += size;
    }
    double seconds = now() - begun;
    printf("%.0f\n", (double)total / seconds);
    return sum == 1 ? 3 : close(file); /* the sum is used */
}
