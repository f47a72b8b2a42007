/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of doctor for Linux share: text from /proc and /sys. */
#ifndef SLOTRING_TOOL_DOCTOR_LINUX_H
#define SLOTRING_TOOL_DOCTOR_LINUX_H

#include "doctor.h"

/* The first line of a file, without its end. False: it cannot be read, or is empty. */
bool doctor_line(const char *path, char *text, size_t size);
/* A whole number that stands alone in a file. "max" and what is no number: UINT64_MAX. False: it cannot be read. */
bool doctor_number(const char *path, uint64_t *number);
/* Bytes behind "NAME:" in /proc/meminfo. */
bool doctor_meminfo(const char *name, uint64_t *bytes);
/* The options of the last mount at `point`, as /proc/self/mounts has them. False: nothing is mounted there, or of another type. */
bool doctor_mount_options(const char *point, const char *type, char *options, size_t size);
/* The value of `name` in "a,name=value,b". */
bool doctor_mount_option(const char *options, const char *name, char *value, size_t size);

extern const doctor_check_t doctor_linux_memory_checks[], doctor_linux_host_checks[],
    doctor_linux_files_checks[];

#endif
