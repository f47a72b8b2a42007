/* SPDX-License-Identifier: Apache-2.0 */
/* The facet of segments: the memory of a ring, made without a name, named in one step, opened by others, mapped, and
 * left by its name before it is left by its users. */
#ifndef SR_PLATFORM_SEGMENTS_H
#define SR_PLATFORM_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "platform/objects.h"

typedef struct sr__segment_config {
    uint64_t size;      /* bytes; a multiple of page_size() */
    uint32_t access;    /* SLOTRING_ACCESS_OWNER … */
    const char *group;  /* NULL: the process's own */
    uint32_t numa_node; /* SLOTRING_NO_NUMA_NODE: wherever the system likes */
    uint8_t ring_id[16];
} sr__segment_config_t;

enum sr__mapping_flags {
    SR__MAP_PREFAULT = 1u << 0,
    SR__MAP_HUGE_PAGES = 1u << 1,
    SR__MAP_LOCK = 1u << 2,
};

typedef struct sr__segments_facet {
    /* Makes a nameless segment of config->size bytes, all zero, all of it committed (no later access may fault for
     * want of memory, whatever others take; a place that cannot promise it is refused, with another one named),
     * mapped for reading and writing. With config->numa_node, which only a backend with SLOTRING_CAN_BIND_MEMORY is
     * asked for: all of it on that node, whatever becomes of this process. Death: nothing stays behind. Errors:
     *   E_NO_SPACE (says how much was asked for and how much there is), E_ADDRESS_SPACE, E_ACCESS,
     *   E_INVALID (unknown group; no such node, or none that this process may use), E_UNSUPPORTED (the place cannot, or the
     *   system refuses to bind memory), E_NO_MEMORY, E_OS. */
    int (*create)(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                  sr__segment_t **segment, slotring_error_t *error);

    /* Gives the segment its name, in one step: whoever opens the name sees a complete segment. Called with the
     * process mutex held. Errors: E_EXISTS, E_ACCESS, E_NO_SPACE, E_OS. */
    int (*link)(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error);

    /* Opens the place's segment, without mapping it. Never creates one. Refuses what is not a plain object with
     * one name, owned by the caller, root or the trusted owner (E_OWNER); the overflow user is never equal.
     * Errors: E_NOT_FOUND, E_OWNER, E_ACCESS, E_NOT_A_RING (not a plain object), E_NO_MEMORY, E_OS. */
    int (*open)(sr__place_t *place, bool writable, sr__segment_t **segment, slotring_error_t *error);

    /* Its size now, in bytes, from the system and never from its contents. */
    uint64_t (*size)(sr__segment_t *segment);
    /* Owner's uid. */
    uint64_t (*owner)(sr__segment_t *segment);

    /* Reads bytes into private memory without faulting, whatever others do to the segment; where the system
     * cannot, from a mapping. Errors: E_TRUNCATED (past the end), E_OS. */
    int (*read)(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size);

    /* Maps the first `size` bytes for reading and writing. The mapping stays in a forked child.
     * Errors: E_TRUNCATED, E_ADDRESS_SPACE, E_NO_MEMORY, E_OS. */
    int (*map)(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags, slotring_error_t *error);

    /* Start of the mapping, aligned to a page; NULL while unmapped. And which flags were really granted. */
    void *(*memory)(sr__segment_t *segment);
    uint32_t (*granted)(sr__segment_t *segment);
    /* On which NUMA node the mapping lies, by a few of its pages; SLOTRING_NO_NUMA_NODE: on several, or not known. */
    uint32_t (*node)(sr__segment_t *segment);

    /* Leaves what lies in the mapping from `from` on, in whole pages, out of this process's core files, as far as the
     * system has a way. */
    void (*leave_out)(sr__segment_t *segment, uint64_t from);

    /* Does the place's name still lead to this segment? 1 yes, 0 no (gone, or another one). */
    bool (*is_named)(sr__place_t *place, sr__segment_t *segment);

    /* Is there any object under the segment's name? */
    bool (*exists)(sr__place_t *place);

    /* May this process take away the name? Asked before others are ordered to do it. In doubt 0: unlink has
     * the last word. Errors: E_ACCESS (says who may). */
    int (*may_unlink)(sr__place_t *place, slotring_error_t *error);

    /* Takes away the name. Called with the process mutex held, if there is one. Not there: 0.
     * Errors: E_ACCESS, E_OS. */
    int (*unlink)(sr__place_t *place, slotring_error_t *error);

    /* Unmaps and closes; a nameless segment that nobody else has open is gone. */
    void (*close)(sr__segment_t *segment);
} sr__segments_facet_t;

#endif
