/* SPDX-License-Identifier: Apache-2.0 */
/* The program slotring in a console of Windows: Ctrl-C ends each command that waits, whatever it waits for, with the
 * documented status; streams are bytes. The program lies beside this one. (Of Ctrl-Break Wine knows nothing.) */
#include <windows.h>

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/ring.h"
#include "support/suite.h"

#define INTERRUPTED 130 /* 128 and SIGINT, as slotring(1) says */
#define CREATE_ENDED 0  /* it was to end like that: slotring-create(1) */
#define LINE 2000

typedef struct program {
    HANDLE process;
    DWORD pid;
    HANDLE in, out; /* the other ends of its standard streams */
} program_t;

static const char *program_path(void)
{
    static char path[MAX_PATH];
    CHECK(GetModuleFileNameA(NULL, path, sizeof path) < sizeof path - 20);
    (void)strcpy(strrchr(path, '\\') + 1, "slotring.exe");
    return path;
}

static bool have_program(void)
{
    return GetFileAttributesA(program_path()) != INVALID_FILE_ATTRIBUTES;
}

static HANDLE pipe_end(bool child_reads, HANDLE *own)
{
    HANDLE reads, writes;
    CHECK(CreatePipe(&reads, &writes, NULL, 0));
    HANDLE childs = child_reads ? reads : writes;
    *own = child_reads ? writes : reads;
    CHECK(SetHandleInformation(childs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    return childs;
}

/* With a console of its own, which has no window. */
static program_t start(const char *arguments)
{
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION child;
    program_t program;
    char line[LINE];
    (void)snprintf(line, sizeof line, "slotring %s", arguments);
    startup.hStdInput = pipe_end(true, &program.in);
    startup.hStdOutput = pipe_end(false, &program.out);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessA(program_path(), line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &startup,
                        &child))
        FAIL("%s: error %lu", program_path(), GetLastError());
    CloseHandle(startup.hStdInput);
    CloseHandle(startup.hStdOutput);
    CloseHandle(child.hThread);
    program.process = child.hProcess;
    program.pid = child.dwProcessId;
    return program;
}

static DWORD status_of(program_t *program)
{
    DWORD status;
    CHECK_EQUAL(WaitForSingleObject(program->process, INFINITE),
                WAIT_OBJECT_0); /* the watcher ends a hung test */
    CHECK(GetExitCodeProcess(program->process, &status));
    CloseHandle(program->process);
    if (program->in != NULL)
        CloseHandle(program->in);
    CloseHandle(program->out);
    return status;
}

static void await(slotring_t *ring, bool (*come)(const slotring_stats_t *stats), const char *what)
{
    for (int64_t start = now_ns(); now_ns() - start < PATIENCE; Sleep(5)) {
        slotring_stats_t stats = ring_stats(ring);
        if (come(&stats))
            return;
    }
    FAIL("not %s", what);
}

static BOOL WINAPI ignore(DWORD kind)
{
    return kind == CTRL_C_EVENT;
}

/* To everybody in the program's console, where this test is for that moment. */
static void interrupt(const program_t *program)
{
    CHECK(SetConsoleCtrlHandler(ignore, TRUE));
    (void)FreeConsole();
    if (!AttachConsole(program->pid) || !GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0))
        FAIL("Ctrl-C in the console of process %lu: error %lu", program->pid, GetLastError());
    CHECK(FreeConsole());
}

static bool one_reads(const slotring_stats_t *stats)
{
    return stats->readers == 1;
}

static bool one_is_published(const slotring_stats_t *stats)
{
    return stats->published == 1;
}

static bool all_are_published(const slotring_stats_t *stats)
{
    return stats->published == 4;
}

static void put(program_t *program, const void *data, DWORD size)
{
    DWORD put = 0;
    CHECK(WriteFile(program->in, data, size, &put, NULL));
    CHECK_EQUAL(put, size);
}

