/* SPDX-License-Identifier: Apache-2.0 */
#include "support/boot.h"

#if defined(__linux__)
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "support/check.h"
#include "support/files.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* A file of the test's own, mounted over the system's in a mount namespace of its own. It may lie in the test's folder, for
 * its name is gone once it is mounted. */
const char *boot_says(const char *text)
{
    static bool mounted;
    static char path[600], reason[200];
    if (!mounted) {
        (void)snprintf(path, sizeof path, "%s/boot", directory_path());
        file_write(path, text, strlen(text));
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
            mount(path, BOOT_ID, NULL, MS_BIND, NULL) != 0) {
            (void)snprintf(reason, sizeof reason, "no file can be mounted over the system's (needs root): %s",
                           strerror(errno));
            CHECK_EQUAL(remove(path), 0);
            return reason;
        }
        CHECK_EQUAL(remove(path), 0);
        mounted = true;
    }
    file_write(BOOT_ID, text, strlen(text));
    return NULL;
}
#else
const char *boot_says(const char *text)
{
    (void)text;
    return "what the system says of its boot can be replaced on Linux only";
}
#endif
