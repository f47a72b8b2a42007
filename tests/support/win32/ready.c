/* SPDX-License-Identifier: Apache-2.0 */
#include "support/ready.h"

#include <windows.h>

#include "support/check.h"

uint32_t ready_wait(const intptr_t *descriptors, uint32_t count, int timeout_ms, bool *ready)
{
    HANDLE handles[READY_MAX];
    uint32_t number = 0;
    CHECK(count <= READY_MAX);
    for (uint32_t i = 0; i < count; i++)
        handles[i] = (HANDLE)descriptors[i];
    DWORD got = WaitForMultipleObjects(count, handles, FALSE, timeout_ms < 0 ? INFINITE : (DWORD)timeout_ms);
    CHECK(got != WAIT_FAILED);
    for (uint32_t i = 0; i < count; i++) {
        ready[i] = got != WAIT_TIMEOUT && WaitForSingleObject(handles[i], 0) == WAIT_OBJECT_0;
        number += ready[i];
    }
    return number;
}

bool ready_now(intptr_t descriptor)
{
    bool ready;
    return ready_wait(&descriptor, 1, 0, &ready) == 1;
}
