/* SPDX-License-Identifier: Apache-2.0 */
/* Processes as people see them, where nothing is known of how the system shows them. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "posix/posix_internal.h"

void sr__posix_self(sr__self_t *self)
{
    memset(self, 0, sizeof *self);
    self->pid = (uint64_t)getpid();
    self->uid = (uint64_t)geteuid();
}

uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    (void)start_time;
    if (pid == 0 || pid > INT_MAX || pid_namespace != 0)
        return SLOTRING_LIFE_UNKNOWN;
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH ? SLOTRING_LIFE_DEAD : SLOTRING_LIFE_UNKNOWN;
}

uint32_t sr__posix_threads(void)
{
    return 0;
}

void sr__posix_boot_id(uint8_t id[16])
{
    memset(id, 0, 16);
}
