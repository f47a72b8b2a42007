/* SPDX-License-Identifier: Apache-2.0 */
/* APR, started once, and its pools. */
#include <apr_general.h>
#include <stdlib.h>

#include "apr/apr_internal.h"

typedef struct sr__abandoned {
    apr_allocator_t *allocator;
    struct sr__abandoned *next;
} sr__abandoned_t;

static atomic_int started; /* 0 no, 1 being started, 2 yes */
static sr__abandoned_t *abandoned;

/* Never undone: a host that is an APR program itself counts its own calls, and may end APR while rings are open. */
static bool start(void)
{
    int no = 0;

    while (atomic_load(&started) != 2) {
        if (atomic_compare_exchange_strong(&started, &no, 1)) {
            bool done = apr_initialize() == APR_SUCCESS;
            atomic_store(&started, done ? 2 : 0);
            return done;
        }
        no = 0;
        sr__apr_yield();
    }
    return true;
}

apr_pool_t *sr__apr_pool(void)
{
    apr_pool_t *pool = NULL;

    /* Unmanaged: with an allocator of its own and no parent, so no lock that a fork could find taken. */
    if (!start() || apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS)
        return NULL;
    return pool;
}

void sr__apr_pool_abandon(apr_pool_t *pool)
{
    /* Not in the pool's own memory: some APRs map that, and then whoever looks for leaks does not look there. */
    sr__abandoned_t *link = malloc(sizeof *link);

    if (!link)
        return;
    link->allocator = apr_pool_allocator_get(pool);
    link->next = abandoned;
    abandoned = link;
}
