/* SPDX-License-Identifier: Apache-2.0 */
#include "support/ready.h"

#include <errno.h>
#include <poll.h>

#include "support/check.h"

uint32_t ready_wait(const intptr_t *descriptors, uint32_t count, int timeout_ms, bool *ready)
{
    struct pollfd polled[READY_MAX];
    CHECK(count <= READY_MAX);
    for (uint32_t i = 0; i < count; i++)
        polled[i] = (struct pollfd){.fd = (int)descriptors[i], .events = POLLIN};
    int number = poll(polled, count, timeout_ms);
    CHECK(number >= 0 || errno == EINTR);
    for (uint32_t i = 0; i < count; i++) {
        CHECK((polled[i].revents & (POLLERR | POLLNVAL)) == 0);
        ready[i] = number > 0 && (polled[i].revents & POLLIN) != 0;
    }
    return number > 0 ? (uint32_t)number : 0;
}

bool ready_now(intptr_t descriptor)
{
    bool ready;
    return ready_wait(&descriptor, 1, 0, &ready) == 1;
}
