/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of apr_shm. What APR does on its way, and what is done about it (APR 1.7, read and tried):
 *
 *   - A name is made of two 32-bit hashes of the path's spelling. So the entry holds the path as its creator spelled
 *     it, and the object begins with an id that must be the entry's.
 *   - apr_shm_create writes into the mapping without a look at whether there is one: no room in the address space is
 *     a crash. So the room is tried first, with a mapping of as much of the journal.
 *   - Pages are not committed (memory.c does).
 *   - The clean-up of a creator's pool takes the object's name away from under the others. So objects are made in a
 *     pool that is never destroyed, and unmapped by apr_shm_detach, which leaves the name.
 *   - apr_shm_attach believes the size that is stored in the object's first bytes. Not yet written, or damaged, it gives
 *     success with an address near zero and an impossible size, or a mapping longer than the object (SIGBUS later). So
 *     address and size are judged, and what is there is asked of the system. Of an object of less than 8 bytes, which
 *     only somebody's truncation can make, it loses a descriptor: that it does.
 *   - User memory begins 8 or 16 bytes behind a page: the segment begins at the next one.
 */
#include <stdio.h>
#include <string.h>

#include "apr/apr_internal.h"

#define ID_TEXT "slotring-apr "
#define ID_AT 64           /* behind all that any APR keeps there */
#define SIGNATURE_MAX 1024 /* with that it fits into the lead */
#define ID_SIZE (sizeof(ID_TEXT) - 1 + SR__APR_ID_DIGITS)

static apr_pool_t *makers_pool; /* while fork is forbidden */

uint64_t sr__apr_object_lead(void)
{
    return sr__apr_page_size();
}

/* APR says where user memory begins, and how much of it there is. */
static void place_object(sr__object_t *object)
{
    uintptr_t user = (uintptr_t)apr_shm_baseaddr_get(object->shm), page = (uintptr_t)sr__apr_page_size();
    object->start = (uint8_t *)(user / page * page);
    object->mapped = apr_shm_size_get(object->shm) + user % page;
}

static int check_address_space(sr__lock_file_t *journal, uint64_t size, slotring_error_t *error)
{
    apr_status_t status = size > SIZE_MAX / 2 ? APR_ENOMEM : APR_SUCCESS;
#if APR_HAS_MMAP && !defined(WIN32)
    apr_mmap_t *room;
    apr_pool_t *pool = sr__apr_pool();

    if (status == APR_SUCCESS && pool)
        status = apr_mmap_create(&room, journal->handle, 0, (apr_size_t)size, APR_MMAP_READ, pool);
    if (pool)
        apr_pool_destroy(pool);
#else
    (void)journal;
#endif
    if (status == APR_SUCCESS)
        return 0;
    return sr__fail(
        error, SLOTRING_E_ADDRESS_SPACE, status,
        "no room for a segment of %llu bytes in this process's address space, whose addresses have "
        "%u bits (see ulimit -v)",
        (unsigned long long)size, (unsigned)(sizeof(void *) * 8));
}

static apr_status_t create(const char *path, apr_size_t size, sr__object_t *object)
{
    apr_status_t status = APR_ENOMEM;

    sr__fork_forbid();
    if (!makers_pool && (makers_pool = sr__apr_pool()) != NULL)
        sr__apr_pool_abandon(makers_pool);
    if (makers_pool)
        status = apr_shm_create(&object->shm, size, path, makers_pool);
    sr__fork_allow();
    return status;
}

/* At once, so that people (and tests) can tell whose an object is. APR has written to this page already. */
static void sign(const sr__object_t *object, const sr__entry_t *entry)
{
    char text[SIGNATURE_MAX];
    int size = snprintf(text, sizeof text, ID_TEXT "%s\n%s\n%s\n", entry->id, entry->object, entry->name);

    memcpy(object->start + ID_AT, text, size < SIGNATURE_MAX ? (size_t)size : SIGNATURE_MAX - 1);
}

/* All that is behind the signature. Gives everything back if it cannot be had. */
static int fill(sr__object_t *object, uint64_t size, const char *directory, slotring_error_t *error)
{
    uint64_t lead = sr__apr_object_lead(), got = sr__apr_commit(object->start + lead, size);

    if (got == size)
        return 0;
    sr__apr_object_close(object, true);
    return sr__fail(
        error, SLOTRING_E_NO_SPACE, 0,
        "shared memory has no room for a segment of %llu bytes (of a ring in %s): %llu bytes of it "
        "could be had; make the ring smaller or shared memory larger",
        (unsigned long long)size, directory, (unsigned long long)got);
}

