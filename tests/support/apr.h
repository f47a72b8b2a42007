/* SPDX-License-Identifier: Apache-2.0 */
/* What tests have to know of rings over APR, whose memory lies elsewhere than in the directory. All of it is fine to
 * call where APR is not compiled in. */
#ifndef TEST_APR_H
#define TEST_APR_H

#include <stdbool.h>
#include <stddef.h>

/* Is it the backend of this test? */
bool over_apr(void);

/* The entry of ring `name` in `directory`. */
void apr_entry_path(const char *directory, const char *name, char *path, size_t size);

/* The object in shared memory that an entry, or a journal, leads to; false if it is none. */
bool apr_object_path(const char *entry, char *path, size_t size);

/* How many objects belong to rings, complete or not, of this directory. `remove`: none, afterwards. */
unsigned apr_objects(const char *directory, bool remove);

#endif
