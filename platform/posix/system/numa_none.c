/* SPDX-License-Identifier: Apache-2.0 */
/* Where nothing is known of the nodes of a machine. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

int sr__posix_bind(void *memory, uint64_t size, const char *directory, uint32_t node, slotring_error_t *error)
{
    (void)memory, (void)size, (void)directory;
    if (node == SLOTRING_NO_NUMA_NODE)
        return 0;
    return sr__fail(error, SLOTRING_E_UNSUPPORTED, 0,
                    "numa_node is %u: this build cannot bind memory to a NUMA node", (unsigned)node);
}

uint32_t sr__posix_node_of(const void *memory, uint64_t size)
{
    (void)memory, (void)size;
    return SLOTRING_NO_NUMA_NODE;
}
