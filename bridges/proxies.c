/* SPDX-License-Identifier: Apache-2.0 */
/* A handle for each producer of the source, from its first message here until its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

proxy_t *bridge_target_known(target_t *t, const wire_frame_t *who)
{
    for (uint32_t i = 0; i < t->proxy_count; i++)
        if (t->proxies[i].index == who->index && t->proxies[i].incarnation == who->incarnation)
            return &t->proxies[i];
    return NULL;
}

static int make_room(target_t *t)
{
    if (t->proxy_count < t->proxy_room)
        return 0;
    uint32_t room = t->proxy_room > 0 ? 2 * t->proxy_room : 16;
    proxy_t *larger = realloc(t->proxies, room * sizeof *larger);
    if (larger == NULL)
        return bridge_fail(t->error, BRIDGE_NO_MEMORY, "no memory for %u producers", room);
    t->proxies = larger;
    t->proxy_room = room;
    return 0;
}

static void remove_proxy(target_t *t, proxy_t *proxy)
{
    if (t->filling.handle == proxy->handle)
        bridge_target_give_up(t);
    bridge_writers_leave(t, proxy->handle);
    (void)slotring_close(proxy->handle);
    *proxy = t->proxies[--t->proxy_count];
}

/* Those whose streams have ended make room for others. */
static bool remove_an_idle_one(target_t *t)
{
    for (uint32_t i = 0; i < t->proxy_count; i++)
        if (!t->proxies[i].is_open && t->filling.handle != t->proxies[i].handle) {
            remove_proxy(t, &t->proxies[i]);
            return true;
        }
    return false;
}

static int open_handle(target_t *t, const wire_frame_t *who, slotring_t **handle)
{
    char name[WIRE_NAME_SIZE];
    slotring_error_t failure;
    slotring_options_t options = t->place;
    (void)snprintf(name, sizeof name, "%.*s", (int)who->size, (const char *)who->bytes);
    options.flags |= SLOTRING_PROXY;
    options.client_name = name;
    options.origin_pid = who->pid;
    options.origin_incarnation = who->incarnation;
    int code;
    while ((code = slotring_open(handle, t->name, &options, &failure)) == SLOTRING_E_PARTICIPANTS)
        if (!remove_an_idle_one(t))
            break;
    return code == 0 ? 0
                     : bridge_fail(t->error, BRIDGE_RING, "cannot publish for producer \"%s\": %.300s", name,
                                   failure.text);
}

proxy_t *bridge_target_proxy(target_t *t, const wire_frame_t *who)
{
    proxy_t *proxy = bridge_target_known(t, who);
    slotring_t *handle;
    if (proxy != NULL)
        return proxy;
    if (make_room(t) != 0 || open_handle(t, who, &handle) != 0)
        return NULL;
    proxy = &t->proxies[t->proxy_count++];
    *proxy = (proxy_t){.index = who->index, .incarnation = who->incarnation, .handle = handle};
    return proxy;
}

int bridge_target_death(target_t *t, proxy_t *proxy, uint32_t how)
{
    bridge_writers_leave(t, proxy->handle);
    int code = proxy->is_open ? slotring_end_by_proxy(proxy->handle, how) : 0;
    if (code != 0)
        return bridge_fail_ring(t->error, "cannot tell a death in the target");
    remove_proxy(t, proxy);
    return 0;
}

int bridge_target_lost(target_t *t)
{
    for (uint32_t i = t->proxy_count; i-- > 0;) { /* the last one takes the place of one that goes */
        int failed = t->proxies[i].is_open ? bridge_target_death(t, &t->proxies[i], SLOTRING_SOURCE_LOST) : 0;
        if (failed)
            return failed;
    }
    return 0;
}

int bridge_target_end(target_t *t)
{
    bridge_target_give_up(t); /* of a sender that was killed inside of a message */
    bridge_writers_rest(t);
    for (uint32_t i = 0; i < t->proxy_count; i++) {
        if (slotring_end_stream(t->proxies[i].handle) != 0)
            return bridge_fail_ring(t->error, "cannot end a stream in the target");
        t->proxies[i].is_open = false;
    }
    return 0;
}

static bool is_gone(const proxy_t *proxy, const wire_frame_t *who, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (who[i].index == proxy->index && who[i].incarnation == proxy->incarnation)
            return false;
    return true;
}

static int end_quietly(target_t *t, proxy_t *proxy)
{
    bridge_writers_leave(t, proxy->handle);
    if (slotring_end_stream(proxy->handle) != 0)
        return bridge_fail_ring(t->error, "cannot end a stream in the target");
    remove_proxy(t, proxy);
    return 0;
}

/* If as many died as are gone, each of them did. If fewer did, nobody knows which, and readers are told that the way to them is lost. */
int bridge_target_lives(target_t *t, const wire_frame_t *who, uint32_t count, uint64_t deaths)
{
    uint64_t gone = 0;
    for (uint32_t i = 0; i < t->proxy_count; i++)
        gone += t->proxies[i].is_open && is_gone(&t->proxies[i], who, count);
    uint32_t how = deaths >= gone ? SLOTRING_PRODUCER_DIED : SLOTRING_SOURCE_LOST;
    for (uint32_t i = t->proxy_count; i-- > 0;) { /* the last one takes the place of one that goes */
        proxy_t *proxy = &t->proxies[i];
        if (!is_gone(proxy, who, count))
            continue;
        int failed = deaths > 0 ? bridge_target_death(t, proxy, how) : end_quietly(t, proxy);
        if (failed)
            return failed;
    }
    return 0;
}
