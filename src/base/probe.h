/* SPDX-License-Identifier: Apache-2.0 */
/* Probes for SystemTap, perf and bpftrace (USDT), in builds with SLOTRING_WITH_PROBES: one nop each, and a note in the file that
 * says where it is. In other builds they are no instruction. The first argument of each is the ring's name. */
#ifndef SR_BASE_PROBE_H
#define SR_BASE_PROBE_H

#ifdef SLOTRING_WITH_PROBES
#include <sys/sdt.h>
#define SR__PROBE(name, ring, a, b) DTRACE_PROBE3(slotring, name, ring, a, b)
#else
#define SR__PROBE(name, ring, a, b) ((void)0)
#endif

#endif