/* It has ended by itself, in order: nobody had to be repaired after. */
static void check_ended(program_t *program, slotring_t *ring)
{
    CHECK_EQUAL(status_of(program), INTERRUPTED);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.participants, 1);
    CHECK_EQUAL(stats.repaired, 0);
    CHECK_EQUAL(stats.slots_writing, 0);
    CHECK_EQUAL(stats.producers_died, 0);
}

static const char *line_of(const char *format)
{
    static char line[LINE];
    (void)snprintf(line, sizeof line, format, ring_name());
    return line;
}

static void read_that_waits(slotring_t *ring)
{
    program_t program = start(line_of("read %s --quiet"));
    await(ring, one_reads, "subscribed");
    interrupt(&program);
    check_ended(&program, ring);
}

static void write_that_waits_for_input(slotring_t *ring)
{
    char bytes[1500] = {0};
    program_t program = start(line_of("write %s --quiet"));
    put(&program, bytes, sizeof bytes); /* a slot and a half */
    await(ring, one_is_published, "published");
    interrupt(&program);
    check_ended(&program, ring);
}

static void write_that_waits_for_space(slotring_t *ring)
{
    static char bytes[6000];
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    program_t program = start(line_of("write %s --quiet"));
    put(&program, bytes, sizeof bytes);
    await(ring, all_are_published, "full");
    interrupt(&program);
    CHECK_EQUAL(status_of(&program), INTERRUPTED);
    CHECK_EQUAL(ring_stats(ring).repaired, 0);
    CHECK_OK(slotring_unsubscribe(reader));
}

static void interrupted(void (*run)(slotring_t *ring))
{
    if (!have_program())
        SKIP("there is no program %s", program_path());
    slotring_t *ring = ring_create(ring_name(), 4, 1000);
    run(ring);
    ring_remove(ring, ring_name());
}

static void read_waits(void)
{
    interrupted(read_that_waits);
}

static void write_waits_for_input(void)
{
    interrupted(write_that_waits_for_input);
}

static void write_waits_for_space(void)
{
    interrupted(write_that_waits_for_space);
}

/* The ring goes with the command that made it, and so do its files. */
static void create_stays(void)
{
    if (!have_program())
        SKIP("there is no program %s", program_path());
    char text[4];
    DWORD got = 0;
    program_t program = start(line_of("create %s --slots 4 --slot-size 1000"));
    CHECK(ReadFile(program.out, text, sizeof text, &got, NULL)); /* it says what it has made, and stays */
    CHECK(ring_exists(ring_name()));
    interrupt(&program);
    CHECK_EQUAL(status_of(&program), CREATE_ENDED);
    CHECK(!ring_exists(ring_name()));
    check_nothing_left();
}

/* Whatever text would make of it: ends of lines, the old sign for the end of a file, half a character. */
static void streams_are_bytes(void)
{
    static const char bytes[] = "one\ntwo\r\nthree\r\032four\0five\n\n\r\n\303";
    char back[200];
    DWORD got = 0, more = 1;
    if (!have_program())
        SKIP("there is no program %s", program_path());
    slotring_t *ring = ring_create(ring_name(), 4, 1000);
    program_t reader = start(line_of("read %s --quiet"));
    await(ring, one_reads, "subscribed");
    program_t writer = start(line_of("write %s --quiet"));
    put(&writer, bytes, sizeof bytes);
    CloseHandle(writer.in);
    writer.in = NULL;
    for (; got < sizeof back && ReadFile(reader.out, back + got, (DWORD)sizeof back - got, &more, NULL) &&
           more != 0;
         got += more) {
    }
    CHECK_EQUAL(status_of(&writer), 0);
    CHECK_EQUAL(status_of(&reader), 0);
    CHECK_EQUAL(got, sizeof bytes);
    CHECK(memcmp(back, bytes, sizeof bytes) == 0);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"read_waits", read_waits, 0},
    {"write_waits_for_input", write_waits_for_input, 0},
    {"write_waits_for_space", write_waits_for_space, 0},
    {"create_stays", create_stays, 0},
    {"streams_are_bytes", streams_are_bytes, 0},
    {NULL, NULL, 0},
};

const test_suite_t win32_console_suite = {"win32_console", cases, NULL};
