/* SPDX-License-Identifier: Apache-2.0 */
/* What the system says of itself in small files, as Linux does in /proc. */
#include "apr_internal.h"

void sr__apr_read_text(const char *path, char *text, size_t size)
{
    apr_pool_t *pool = sr__apr_pool();
    apr_file_t *file;
    apr_size_t got = 0;

    if (pool && apr_file_open(&file, path, APR_FOPEN_READ, APR_OS_DEFAULT, pool) == APR_SUCCESS)
        (void)apr_file_read_full(file, text, size - 1, &got); /* as much as there is */
    text[got] = '\0';
    if (pool)
        apr_pool_destroy(pool);
}
