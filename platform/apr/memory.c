/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that may not be there. APR makes objects by ftruncate alone: their pages are had when they are touched, and
 * a touch that gets none, or one beyond the end of an object that was cut, is a SIGBUS. But a system call that meets
 * such a page fails (EFAULT) and kills nobody: so pages are filled by reading from /dev/zero into them, and looked at
 * by writing them into a pipe. */
#include <apr_errno.h>
#include <string.h>
#if APR_HAVE_UNISTD_H
#include <unistd.h>
#endif
#if APR_HAVE_SYS_UIO_H
#include <sys/uio.h>
#endif

#include "apr/apr_internal.h"

#define COMMIT_PIECE ((apr_size_t)1 << 20)
#define PAGES_AT_ONCE 64

uint64_t sr__apr_page_size(void)
{
#if APR_HAVE_UNISTD_H && defined(_SC_PAGESIZE) /* APR 1 does not say */
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (uint64_t)size : 4096;
#else
    return 65536; /* a multiple of every page size there is: Windows maps in such steps */
#endif
}

#ifdef WIN32
/* Objects are committed by the system when they are made, and zero. */
uint64_t sr__apr_commit(void *memory, uint64_t size)
{
    (void)memory;
    return size;
}
#else
uint64_t sr__apr_commit(void *memory, uint64_t size)
{
    apr_pool_t *pool = sr__apr_pool();
    apr_file_t *zero;
    uint64_t done = 0;

    if (pool && apr_file_open(&zero, "/dev/zero", APR_FOPEN_READ, APR_OS_DEFAULT, pool) == APR_SUCCESS)
        while (done < size) {
            apr_size_t piece = size - done < COMMIT_PIECE ? (apr_size_t)(size - done) : COMMIT_PIECE;
            if (apr_file_read(zero, (char *)memory + done, &piece) != APR_SUCCESS || piece == 0)
                break;
            done += piece;
        }
    if (pool)
        apr_pool_destroy(pool);
    return done;
}
#endif

/* A pipe for one use: kept, a host could close it. Its writing end never waits. */
typedef struct sr__pipe {
    apr_pool_t *pool;
    apr_file_t *in, *out;
} sr__pipe_t;

static bool pipe_open(sr__pipe_t *pipe)
{
    pipe->pool = sr__apr_pool();
    if (pipe->pool && apr_file_pipe_create(&pipe->in, &pipe->out, pipe->pool) == APR_SUCCESS &&
        apr_file_pipe_timeout_set(pipe->out, 0) == APR_SUCCESS)
        return true;
    if (pipe->pool)
        apr_pool_destroy(pipe->pool);
    return false;
}

/* One piece, as much as the pipe takes. */
static int copy_piece(sr__pipe_t *pipe, const char *memory, char *buffer, apr_size_t *size)
{
    apr_size_t written = *size;
    apr_status_t status = apr_file_write(pipe->out, memory, &written);

    if (status == EFAULT)
        return SLOTRING_E_TRUNCATED;
    if (status != APR_SUCCESS || written == 0)
        return SLOTRING_E_OS;
    *size = written;
    return apr_file_read_full(pipe->in, buffer, written, NULL) == APR_SUCCESS ? 0 : SLOTRING_E_OS;
}

int sr__apr_read_memory(const void *memory, void *buffer, size_t size)
{
    sr__pipe_t pipe;
    int failed = 0;

    if (!pipe_open(&pipe))
        return SLOTRING_E_OS;
    for (size_t done = 0; done < size && failed == 0;) {
        apr_size_t piece = size - done;
        failed = copy_piece(&pipe, (const char *)memory + done, (char *)buffer + done, &piece);
        done += piece;
    }
    apr_pool_destroy(pipe.pool);
    return failed;
}

static bool is_there(sr__pipe_t *pipe, const uint8_t *byte)
{
    char ignored;
    apr_size_t one = 1;
    return copy_piece(pipe, (const char *)byte, &ignored, &one) == 0;
}

/* An object that was cut ends somewhere, and nothing is there beyond. */
uint64_t sr__apr_readable(const uint8_t *memory, uint64_t size)
{
    uint64_t page = sr__apr_page_size(), low = 0, high = (size + page - 1) / page; /* pages */
    sr__pipe_t pipe;

    if (size == 0 || !pipe_open(&pipe))
        return 0;
    if (is_there(&pipe, memory + size - 1))
        low = high;
    while (low < high) { /* all below low are there, high and what follows is not */
        uint64_t middle = low + (high - low) / 2;
        if (is_there(&pipe, memory + middle * page))
            low = middle + 1;
        else
            high = middle;
    }
    apr_pool_destroy(pipe.pool);
    return low * page < size ? low * page : size;
}

/* One byte of many pages in one call. */
static bool touch(sr__pipe_t *pipe, const uint8_t *memory, uint64_t pages, uint64_t page)
{
    struct iovec bytes[PAGES_AT_ONCE];
    char ignored[PAGES_AT_ONCE];
    apr_size_t written = 0;

    for (uint64_t i = 0; i < pages; i++) {
        bytes[i].iov_base = (void *)(uintptr_t)(memory + i * page);
        bytes[i].iov_len = 1;
    }
    return apr_file_writev(pipe->out, bytes, (apr_size_t)pages, &written) == APR_SUCCESS &&
           written == pages && apr_file_read_full(pipe->in, ignored, written, NULL) == APR_SUCCESS;
}

bool sr__apr_prefault(const uint8_t *memory, uint64_t size)
{
    uint64_t page = sr__apr_page_size(), pages = (size + page - 1) / page;
    sr__pipe_t pipe;
    bool all = pipe_open(&pipe);

    if (!all)
        return false;
    for (uint64_t done = 0; done < pages && all; done += PAGES_AT_ONCE) {
        uint64_t now = pages - done < PAGES_AT_ONCE ? pages - done : PAGES_AT_ONCE;
        all = touch(&pipe, memory + done * page, now, page);
    }
    apr_pool_destroy(pipe.pool);
    return all;
}
