/* SPDX-License-Identifier: Apache-2.0 */
/* A small server for one page, on this machine alone, by libmicrohttpd. One thread serves one request after the other: a scraper is
 * never faster, and rings are looked at by one observer at a time. */
#include "exit_codes.h"
#include "host.h"
#include "metrics.h"
#include "output.h"

#ifdef SLOTRING_WITH_HTTP
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"

enum {
    CONNECTIONS = 8, /* at a time */
    SECONDS = 10     /* for a client that says nothing */
};

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address_t;

/* PORT, 127.0.0.1:PORT, localhost:PORT or [::1]:PORT. Whoever wants the numbers on another machine has a proxy with rights. */
static bool read_address(const char *text, address_t *address)
{
    static const char *const v4[] = {"127.0.0.1:", "localhost:", ""};
    uint64_t port = 0;
    memset(address, 0, sizeof *address);
    bool is_v6 = strncmp(text, "[::1]:", 6) == 0;
    const char *number = is_v6 ? text + 6 : NULL;
    for (size_t i = 0; i < 3 && !number; i++)
        if (strncmp(text, v4[i], strlen(v4[i])) == 0)
            number = text + strlen(v4[i]);
    if (number[0] == '\0' || number[strspn(number, "0123456789")] != '\0') {
        out_error("--listen %s: expects PORT, 127.0.0.1:PORT or [::1]:PORT; no other machine is served",
                  text);
        return false;
    }
    if (!args_number("--listen", number, 0, 65535, &port))
        return false;
    if (is_v6) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_addr = in6addr_loopback;
        address->v6.sin6_port = htons((uint16_t)port);
    } else {
        address->v4.sin_family = AF_INET;
        address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address->v4.sin_port = htons((uint16_t)port);
    }
    return true;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
                              char *text, size_t length, enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(length, text, mode);
    if (!response) {
        if (mode == MHD_RESPMEM_MUST_FREE)
            free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_words(struct MHD_Connection *connection, unsigned status, const char *words)
{
    return answer(connection, status, "text/plain; charset=utf-8", (char *)(uintptr_t)words, strlen(words),
                  MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection, const metrics_wanted_t *wanted)
{
    const char *accepts = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    bool open_metrics = accepts && strstr(accepts, "application/openmetrics-text");
    metrics_text_t text;
    if (!metrics_make(wanted, open_metrics, &text))
        return answer_words(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    return answer(connection, MHD_HTTP_OK, open_metrics ? METRICS_OPEN_TYPE : METRICS_TYPE, text.text,
                  text.length, MHD_RESPMEM_MUST_FREE);
}

/* Called at least twice for each request: first with its head. A body that comes along is thrown away. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_size, void **state)
{
    static int seen;
    (void)version, (void)body;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    if (*body_size > 0) {
        *body_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return answer_words(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (strcmp(path, "/metrics") == 0)
        return answer_metrics(connection, user);
    if (strcmp(path, "/") == 0)
        return answer_words(connection, MHD_HTTP_OK, "slotring: see /metrics\n");
    return answer_words(connection, MHD_HTTP_NOT_FOUND, "there is only /metrics\n");
}

/* With port 0 the system has chosen one. */
static unsigned port_of(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

int metrics_serve(const metrics_wanted_t *wanted, const char *text)
{
    address_t address;
    if (!read_address(text, &address))
        return EXIT_USAGE;
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO;
    if (address.any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, (void *)(uintptr_t)wanted, MHD_OPTION_SOCK_ADDR,
                         &address.any, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SECONDS, MHD_OPTION_END);
    if (!daemon) {
        out_error("cannot listen at %s: %s", text, errno ? host_error_text(errno) : "libmicrohttpd refused");
        return errno == EADDRINUSE ? EXIT_IN_USE : EXIT_ERROR;
    }
    printf("serving http://%s:%u/metrics\n", address.any.sa_family == AF_INET6 ? "[::1]" : "127.0.0.1",
           port_of(daemon));
    fflush(stdout);
    host_await_stop();
    MHD_stop_daemon(daemon);
    return stop_code();
}
#else
int metrics_serve(const metrics_wanted_t *wanted, const char *address)
{
    (void)wanted;
    out_error("--listen %s: this program was built without libmicrohttpd; --textfile does without", address);
    return EXIT_USAGE;
}
#endif
