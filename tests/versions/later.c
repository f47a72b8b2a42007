/* SPDX-License-Identifier: Apache-2.0 */
/* later FILE incompat|ro_compat: makes of a ring's file one of a later library, with a feature that no library knows yet. For
 * ci/versions, which shows it to programs of earlier states. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout/layout.h"
#include "layout/stamps.h"

#define UNKNOWN (UINT64_C(1) << 62)

static int failed(const char *what)
{
    perror(what);
    return 1;
}

int main(int count, char **arguments)
{
    bool only_observed = count == 3 && strcmp(arguments[2], "ro_compat") == 0;
    if (count != 3 || (!only_observed && strcmp(arguments[2], "incompat") != 0)) {
        fprintf(stderr, "usage: later FILE incompat|ro_compat\n");
        return 2;
    }
    int file = open(arguments[1], O_RDWR | O_CLOEXEC);
    if (file < 0)
        return failed(arguments[1]);
    void *page = mmap(NULL, SR__PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (page == MAP_FAILED)
        return failed("mmap");
    sr__header_t *header = page;
    *(only_observed ? &header->ro_compat : &header->incompat) |= UNKNOWN;
    header->checksum = sr__layout_checksum(page);
    close(file);
    return munmap(page, SR__PAGE);
}
