/* SPDX-License-Identifier: Apache-2.0 */
/* Plain TCP over the loopback: what a program writes that needs nothing of what the others do. */
#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void prepare(bench_t *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    b->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(b->listener >= 0 && bind(b->listener, (struct sockaddr *)&address, size) == 0 &&
             listen(b->listener, 1) == 0 && getsockname(b->listener, (struct sockaddr *)&address, &size) == 0,
         "no port for TCP");
    b->port = ntohs(address.sin_port);
}

static void receive(bench_t *b)
{
    uint8_t *buffer = malloc(b->unit);
    need(buffer != NULL, "memory");
    is_ready(b);
    int s = accept(b->listener, NULL, NULL);
    need(s >= 0, "accept");
    for (uint64_t n = 0; n < b->units; n++) {
        need(recv(s, buffer, b->unit, MSG_WAITALL) == (ssize_t)b->unit, "recv");
        take_stamp(b, buffer);
    }
    has_ended(b);
    (void)close(s);
    free(buffer);
}

static void send_all(bench_t *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(b->port)};
    uint8_t *buffer = calloc(1, b->unit);
    int on = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    need(buffer != NULL && s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
             setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0,
         "connect");
    for (uint64_t n = 0; n < b->units; n++) {
        stamp(b, n, buffer);
        for (size_t done = 0; done < b->unit;) {
            ssize_t put = send(s, buffer + done, b->unit - done, MSG_NOSIGNAL);
            need(put > 0, "send");
            done += (size_t)put;
        }
    }
    (void)close(s);
    free(buffer);
}

static void clean(bench_t *b)
{
    (void)close(b->listener);
}

const way_t tcp_way = {"tcp", prepare, receive, send_all, {NULL, NULL}, clean};
