/* SPDX-License-Identifier: Apache-2.0 */
/* Whose rings are trusted, and that all are their owner's alone: apr_shm makes objects with the mode 0600 and can give
 * them no other (apr_shm_perms_set is not implemented). */
#include <stdlib.h>
#if APR_HAVE_UNISTD_H
#include <unistd.h>
#endif

#include "apr/apr_internal.h"
#include "common/proc.h"
#include "common/text.h"

#ifdef WIN32
#define AS_USER(number) NULL /* users have no numbers there */
#else
#define AS_USER(number) ((apr_uid_t)(number))
#endif

int sr__apr_user_find(const char *user, apr_uid_t *uid, slotring_error_t *error)
{
    uint32_t id;
    apr_gid_t group;
    apr_pool_t *pool;

    if (sr__text_id(user, &id)) {
        *uid = AS_USER(id);
        return 0;
    }
    pool = sr__apr_pool();
    if (!pool)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory to look for user \"%s\"", user);
    apr_status_t status = apr_uid_get(uid, &group, user, pool);
    apr_pool_destroy(pool);
    if (status == APR_SUCCESS)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, status, "no user \"%s\" is known on this machine", user);
}

static int check_group(const char *name, slotring_error_t *error)
{
    uint32_t id;
    apr_gid_t group;
    apr_pool_t *pool;

    if (sr__text_id(name, &id))
        return 0;
    pool = sr__apr_pool();
    if (!pool)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory to look for group \"%s\"", name);
    apr_status_t status = apr_gid_get(&group, name, pool);
    apr_pool_destroy(pool);
    if (status == APR_SUCCESS)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, status, "no group \"%s\" is known on this machine", name);
}

int sr__apr_rights_check(const sr__segment_config_t *config, slotring_error_t *error)
{
    if (config->access > SLOTRING_ACCESS_ALL)
        return sr__fail(error, SLOTRING_E_INVALID, 0, "access mode %u is unknown, the last one is %d",
                        (unsigned)config->access, SLOTRING_ACCESS_ALL);
    if (config->access != SLOTRING_ACCESS_OWNER)
        return sr__fail(error, SLOTRING_E_UNSUPPORTED, 0,
                        "backend \"apr\" makes rings for their owner alone (access mode %d, not %u): use the "
                        "native backend to share one with other users",
                        SLOTRING_ACCESS_OWNER, (unsigned)config->access);
    if (config->group)
        return check_group(config->group, error);
    return 0;
}

apr_uid_t sr__apr_user_own(void)
{
#if APR_HAVE_UNISTD_H
    return geteuid(); /* who new files belong to; apr_uid_current says the real user */
#else
    apr_uid_t user = sr__apr_overflow_user();
    apr_gid_t group;
    apr_pool_t *pool = sr__apr_pool();

    if (pool) {
        if (apr_uid_current(&user, &group, pool) != APR_SUCCESS)
            user = sr__apr_overflow_user();
        apr_pool_destroy(pool);
    }
    return user;
#endif
}

apr_uid_t sr__apr_overflow_user(void)
{
    return AS_USER(sr__proc_overflow_user());
}

bool sr__apr_is_trusted(const sr__place_t *place, apr_uid_t owner)
{
#ifndef WIN32
    if (owner == 0)
        return true;
#endif
    if (apr_uid_compare(owner, sr__apr_user_own()) != APR_SUCCESS &&
        !(place->has_trusted && apr_uid_compare(owner, place->trusted) == APR_SUCCESS))
        return false;
    return apr_uid_compare(owner, sr__apr_overflow_user()) != APR_SUCCESS;
}
