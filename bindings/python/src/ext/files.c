/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without a handle: list, unlink and collect rings; and the version. */
#include <stdlib.h>

#include "binding.h"

/* The options that these calls share. */
static void place(slotring_options_t *options, const char *directory, const char *backend, const char *owner)
{
    slotring_options_init(options);
    options->directory = directory;
    options->backend = backend;
    options->trusted_owner = owner;
}

static const choice_t how_choices[] = {
    {"if_unused", SLOTRING_UNLINK_IF_UNUSED},
    {"when_unused", SLOTRING_UNLINK_WHEN_UNUSED},
    {"force", SLOTRING_UNLINK_FORCE},
    {NULL, 0},
};

static PyObject *unlink_ring(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"name", "how", "directory", "backend", "trusted_owner", NULL};
    const char *name, *how = NULL, *directory = NULL, *backend = NULL, *owner = NULL;
    uint32_t choice = SLOTRING_UNLINK_IF_UNUSED;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s|s$zzz:unlink", names, &name, &how, &directory,
                                     &backend, &owner) ||
        choice_from(how, "how", how_choices, &choice) != 0)
        return NULL;
    slotring_options_t options;
    slotring_error_t error;
    int code;
    place(&options, directory, backend, owner);
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_unlink(name, (int)choice, &options, &error);
    Py_END_ALLOW_THREADS;
    return code == 0 ? Py_NewRef(Py_None) : raise_error(PyModule_GetState(module), &error);
}

/* Fills memory of malloc, since it has no GIL; more rings may come between two calls. */
static int read_rings(const slotring_options_t *options, slotring_list_entry_t **list, uint32_t *count,
                      slotring_error_t *error)
{
    uint32_t room = 32;
    for (;;) {
        *list = malloc(room * sizeof **list);
        if (*list == NULL) {
            *error = (slotring_error_t){.code = SLOTRING_E_NO_MEMORY};
            PyOS_snprintf(error->text, sizeof error->text, "%s", slotring_strerror(error->code));
            return error->code;
        }
        int code = slotring_list(options, *list, room, count, error);
        if (code != 0 || *count <= room)
            return code;
        free(*list);
        room = *count;
    }
}

static PyObject *list_rings(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"directory", "backend", "trusted_owner", NULL};
    binding_state_t *state = PyModule_GetState(module);
    const char *directory = NULL, *backend = NULL, *owner = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|$zzz:list_rings", names, &directory, &backend,
                                     &owner))
        return NULL;
    slotring_options_t options;
    slotring_error_t error;
    slotring_list_entry_t *list = NULL;
    uint32_t count = 0;
    int code;
    place(&options, directory, backend, owner);
    Py_BEGIN_ALLOW_THREADS;
    code = read_rings(&options, &list, &count, &error);
    Py_END_ALLOW_THREADS;
    PyObject *result = code == 0 ? PyList_New(0) : raise_error(state, &error);
    for (uint32_t i = 0; result != NULL && i < count; i++) {
        PyObject *entry = value_of_entry(state, &list[i]);
        if (entry == NULL || PyList_Append(result, entry) != 0)
            Py_CLEAR(result);
        Py_XDECREF(entry);
    }
    free(list);
    return result;
}

static PyObject *collect(PyObject *module, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"directory", "backend", "trusted_owner", NULL};
    const char *directory = NULL, *backend = NULL, *owner = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|$zzz:collect", names, &directory, &backend,
                                     &owner))
        return NULL;
    slotring_options_t options;
    slotring_error_t error;
    uint32_t removed = 0;
    int code;
    place(&options, directory, backend, owner);
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_collect(&options, NULL, NULL, &removed, &error);
    Py_END_ALLOW_THREADS;
    return code == 0 ? PyLong_FromUnsignedLong(removed) : raise_error(PyModule_GetState(module), &error);
}

static PyObject *library_version(PyObject *module, PyObject *nothing)
{
    (void)module, (void)nothing;
    return PyUnicode_FromString(slotring_version());
}

PyMethodDef file_functions[] = {
    {"open", (PyCFunction)(void (*)(void))ring_open, METH_VARARGS | METH_KEYWORDS,
     "open($module, /, name, *, mode='create_or_attach', total_size=0, slot_size=0, max_participants=0,\n"
     "     max_readers=0, max_writers=0, max_groups=0, max_holds=0, when_full=None, time_stamps=None,\n"
     "     access='owner', group=None, trusted_owner=None, client_name=None, directory=None, backend=None,\n"
     "     description=None, lossless_for='all', lossless_group=0, budget_messages=0, budget=0.0,\n"
     "     absence=0.0, lock_timeout=0.0, wait_slice=0.0, spin=0.0, numa_node=None, lineage_id=None,\n"
     "     first_sequence=0, origin_pid=0, origin_incarnation=0, prefault=False,\n"
     "     huge_pages=False, lock_memory=False, page_aligned=False, wipe_unused=False, checksums=False,\n"
     "     hot_slots=False, proxy=False)\n--\n\nOpens a ring, and makes it if the mode says so. Times are in "
     "seconds."},
    {"unlink", (PyCFunction)(void (*)(void))unlink_ring, METH_VARARGS | METH_KEYWORDS,
     "unlink($module, /, name, how='if_unused', *, directory=None, backend=None, trusted_owner=None)\n--\n\n"
     "Removes a ring: 'if_unused', 'when_unused' or 'force'."},
    {"list_rings", (PyCFunction)(void (*)(void))list_rings, METH_VARARGS | METH_KEYWORDS,
     "list_rings($module, /, *, directory=None, backend=None, trusted_owner=None)\n--\n\nLists the rings of "
     "this host."},
    {"collect", (PyCFunction)(void (*)(void))collect, METH_VARARGS | METH_KEYWORDS,
     "collect($module, /, *, directory=None, backend=None, trusted_owner=None)\n--\n\n"
     "Removes rings that are to go with their last user and have none, and says how many."},
    {"wait_many", (PyCFunction)(void (*)(void))wait_many, METH_FASTCALL | METH_KEYWORDS,
     "wait_many($module, /, readers, timeout=None)\n--\n\n"
     "Waits until there is something for at least one of several readers, of any rings, and gives those of "
     "them for "
     "which there is. An empty list: the time is over. It takes nothing."},
    {"library_version", library_version, METH_NOARGS,
     "library_version($module, /)\n--\n\nThe version of the C library."},
    {"error_codes", error_codes, METH_NOARGS,
     "error_codes($module, /)\n--\n\nThe codes of the C library, by name."},
    {"_forked", forked, METH_NOARGS, "_forked($module, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};
