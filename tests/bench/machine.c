/* SPDX-License-Identifier: Apache-2.0 */
/* Where the numbers come from: processor, kernel, versions. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench.h"

static void processor_name(char *text, size_t size)
{
    char line[256];
    snprintf(text, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        char *value = strchr(line, ':');
        if (!value || (strncmp(line, "model name", 10) != 0 && strncmp(line, "CPU part", 8) != 0))
            continue;
        value[strcspn(value, "\n")] = '\0';
        snprintf(text, size, "%s", value + 2);
        break;
    }
    fclose(file);
}

bool machine_two_cpus(int cpus[2])
{
    cpu_set_t set;
    int found = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return false;
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
        if (CPU_ISSET((size_t)cpu, &set))
            cpus[found++] = cpu;
    return found == 2;
}

void machine_pin(int process, int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    if (sched_setaffinity(process, sizeof set, &set) != 0)
        fail("cannot run on processor %d", cpu);
}

void machine_report(const bench_config_t *config)
{
    char text[300], processor[200];
    struct utsname system;
    report_section("machine", "Machine");
    processor_name(processor, sizeof processor);
    report_text("processor", processor);
    if (uname(&system) == 0) {
        snprintf(text, sizeof text, "%s %s %s", system.sysname, system.release, system.machine);
        report_text("system", text);
    }
    snprintf(text, sizeof text, "%ld online; measured on %d and %d", sysconf(_SC_NPROCESSORS_ONLN),
             config->cpus[0], config->cpus[1]);
    report_text("processors", text);
    FILE *file = fopen("/proc/loadavg", "r");
    if (file && fgets(text, sizeof text, file)) {
        text[strcspn(text, "\n")] = '\0';
        report_text("load", text);
    }
    if (file)
        fclose(file);
#if defined(__VERSION__)
    report_text("compiler", __VERSION__);
#endif
#if defined(__OPTIMIZE__)
    report_text("optimised", "yes");
#else
    report_text("optimised", "NO: these numbers mean nothing");
#endif
    report_text("library", slotring_version());
}
