/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a ring: the keywords of slotring.open() become options. */
#include <string.h>

#include "binding.h"

static const choice_t mode_choices[] = {
    {"create_or_attach", SLOTRING_CREATE_OR_ATTACH},
    {"create", SLOTRING_CREATE},
    {"attach", SLOTRING_ATTACH},
    {"observe", SLOTRING_OBSERVE},
    {NULL, 0},
};
const choice_t when_full_choices[] = {
    {"overwrite", SLOTRING_OVERWRITE},
    {"keep", SLOTRING_KEEP},
    {NULL, 0},
};
const choice_t time_stamp_choices[] = {
    {"none", SLOTRING_TIME_NONE},
    {"coarse", SLOTRING_TIME_COARSE},
    {"monotonic", SLOTRING_TIME_MONOTONIC},
    {NULL, 0},
};
const choice_t access_choices[] = {
    {"owner", SLOTRING_ACCESS_OWNER}, {"group_observe", SLOTRING_ACCESS_GROUP_OBSERVE},
    {"group", SLOTRING_ACCESS_GROUP}, {"all_observe", SLOTRING_ACCESS_ALL_OBSERVE},
    {"all", SLOTRING_ACCESS_ALL},     {NULL, 0},
};
const choice_t lossless_for_choices[] = {
    {"all", SLOTRING_LOSSLESS_FOR_ALL},
    {"owner", SLOTRING_LOSSLESS_FOR_OWNER},
    {"group", SLOTRING_LOSSLESS_FOR_GROUP},
    {NULL, 0},
};

/* What the keywords are before they are options. */
typedef struct keywords {
    const char *name, *mode, *when_full, *time_stamps, *access, *lossless_for;
    const char *group, *trusted_owner, *client_name, *directory, *backend, *description;
    Py_ssize_t description_size;
    PyObject *total_size, *slot_size, *max_participants, *max_readers, *max_writers, *max_groups, *max_holds;
    PyObject *lossless_group, *budget_messages, *budget, *absence, *lock_timeout, *wait_slice, *spin,
        *numa_node, *lineage_id, *first_sequence, *origin_pid, *origin_incarnation;
    int prefault, huge_pages, lock_memory, page_aligned, wipe_unused, checksums, hot_slots, proxy;
} keywords_t;

static char *names[] = {
    "name",
    "mode",
    "total_size",
    "slot_size",
    "max_participants",
    "max_readers",
    "max_writers",
    "max_groups",
    "max_holds",
    "when_full",
    "time_stamps",
    "access",
    "group",
    "trusted_owner",
    "client_name",
    "directory",
    "backend",
    "description",
    "lossless_for",
    "lossless_group",
    "budget_messages",
    "budget",
    "absence",
    "lock_timeout",
    "wait_slice",
    "spin",
    "numa_node",
    "lineage_id",
    "first_sequence",
    "origin_pid",
    "origin_incarnation",
    "prefault",
    "huge_pages",
    "lock_memory",
    "page_aligned",
    "wipe_unused",
    "checksums",
    "hot_slots",
    "proxy",
    NULL,
};

static int parse(PyObject *arguments, PyObject *given, keywords_t *k)
{
    return PyArg_ParseTupleAndKeywords(
        arguments, given, "s|$sOOOOOOOzzszzzzzz#sOOOOOOOOOOOOpppppppp:open", names, &k->name, &k->mode,
        &k->total_size, &k->slot_size, &k->max_participants, &k->max_readers, &k->max_writers, &k->max_groups,
        &k->max_holds, &k->when_full, &k->time_stamps, &k->access, &k->group, &k->trusted_owner,
        &k->client_name, &k->directory, &k->backend, &k->description, &k->description_size, &k->lossless_for,
        &k->lossless_group, &k->budget_messages, &k->budget, &k->absence, &k->lock_timeout, &k->wait_slice,
        &k->spin, &k->numa_node, &k->lineage_id, &k->first_sequence, &k->origin_pid, &k->origin_incarnation,
        &k->prefault, &k->huge_pages, &k->lock_memory, &k->page_aligned, &k->wipe_unused, &k->checksums,
        &k->hot_slots, &k->proxy);
}

static int number32(PyObject *object, const char *what, uint32_t *value)
{
    uint64_t number = *value;
    if (number_from(object, what, UINT32_MAX, &number) != 0)
        return -1;
    *value = (uint32_t)number;
    return 0;
}

static int words(const keywords_t *k, slotring_options_t *options)
{
    return choice_from(k->mode, "mode", mode_choices, &options->mode) != 0 ||
           choice_from(k->when_full, "when_full", when_full_choices, &options->when_full) != 0 ||
           choice_from(k->time_stamps, "time_stamps", time_stamp_choices, &options->time_stamps) != 0 ||
           choice_from(k->access, "access", access_choices, &options->access) != 0 ||
           choice_from(k->lossless_for, "lossless_for", lossless_for_choices, &options->lossless_for) != 0;
}

