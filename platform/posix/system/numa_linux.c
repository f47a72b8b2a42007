/* SPDX-License-Identifier: Apache-2.0 */
/* NUMA nodes on Linux, by system calls of which the C library has no functions (libnuma would be a dependency).
 *
 * The policy of a mapping of a tmpfs file belongs to the file and not to this process: so a bind before the memory is
 * committed decides where all of it comes from, by posix_fallocate, too, and whoever touches it later. A file of another file
 * system has no policy, and its pages may come and go: there a bind would be an empty promise. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/proc.h"
#include "posix/posix_internal.h"

/* As in linux/mempolicy.h, which may be missing or disagree with the C library's headers. */
#define BIND_ALONE 2      /* MPOL_BIND: of these nodes, and no other */
#define NODE_OF_ADDRESS 3 /* MPOL_F_NODE | MPOL_F_ADDR */

#define NODES_MOST 1024u /* the most that a kernel can be built for */
#define WORD_BITS ((uint32_t)(8 * sizeof(unsigned long)))
#define TMPFS UINT32_C(0x01021994)
#define NODES "/sys/devices/system/node/"

/* 0 or errno. */
static int bind_pages(void *memory, size_t size, uint32_t node)
{
#ifdef SYS_mbind
    unsigned long nodes[NODES_MOST / (8 * sizeof(unsigned long))] = {0};
    nodes[node / WORD_BITS] = 1ul << node % WORD_BITS;
    /* The kernel counts one bit less than it is told. */
    return syscall(SYS_mbind, memory, size, BIND_ALONE, nodes, (unsigned long)NODES_MOST + 1, 0u) == 0
               ? 0
               : errno;
#else
    (void)memory, (void)size, (void)node;
    return ENOSYS;
#endif
}

/* False: not known. */
static bool node_at(const void *address, uint32_t *node)
{
#ifdef SYS_get_mempolicy
    int found = -1;
    if (syscall(SYS_get_mempolicy, &found, NULL, 0ul, address, (unsigned long)NODE_OF_ADDRESS) != 0 ||
        found < 0)
        return false;
    *node = (uint32_t)found;
    return true;
#else
    (void)address, (void)node;
    return false;
#endif
}

#define PAGES_ASKED 16u /* the first one and the last one among them */

uint32_t sr__posix_node_of(const void *memory, uint64_t size)
{
    uint64_t page = sr__posix_page_size(), pages = size / page;
    uint32_t first = SLOTRING_NO_NUMA_NODE, node;

    if (pages == 0)
        return SLOTRING_NO_NUMA_NODE;
    for (uint64_t i = 0; i < PAGES_ASKED; i++) {
        const char *address = (const char *)memory + (pages - 1) * i / (PAGES_ASKED - 1) * page;
        if (!node_at(address, &node) || (i > 0 && node != first))
            return SLOTRING_NO_NUMA_NODE;
        first = node;
    }
    return first;
}

/* A list such as "0-1", without the line's end; "?" if the system does not say. */
static void list_at(const char *text, char list[64])
{
    size_t length = text ? strcspn(text, "\n") : 0;
    snprintf(list, 64, "%.*s", length < 63 ? (int)length : 63, length > 0 ? text : "?");
    if (length == 0)
        snprintf(list, 64, "?");
}

static int fail_for_node(uint32_t node, slotring_error_t *error)
{
    static const char field[] = "Mems_allowed_list:\t";
    char text[8192], there[64], allowed[64];

    list_at(sr__proc_text(NODES "has_memory", text, sizeof text) ? text : NULL, there);
    const char *found = sr__proc_text("/proc/self/status", text, sizeof text) ? strstr(text, field) : NULL;
    list_at(found ? found + sizeof field - 1 : NULL, allowed);
    return sr__fail(
        error, SLOTRING_E_INVALID, 0,
        "numa_node is %u: this machine has memory on the nodes %s, and this process may use the nodes %s",
        (unsigned)node, there, allowed);
}

static uint64_t bytes_of(const char *text, const char *field)
{
    unsigned long long kib = 0;
    const char *found = strstr(text, field);
    return found && sscanf(found + strlen(field), " %llu", &kib) == 1 ? (uint64_t)kib * 1024 : 0;
}

/* What the node could give: free memory, and pages of files that can be read again. Where there is too little, the kernel would
 * end processes to find more (it can take nothing from other nodes): so it is never asked then. False: not known. */
static bool memory_left_on(uint32_t node, uint64_t *left)
{
    char path[80], text[4096];

    snprintf(path, sizeof path, NODES "node%u/meminfo", (unsigned)node);
    if (!sr__proc_text(path, text, sizeof text))
        return false;
    *left = bytes_of(text, "MemFree:") + bytes_of(text, " Active(file):") + bytes_of(text, "Inactive(file):");
    return *left > 0;
}

static int check_medium(const char *directory, uint32_t node, slotring_error_t *error)
{
    struct statfs status;

    if (statfs(directory, &status) != 0 || (uint32_t)status.f_type == TMPFS)
        return 0; /* or not said */
    return sr__fail(
        error, SLOTRING_E_UNSUPPORTED, 0,
        "numa_node is %u: the memory of a ring in %s cannot be bound to a node, only that of a ring on a "
        "tmpfs, such as /dev/shm",
        (unsigned)node, directory);
}

int sr__posix_bind(void *memory, uint64_t size, const char *directory, uint32_t node, slotring_error_t *error)
{
    uint64_t left;

    if (node == SLOTRING_NO_NUMA_NODE)
        return 0;
    int failed = check_medium(directory, node, error);
    if (failed)
        return failed;
    int number = node < NODES_MOST ? bind_pages(memory, (size_t)size, node) : EINVAL;
    if (number == EINVAL)
        return fail_for_node(node, error);
    if (number == ENOSYS || number == EPERM || number == EACCES)
        return sr__posix_fail_as(
            error, SLOTRING_E_UNSUPPORTED, number,
            "numa_node is %u: the system call mbind is refused, by a kernel without NUMA or by a "
            "container's filter (which the capability CAP_SYS_NICE opens in most of them)",
            (unsigned)node);
    if (number != 0)
        return sr__posix_fail_os(error, number, "cannot bind %llu bytes to NUMA node %u",
                                 (unsigned long long)size, (unsigned)node);
    if (memory_left_on(node, &left) && left < size)
        return sr__fail(
            error, SLOTRING_E_NO_SPACE, 0,
            "NUMA node %u has no room for a segment of %llu bytes: it has %llu bytes left; make the ring "
            "smaller or choose another node",
            (unsigned)node, (unsigned long long)size, (unsigned long long)left);
    return 0;
}
