/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the ring's names: do they still lead to it? A removal by this library is no finding. */
#include "inspect/check.h"
#include "members/names.h"

#define KIND SR__KIND(SR__AUDIT_STATE, sr__state_t, names)

/* The first one that holds is said. */
static const struct {
    uint32_t names;
    const char *text;
} findings[] = {
    {SR__SEGMENT_GONE,
     "names: somebody else removed the files of this ring: who is attached goes on, nobody new can join"},
    {SR__LOCK_GONE,
     "names: the lock file of this ring is missing: nobody new can join; remove the ring by force"},
    {SR__LOCK_OTHER,
     "names: the lock file of this ring is not the one that it was made with: nobody new can join; "
     "remove the ring by force"},
    {SR__FOLDER_GONE,
     "names: the folder of this ring is gone, or another one is in its place: nobody new can join"},
};

void sr__audit_names(sr__audit_t *a)
{
    if (!sr__names_were_taken(a->ring))
        return;
    uint32_t found = sr__names_look(a->ring);
    if ((found & ~(uint32_t)SR__NAMES_HIDDEN) == 0) /* others saw it, and this process sees nothing there */
        found = SR__SEGMENT_GONE;
    for (size_t i = 0; i < sizeof findings / sizeof findings[0]; i++)
        if (found & findings[i].names) {
            sr__find(a, KIND, 0, findings[i].names, "%s", findings[i].text);
            return;
        }
}
