/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded before the program (LD_PRELOAD): kills it at its Nth writev, as SLOTRING_TEST_KILL says: before:N, half:N or after:N. So a
 * recorder dies at each point where what is on the disk changes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* The first half of the bytes. */
static void write_half(int file, const struct iovec *parts, int count)
{
    size_t half = 0;
    for (int i = 0; i < count; i++)
        half += parts[i].iov_len;
    half /= 2;
    for (int i = 0; i < count && half > 0; i++) {
        size_t size = parts[i].iov_len < half ? parts[i].iov_len : half;
        if (write(file, parts[i].iov_base, size) != (ssize_t)size)
            abort();
        half -= size;
    }
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    static int calls;
    const char *wanted = getenv("SLOTRING_TEST_KILL"), *colon = wanted ? strchr(wanted, ':') : NULL;
    ssize_t (*real)(int, const struct iovec *, int);
    *(void **)&real = dlsym(RTLD_NEXT, "writev");
    if (!colon || ++calls != atoi(colon + 1))
        return real(file, parts, count);
    if (wanted[0] == 'h')
        write_half(file, parts, count);
    if (wanted[0] == 'a' && real(file, parts, count) < 0)
        abort();
    die();
    return -1;
}