int sr__apr_object_make(const sr__entry_t *entry, sr__lock_file_t *journal, const char *directory,
                        sr__object_t *object, slotring_error_t *error)
{
    uint64_t lead = sr__apr_object_lead(), size = entry->size;
    int failed = check_address_space(journal, size <= SIZE_MAX / 2 ? lead + size : size, error);

    memset(object, 0, sizeof *object);
    if (failed != 0)
        return failed;
    /* APR adds its own 8 bytes or more, so that this much is enough, and ends in the last page on most systems. */
    apr_status_t status = create(entry->object, (apr_size_t)(lead + size - 8), object);
    if (status != APR_SUCCESS)
        return sr__apr_fail(error, status, "cannot make shared memory of %llu bytes for a ring in %s",
                            (unsigned long long)size, directory);
    place_object(object);
    sign(object, entry);
    return fill(object, size, directory, error);
}

static int fail_to_attach(apr_status_t status, const sr__entry_t *entry, slotring_error_t *error)
{
    if (APR_STATUS_IS_ENOENT(status))
        return sr__fail(error, SLOTRING_E_NOT_FOUND, status,
                        "the shared memory of ring \"%s\" (%s) does not exist any more", entry->name,
                        entry->object);
    if (APR_STATUS_IS_EOF(status))
        return sr__fail(error, SLOTRING_E_NOT_A_RING, status,
                        "the shared memory of ring \"%s\" (%s) is empty", entry->name, entry->object);
    return sr__apr_fail(error, status, "cannot open the shared memory of ring \"%s\" (%s)", entry->name,
                        entry->object);
}

/* What APR gave without an error. */
static int judge(const sr__object_t *object, const sr__entry_t *entry, slotring_error_t *error)
{
    uint64_t page = sr__apr_page_size(), user = (uintptr_t)apr_shm_baseaddr_get(object->shm),
             size = apr_shm_size_get(object->shm), lead = sr__apr_object_lead();
    char text[ID_SIZE + 1];

    /* A mapping that failed is -1, and user memory "begins" 8 or 16 bytes behind that. */
    if (user < page || size > SIZE_MAX / 2 || user > UINTPTR_MAX - size) {
        if (size > SIZE_MAX / 2 || size / page > (entry->size + lead) / page)
            return sr__fail(
                error, SLOTRING_E_NOT_A_RING, 0,
                "the shared memory of ring \"%s\" says that it has %llu bytes, which cannot be: it is "
                "damaged, or not complete (%llu would be right); remove the ring by force",
                entry->name, (unsigned long long)size, (unsigned long long)entry->size);
        return sr__fail(
            error, SLOTRING_E_ADDRESS_SPACE, 0,
            "no room for a segment of %llu bytes in this process's address space, whose addresses "
            "have %u bits (see ulimit -v)",
            (unsigned long long)entry->size, (unsigned)(sizeof(void *) * 8));
    }
    memset(text, 0, sizeof text);
    if (object->mapped < lead || sr__apr_read_memory(object->start + ID_AT, text, ID_SIZE) != 0 ||
        memcmp(text, ID_TEXT, sizeof(ID_TEXT) - 1) != 0 || strcmp(text + sizeof(ID_TEXT) - 1, entry->id) != 0)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0,
                        "the shared memory that %s leads to is not that of ring \"%s\"", entry->object,
                        entry->name);
    return 0;
}

int sr__apr_object_open(const sr__entry_t *entry, sr__object_t *object, slotring_error_t *error)
{
    memset(object, 0, sizeof *object);
    object->pool = sr__apr_pool();
    if (!object->pool)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");
    apr_status_t status = apr_shm_attach(&object->shm, entry->object, object->pool);
    int failed = 0;
    if (status != APR_SUCCESS) {
        object->shm = NULL;
        failed = fail_to_attach(status, entry, error);
    } else {
        place_object(object);
        failed = judge(object, entry, error);
    }
    if (failed != 0)
        sr__apr_object_close(object, false);
    return failed;
}

bool sr__apr_object_exists(const char *path)
{
    apr_pool_t *pool = sr__apr_pool();
    apr_shm_t *shm;
    apr_status_t status = pool ? apr_shm_attach(&shm, path, pool) : APR_ENOMEM;

    if (pool)
        apr_pool_destroy(pool); /* detaches; of a mapping that failed that is refused, and harmless */
    return !APR_STATUS_IS_ENOENT(status);
}

void sr__apr_object_close(sr__object_t *object, bool destroy)
{
    if (object->pool) {
        apr_pool_destroy(object->pool);
    } else if (object->shm) {
        sr__fork_forbid();
        if (destroy)
            apr_shm_destroy(object->shm);
        else
            apr_shm_detach(object->shm);
        sr__fork_allow();
    }
    memset(object, 0, sizeof *object);
}
