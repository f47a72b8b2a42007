/* SPDX-License-Identifier: Apache-2.0 */
/* Suites that are all about something that only Linux has: one visible skip each elsewhere. */
#if !defined(__linux__)

#include "support/absent.h"

ABSENT(step, "the steps are those of Linux's ptrace");
ABSENT(path_write, "the steps are those of Linux's ptrace");
ABSENT(path_death, "the steps are those of Linux's ptrace");
ABSENT(path_repair, "the steps are those of Linux's ptrace");
ABSENT(path_many, "the steps are those of Linux's ptrace");
ABSENT(path_stream, "the steps are those of Linux's ptrace");
ABSENT(path_names, "the steps are those of Linux's ptrace");
ABSENT(path_proxy, "the steps are those of Linux's ptrace");
ABSENT(path_pictures, "the steps are those of Linux's ptrace");
ABSENT(path_pictures_readers, "the steps are those of Linux's ptrace");
ABSENT(path_records, "the steps are those of Linux's ptrace");
ABSENT(path_skip, "the steps are those of Linux's ptrace");
ABSENT(path_spans, "the steps are those of Linux's ptrace");
ABSENT(path_marks, "the steps are those of Linux's ptrace");
ABSENT(path_marks_durable, "the steps are those of Linux's ptrace");
ABSENT(path_durable, "the steps are those of Linux's ptrace");
ABSENT(path_group, "the steps are those of Linux's ptrace");
ABSENT(path_read, "the steps are those of Linux's ptrace");
ABSENT(path_budget, "the steps are those of Linux's ptrace");
ABSENT(path_hot, "the steps are those of Linux's ptrace");
ABSENT(path_tickets, "the steps are those of Linux's ptrace");
ABSENT(stopped_thread, "one call is stopped beside another by the traps of Linux");
ABSENT(frozen, "the control groups are those of Linux");
ABSENT(foreign_observer, "what a process has open and mapped is told by Linux's /proc");
ABSENT(namespace, "the namespaces are those of Linux");
ABSENT(rights, "the sandbox is one of Linux");
ABSENT(planted_file, "a ring has other files here");
ABSENT(space, "what is free cannot be limited for a test, as by a small tmpfs");
ABSENT(seccomp, "the filters are those of Linux");
ABSENT(place, "file systems of a test's own are mounted on Linux only");

#endif
