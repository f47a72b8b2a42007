/* SPDX-License-Identifier: Apache-2.0 */
/* What lies behind the public interface, for tests that look there. */
#ifndef TEST_INTERNALS_H
#define TEST_INTERNALS_H

#include "base/atomics.h"
#include "base/error.h"
#include "base/structs.h"
#include "handle.h"
#include "layout/layout.h"
#include "layout/plan.h"
#include "layout/stamps.h"
#include "layout/validate.h"
#include "layout/view.h"
#include "members/boot.h"
#include "members/enter.h"
#include "members/make.h"
#include "members/names.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/participant.h"
#include "members/process_mutex.h"
#include "members/reap.h"
#include "members/segment.h"
#include "members/unlink.h"
#include "platform.h"
#include "protocol/claim.h"
#include "protocol/counters.h"
#include "protocol/deferred.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/gate.h"
#include "protocol/gather.h"
#include "protocol/hold.h"
#include "protocol/hold_count.h"
#include "protocol/holders.h"
#include "protocol/life.h"
#include "protocol/passed.h"
#include "protocol/pin.h"
#include "protocol/publish.h"
#include "protocol/reclaim.h"
#include "protocol/repair.h"
#include "protocol/seqlock.h"
#include "protocol/snapshot.h"
#include "protocol/stream.h"
#include "protocol/sum.h"
#include "protocol/taken.h"
#include "protocol/withdrawn.h"
#include "traffic/interrupt.h"
#include "traffic/readers/news.h"
#include "traffic/readers/reader.h"
#include "traffic/slots.h"
#include "traffic/ticket.h"
#include "traffic/wait.h"

/* Does the system sleep on several words at once? Where it does not, helpers do, which sleep on when nobody needs them. */
static inline bool sleeps_on_several(const slotring_t *ring)
{
    _Atomic uint32_t words[2] = {1, 1};
    sr__sleep_t sleeps[2] = {{ring->member.waits, &words[0], 0}, {ring->member.waits, &words[1], 0}};
    return ring->member.os->waits.wait_any && ring->member.os->waits.wait_any(sleeps, 2, 1);
}

static inline void sleep_not_at_all(uint64_t duration_ns)
{
    (void)duration_ns;
}

/* Audits by this handle make no pauses: nothing goes on beside them that would need time to move on. */
static inline void audit_without_pauses(slotring_t *ring)
{
    static sr__backend_t hasty;
    hasty = *ring->member.os;
    hasty.system.sleep_ns = sleep_not_at_all;
    ring->member.os = &hasty;
}

#endif