static int numbers(const keywords_t *k, slotring_options_t *options)
{
    return number_from(k->total_size, "total_size", UINT64_MAX, &options->total_size) != 0 ||
           number_from(k->slot_size, "slot_size", UINT64_MAX, &options->slot_size) != 0 ||
           number32(k->max_participants, "max_participants", &options->max_participants) != 0 ||
           number32(k->max_readers, "max_readers", &options->max_readers) != 0 ||
           number32(k->max_writers, "max_writers", &options->max_writers) != 0 ||
           number32(k->max_groups, "max_groups", &options->max_groups) != 0 ||
           number32(k->max_holds, "max_holds", &options->max_holds) != 0 ||
           number_from(k->lossless_group, "lossless_group", UINT64_MAX, &options->lossless_group) != 0 ||
           number_from(k->budget_messages, "budget_messages", UINT64_MAX, &options->budget_messages) != 0 ||
           duration_from(k->budget, "budget", &options->budget_ns) != 0 ||
           duration_from(k->absence, "absence", &options->absence_ns) != 0 ||
           duration_from(k->lock_timeout, "lock_timeout", &options->lock_timeout_ns) != 0 ||
           duration_from(k->wait_slice, "wait_slice", &options->wait_slice_ns) != 0 ||
           duration_from(k->spin, "spin", &options->spin_ns) != 0 ||
           number32(k->numa_node, "numa_node", &options->numa_node) != 0;
}

static int lineage_from(PyObject *object, slotring_options_t *options)
{
    char *bytes;
    Py_ssize_t size;
    if (object == NULL || object == Py_None)
        return 0;
    if (PyBytes_AsStringAndSize(object, &bytes, &size) != 0)
        return -1;
    if (size != sizeof options->lineage_id) {
        PyErr_Format(PyExc_ValueError, "lineage_id has %zd bytes; it has 16", size);
        return -1;
    }
    memcpy(options->lineage_id, bytes, sizeof options->lineage_id);
    return 0;
}

/* What a copy of another ring is opened with. */
static int origin(const keywords_t *k, slotring_options_t *options)
{
    return lineage_from(k->lineage_id, options) != 0 ||
           number_from(k->first_sequence, "first_sequence", UINT64_MAX, &options->first_sequence) != 0 ||
           number_from(k->origin_pid, "origin_pid", UINT64_MAX, &options->origin_pid) != 0 ||
           number_from(k->origin_incarnation, "origin_incarnation", UINT64_MAX,
                       &options->origin_incarnation) != 0;
}

static int options_from(const keywords_t *k, slotring_options_t *options)
{
    slotring_options_init(options);
    if (words(k, options) || numbers(k, options) || origin(k, options))
        return -1;
    options->flags = (k->prefault ? SLOTRING_PREFAULT : 0u) | (k->huge_pages ? SLOTRING_HUGE_PAGES : 0u) |
                     (k->lock_memory ? SLOTRING_LOCK_MEMORY : 0u) |
                     (k->page_aligned ? SLOTRING_PAGE_ALIGNED : 0u) |
                     (k->wipe_unused ? SLOTRING_WIPE_UNUSED : 0u) | (k->checksums ? SLOTRING_CHECKSUMS : 0u) |
                     (k->hot_slots ? SLOTRING_HOT_SLOTS : 0u) | (k->proxy ? SLOTRING_PROXY : 0u) |
                     (k->numa_node != NULL && k->numa_node != Py_None ? SLOTRING_ON_NUMA_NODE : 0u);
    options->group = k->group;
    options->trusted_owner = k->trusted_owner;
    options->client_name = k->client_name;
    options->directory = k->directory;
    options->backend = k->backend;
    options->description = k->description;
    options->description_size = (uint64_t)k->description_size;
    options->wait_check = wait_check;
    return 0;
}

static PyObject *text_or_none(const char *text)
{
    return text != NULL ? PyUnicode_FromString(text) : Py_NewRef(Py_None);
}

/* The object, with nothing opened yet. */
static ring_t *object_new(binding_state_t *state, const keywords_t *k, const slotring_options_t *options)
{
    allocfunc make = (allocfunc)PyType_GetSlot(state->ring_type, Py_tp_alloc);
    ring_t *ring = (ring_t *)make(state->ring_type, 0);
    if (ring == NULL)
        return NULL;
    atomic_init(&ring->phase, RING_CLOSED);
    ring->generation = fork_generation();
    ring->is_observer = options->mode == SLOTRING_OBSERVE;
    ring->name = PyUnicode_FromString(k->name);
    ring->directory = text_or_none(k->directory);
    ring->backend = text_or_none(k->backend);
    ring->trusted_owner = text_or_none(k->trusted_owner);
    ring->kept = PyDict_New();
    if (ring->name && ring->directory && ring->backend && ring->trusted_owner && ring->kept)
        return ring;
    Py_DECREF(ring);
    return NULL;
}

PyObject *ring_open(PyObject *module, PyObject *arguments, PyObject *given)
{
    binding_state_t *state = PyModule_GetState(module);
    keywords_t k = {0};
    slotring_options_t options;
    if (!parse(arguments, given, &k) || options_from(&k, &options) != 0)
        return NULL;
    ring_t *ring = object_new(state, &k, &options);
    if (ring == NULL)
        return NULL;
    slotring_error_t error;
    slotring_info_t info = {.struct_size = sizeof info};
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_open(&ring->handle, k.name, &options, &error);
    if (code == 0 && slotring_info(ring->handle, &info) == 0) {
        ring->slot_size = info.slot_size;
        ring->slot_count = info.slot_count;
    }
    Py_END_ALLOW_THREADS;
    if (code != 0) {
        Py_DECREF(ring);
        return raise_error(state, &error);
    }
    flag_set(&ring->phase, RING_OPEN);
    PyObject *noted = PyObject_CallFunctionObjArgs(state->opened, (PyObject *)ring, NULL);
    if (noted == NULL)
        Py_CLEAR(ring);
    Py_XDECREF(noted);
    return (PyObject *)ring;
}
