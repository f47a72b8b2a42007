/* SPDX-License-Identifier: Apache-2.0 */
/* What tests have to know of rings whose memory lies elsewhere than in the directory, which holds an entry for each: of
 * backend "apr", and of "posix" with portable mechanisms. All of it is fine to call over the others. */
#ifndef TEST_REGISTRY_H
#define TEST_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>

/* Is the backend of this test such a one? */
bool over_registry(void);
/* The entry of ring `name`. */
void registry_entry_path(const char *directory, const char *name, char *path, size_t size);
/* The file of the memory that an entry leads to. False: it has none, or not one that can be opened by path. */
bool registry_object_path(const char *entry, char *path, size_t size);
/* How many objects there are of rings in this directory; or removes them. 0 where they cannot be listed. */
unsigned registry_objects(const char *directory, bool remove);
/* Does a lock end with the descriptor that it was taken by, so that a host that closes all descriptors gives it up? */
bool locks_need_descriptors(void);

#endif
