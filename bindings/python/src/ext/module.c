/* SPDX-License-Identifier: Apache-2.0 */
/* The module slotring._native: its state, its types, and forks. */
#include "binding.h"

binding_state_t *state_of(PyObject *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

atomic_uint fork_count;

PyObject *forked(PyObject *module, PyObject *nothing)
{
    (void)module, (void)nothing;
    atomic_fetch_add_explicit(&fork_count, 1, memory_order_relaxed);
    wait_prepare(); /* the thread that forked is the main one here */
    Py_RETURN_NONE;
}

PyObject *attribute_of(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    if (module == NULL || name == NULL)
        return module;
    PyObject *attribute = PyObject_GetAttrString(module, name);
    Py_DECREF(module);
    return attribute;
}

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && PyModule_AddType(module, type) != 0)
        Py_CLEAR(type);
    return type;
}

static int module_exec(PyObject *module)
{
    binding_state_t *state = PyModule_GetState(module);
    wait_prepare();
    state->error_classes = attribute_of("slotring._errors", "classes_by_code");
    state->values = attribute_of("slotring._values", NULL);
    state->opened = attribute_of("slotring._lifecycle", "opened");
    state->ring_type = ring_type_new(module);
    state->reader_type = add_type(module, &reader_spec);
    state->writer_type = add_type(module, &writer_spec);
    state->message_type = add_type(module, &message_spec);
    state->slot_type = add_type(module, &slot_spec);
    state->piece_type = add_type(module, &piece_spec);
    state->ticket_type = add_type(module, &ticket_spec);
    if (!state->error_classes || !state->values || !state->opened || !state->ring_type ||
        !state->reader_type || !state->writer_type || !state->message_type || !state->slot_type ||
        !state->piece_type || !state->ticket_type)
        return -1;
    return PyModule_AddType(module, state->ring_type);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    binding_state_t *state = PyModule_GetState(module);
    if (state == NULL)
        return 0;
    Py_VISIT(state->ring_type);
    Py_VISIT(state->reader_type);
    Py_VISIT(state->writer_type);
    Py_VISIT(state->message_type);
    Py_VISIT(state->slot_type);
    Py_VISIT(state->piece_type);
    Py_VISIT(state->ticket_type);
    Py_VISIT(state->error_classes);
    Py_VISIT(state->values);
    Py_VISIT(state->opened);
    return 0;
}

static int module_clear(PyObject *module)
{
    binding_state_t *state = PyModule_GetState(module);
    if (state == NULL)
        return 0;
    Py_CLEAR(state->ring_type);
    Py_CLEAR(state->reader_type);
    Py_CLEAR(state->writer_type);
    Py_CLEAR(state->message_type);
    Py_CLEAR(state->slot_type);
    Py_CLEAR(state->piece_type);
    Py_CLEAR(state->ticket_type);
    Py_CLEAR(state->error_classes);
    Py_CLEAR(state->values);
    Py_CLEAR(state->opened);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
    spares_forget();
}

static PyModuleDef_Slot module_slots[] = {
    /* No Py_mod_multiple_interpreters: a subinterpreter with a GIL of its own refuses the import. */
    {Py_mod_exec, module_exec},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "slotring._native",
    .m_doc = "The C library slotring, for Python. Use it through the package slotring.",
    .m_size = sizeof(binding_state_t),
    .m_methods = file_functions,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
