/* SPDX-License-Identifier: Apache-2.0 */
/* The victim of step.h on Windows: a fresh run of the test program that steps itself. A vectored exception handler gets
 * each single step and each call of a DLL, counts, and stands still, on this one thread, where the test wants it to.
 *
 * Only the program's own code is stepped, which has the library in it. A call of a DLL is one instruction more: a
 * breakpoint at its return address ends it. */
#include <stdio.h>
#include <string.h>

#include "step_victim.h"
#include "support/check.h"
#include "support/step.h"

#define TRAP_FLAG 0x100u
#define BREAKPOINT 0xcc

static struct {
    step_control_t *control;
    HANDLE go_on, standing;
    DWORD thread;
    address_t image, image_end;
    unsigned char *call_end, covered; /* where the breakpoint is, and what was there */
    bool call_counts, in_handler;
    enum {
        OUTSIDE,
        BEGINNING,
        INSIDE,
        ENDING
    } where;
} self;

static bool is_own(address_t address)
{
    return address - self.image < self.image_end - self.image;
}

/* Lets the test do its part; returns with the next order. */
static void stand(void)
{
    self.control->at_end = self.where == ENDING;
    SetEvent(self.standing);
    WaitForSingleObject(self.go_on, INFINITE);
    if (self.where == ENDING)
        ExitProcess(CHECK_FAILED_STATUS); /* nothing comes after it */
    self.where = INSIDE;
}

static bool by_instructions(void)
{
    return self.control->order == ORDER_STEP && self.control->unit == STEP_INSTRUCTIONS;
}

static void count(bool is_unit)
{
    if (is_unit && self.control->count > 0 && --self.control->count == 0)
        stand();
}

/* A function of a DLL begins: it runs in one go, to the breakpoint at its return address. */
static void begin_call(CONTEXT *context, address_t function)
{
    address_t back = *(const address_t *)(uintptr_t)context->STACK_TOP;
    self.call_counts = function != 0;
    count(by_instructions() || self.call_counts);
    if (function != 0)
        context->NEXT_INSTRUCTION = function;
    context->EFlags &= ~(DWORD)TRAP_FLAG;
    if (self.control->order == ORDER_RUN)
        return;
    if (!is_own(back) || self.call_end != NULL)
        ExitProcess(CHECK_FAILED_STATUS);
    self.call_end = (unsigned char *)(uintptr_t)back;
    self.covered = *self.call_end;
    *self.call_end = BREAKPOINT;
}

static void end_call(CONTEXT *context)
{
    *self.call_end = self.covered;
    context->NEXT_INSTRUCTION = (address_t)(uintptr_t)self.call_end;
    self.call_end = NULL;
    count(by_instructions() || self.call_counts);
}

static void go_on(CONTEXT *context)
{
    if (self.call_end == NULL && by_instructions())
        context->EFlags |= TRAP_FLAG;
    else
        context->EFlags &= ~(DWORD)TRAP_FLAG;
}

/* False: it is none of ours. */
static bool on_breakpoint(CONTEXT *context)
{
    if (self.call_end != NULL && context->NEXT_INSTRUCTION == (address_t)(uintptr_t)self.call_end) {
        end_call(context);
    } else if (self.where == BEGINNING || self.where == ENDING) {
        context->NEXT_INSTRUCTION++; /* over step_begin's or step_end's own */
        stand();
    } else {
        return false;
    }
    go_on(context);
    return true;
}

static bool on_step(CONTEXT *context)
{
    if (self.where == INSIDE && is_own(context->NEXT_INSTRUCTION))
        count(true);
    else if (self.where == INSIDE)
        begin_call(context, calls_function(context->NEXT_INSTRUCTION));
    else
        self.control->order = ORDER_RUN; /* step_end's own last instructions */
    go_on(context);
    return self.where != OUTSIDE;
}

static bool on_fault(CONTEXT *context)
{
    address_t function = calls_function(context->NEXT_INSTRUCTION);
    if (function == 0)
        return false;
    if (self.where == INSIDE && self.control->order == ORDER_STEP) {
        begin_call(context, function);
        go_on(context);
    } else {
        context->NEXT_INSTRUCTION = function;
    }
    return true;
}

static bool handle(DWORD code, CONTEXT *context)
{
    switch (code) {
    case EXCEPTION_SINGLE_STEP:
        return on_step(context);
    case EXCEPTION_BREAKPOINT:
        return on_breakpoint(context);
    case EXCEPTION_ACCESS_VIOLATION:
        return on_fault(context);
    default:
        return false;
    }
}

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *exception)
{
    CONTEXT *context = exception->ContextRecord;
    address_t function = calls_function(context->NEXT_INSTRUCTION);
    if (function != 0 && (self.in_handler || GetCurrentThreadId() != self.thread)) {
        context->NEXT_INSTRUCTION = function; /* what this handler calls itself, and what other threads do */
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if (self.in_handler || GetCurrentThreadId() != self.thread)
        return EXCEPTION_CONTINUE_SEARCH;
    self.in_handler = true;
    bool handled = handle(exception->ExceptionRecord->ExceptionCode, context);
    self.in_handler = false;
    return handled ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
}

void step_begin(void)
{
    if (self.control == NULL)
        FAIL("step_begin: nobody is tracing");
    calls_trap((unsigned char *)(uintptr_t)self.image);
    self.where = BEGINNING;
    __asm__ volatile("int3");
}

void step_end(void)
{
    self.where = ENDING;
    __asm__ volatile("int3");
    FAIL("step_end: nobody is tracing");
}

static void make_code_writable(void)
{
    MEMORY_BASIC_INFORMATION code;
    DWORD before;
    for (address_t at = self.image; at < self.image_end; at += (address_t)code.RegionSize) {
        CHECK(VirtualQuery((const void *)(uintptr_t)at, &code, sizeof code) != 0);
        if (code.Protect == PAGE_EXECUTE_READ)
            CHECK(VirtualProtect(code.BaseAddress, code.RegionSize, PAGE_EXECUTE_READWRITE, &before));
    }
}

static void find_program(void)
{
    unsigned char *image = (unsigned char *)GetModuleHandleA(NULL);
    const IMAGE_DOS_HEADER *dos = (const void *)image;
    const IMAGE_NT_HEADERS *headers = (const void *)(image + dos->e_lfanew);
    self.image = (address_t)(uintptr_t)image;
    self.image_end = self.image + headers->OptionalHeader.SizeOfImage;
    make_code_writable();
    CHECK(AddVectoredExceptionHandler(1, on_exception) != NULL);
}

static void play_victim(peer_t *test, const char *argument)
{
    long long section, go, standing;
    int used = 0;
    CHECK_EQUAL(sscanf(argument, "%lld %lld %lld %n", &section, &go, &standing, &used), 3);
    self.control = MapViewOfFile((HANDLE)(intptr_t)section, FILE_MAP_WRITE, 0, 0, sizeof *self.control);
    CHECK(self.control != NULL);
    self.go_on = (HANDLE)(intptr_t)go;
    self.standing = (HANDLE)(intptr_t)standing;
    self.thread = GetCurrentThreadId();
    find_program();
    memcpy((void *)(uintptr_t)(self.image + (address_t)self.control->shared), self.control->bytes,
           (size_t)self.control->shared_size);
    role_fn victim = (role_fn)(uintptr_t)(self.image + (address_t)self.control->victim);
    victim(test, argument + used);
}

const test_role_t step_roles[] = {{"step-victim", play_victim}, {NULL, NULL}};
