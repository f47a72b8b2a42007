/* SPDX-License-Identifier: Apache-2.0 */
/* Suites that are all about something that Windows does not have: one visible skip each. */
#include "support/absent.h"

ABSENT(fork, "processes do not fork here");
ABSENT(atfork, "processes do not fork here");
ABSENT(cancel, "threads are not cancelled here; TerminateThread is out of scope");
ABSENT(cancel_waits, "threads are not cancelled here; TerminateThread is out of scope");
ABSENT(dump, "a dump has what its writer asks for, whatever this library says");
ABSENT(frozen, "the control groups are those of Linux");
ABSENT(space, "what is free cannot be limited for a test, as by a small tmpfs");
ABSENT(access, "there is one user only to try it with, and rights are described otherwise");
ABSENT(foreign_observer, "there is one user only to try it with, and rights are described otherwise");
ABSENT(namespace, "there are no such namespaces");
ABSENT(rights, "a process asks with the handles that it has, and no right can be taken from those");
ABSENT(stopped_thread, "one call is stopped beside another by a signal handler");
ABSENT(path_death, "its repairers take the place of a process by fork");
ABSENT(path_repair, "its repairers take the place of a process by fork");
ABSENT(path_many, "its victims and the one that waits are forked");
ABSENT(path_pictures, "the pictures are compared where processes fork");
ABSENT(path_pictures_readers, "the pictures are compared where processes fork");
ABSENT(path_records, "its victims tell by memory that they share with the test, and are forked");
ABSENT(path_durable, "its victims tell by memory that they share with the test, and are forked");
ABSENT(path_group, "its victims tell by memory that they share with the test, and are forked");
ABSENT(path_skip, "its victims tell by memory that they share with the test, and are forked");
ABSENT(path_spans, "its victims tell by memory that they share with the test, and are forked");
ABSENT(path_marks, "its victims tell by memory that they share with the test, and are forked");
ABSENT(path_marks_durable, "its victims tell by memory that they share with the test, and are forked");
ABSENT(planted_file, "there are no such links, and sections have no place in a file system");
ABSENT(seccomp, "the filters are those of Linux");
ABSENT(place, "there is one place for memory, and it is the system's");
