/* SPDX-License-Identifier: Apache-2.0 */
#include "way.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"
#include "support/suite.h"

/* The linker's names for where the program lies. */
extern const char __executable_start[], etext[]; /* NOLINT */

static uint8_t noted[1 << 22];

static const char *file_name(void)
{
    return getenv("SLOTRING_TEST_WAYS");
}

bool way_is_wanted(void)
{
    return file_name() != NULL;
}

void way_note(uint64_t address)
{
    uint64_t offset = address - (uintptr_t)__executable_start;
    if (!way_is_wanted() || address >= (uintptr_t)etext || offset >= sizeof noted || noted[offset])
        return;
    noted[offset] = 1;
    char line[200];
    int length = snprintf(line, sizeof line, "%s %llx\n", test_name(), (unsigned long long)offset);
    int file = open(file_name(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    CHECK(write(file, line, (size_t)length) == length);
    CHECK_SYSTEM(close(file));
}
