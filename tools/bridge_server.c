/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the parts of slotring bridge that say which server, and with which secrets. */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "bridge_parts.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "near.h"
#include "output.h"
#include "remedy.h"
#include "secret.h"
#include "words.h"

#define DEFAULT_SERVER "nats://127.0.0.1:4222"
#define ADDRESS_SIZE 256u

static struct {
    char *server, *remote, *user, *password, *token, *credentials, *authorities, *certificate, *key;
    int tls;
} given;

struct poptOption bridge_server_table[] = {
    {"server", 0, POPT_ARG_STRING, &given.server, 0,
     "Its address, or several of one cluster with commas between (default " DEFAULT_SERVER ")", "URL"},
    {"remote", 0, POPT_ARG_STRING, &given.remote, 0,
     "The name of the log there, which both ends give (default: the name of the ring)", "LOG"},
    {"user", 0, POPT_ARG_STRING, &given.user, 0, "Name of this user at the server; with --password-file",
     "USER"},
    {"password-file", 0, POPT_ARG_STRING, &given.password, 0,
     "The password is the first line of FILE, which nobody else may read", "FILE"},
    {"token-file", 0, POPT_ARG_STRING, &given.token, 0, "Instead: a token, in the same way", "FILE"},
    {"credentials", 0, POPT_ARG_STRING, &given.credentials, 0,
     "Instead: a file of credentials (.creds), of nsc", "FILE"},
    {"tls", 0, POPT_ARG_NONE, &given.tls, 0, "Speak TLS; the certificates of the system say whom to trust",
     NULL},
    {"tls-ca", 0, POPT_ARG_STRING, &given.authorities, 0, "Speak TLS, and trust the authorities in FILE",
     "FILE"},
    {"tls-cert", 0, POPT_ARG_STRING, &given.certificate, 0, "Show the certificate in FILE; with --tls-key",
     "FILE"},
    {"tls-key", 0, POPT_ARG_STRING, &given.key, 0, "Its key, in FILE, which nobody else may read", "FILE"},
    POPT_TABLEEND};

/* ---- Addresses -------------------------------------------------------------------------------------- */

static bool add_address(const char *at, size_t length, char *address)
{
    if (length == 0 || length >= ADDRESS_SIZE) {
        out_error("--server %s: an address is empty, or too long", given.server);
        return false;
    }
    memcpy(address, at, length);
    address[length] = '\0';
    if (strchr(address, '@') != NULL) {
        out_error(
            "--server: a password in an address is seen by all users of this machine (ps); give --user and "
            "--password-file");
        return false;
    }
    if (strncmp(address, "nats://", 7) != 0 && strncmp(address, "tls://", 6) != 0) {
        out_error("--server %s: an address begins with nats:// or tls://", address);
        return false;
    }
    return true;
}

static bool addresses(bridge_jetstream_options_t *options)
{
    static char texts[BRIDGE_JETSTREAM_SERVERS][ADDRESS_SIZE];
    const char *at = given.server != NULL ? given.server : DEFAULT_SERVER;
    for (uint32_t count = 0;; count++) {
        size_t length = strcspn(at, ",");
        if (count == BRIDGE_JETSTREAM_SERVERS) {
            out_error("--server: %u addresses at most", BRIDGE_JETSTREAM_SERVERS);
            return false;
        }
        if (!add_address(at, length, texts[count]))
            return false;
        options->servers[count] = texts[count];
        options->tls = options->tls || strncmp(texts[count], "tls://", 6) == 0;
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

/* ---- Secrets ---------------------------------------------------------------------------------------- */

static bool reported(const char *option, const bridge_error_t *error)
{
    out_error("%s: %s", option, error->text);
    return false;
}

static bool secret(const char *option, const char *path, char *text, size_t size, const char **value)
{
    bridge_error_t error;
    if (path == NULL)
        return true;
    if (bridge_secret_read(path, text, size, &error) != BRIDGE_OK)
        return reported(option, &error);
    *value = text;
    return true;
}

static bool checked(const char *option, const char *path)
{
    bridge_error_t error;
    return path == NULL || bridge_secret_check(path, &error) == BRIDGE_OK || reported(option, &error);
}

static bool secrets(bridge_jetstream_options_t *options)
{
    static char password[1024], token[4096];
    if ((given.user != NULL) != (given.password != NULL)) {
        out_error("--user and --password-file go together: give both");
        return false;
    }
    if ((given.user != NULL) + (given.token != NULL) + (given.credentials != NULL) > 1) {
        out_error("--user, --token-file and --credentials exclude each other; give one of them");
        return false;
    }
    if ((given.certificate != NULL) != (given.key != NULL)) {
        out_error("--tls-cert and --tls-key go together: give both");
        return false;
    }
    options->user = given.user;
    options->credentials = given.credentials;
    options->authorities = given.authorities;
    options->certificate = given.certificate;
    options->key = given.key;
    options->tls = given.tls || given.authorities != NULL || given.certificate != NULL;
    return secret("--password-file", given.password, password, sizeof password, &options->password) &&
           secret("--token-file", given.token, token, sizeof token, &options->token) &&
           checked("--credentials", given.credentials) && checked("--tls-key", given.key);
}

/* ---- All of it -------------------------------------------------------------------------------------- */

static bool name_log(const char *ring, bridge_jetstream_options_t *options)
{
    const char *name = given.remote != NULL ? given.remote : ring;
    size_t length = strlen(name);
    options->stream = name;
    if (length > 0 && length <= BRIDGE_REMOTE_MAX &&
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == length)
        return true;
    out_error("%s%s cannot be the name of a log, which has 1 to %u letters, digits, '-' and '_'%s",
              given.remote != NULL ? "--remote " : "", name, BRIDGE_REMOTE_MAX,
              given.remote != NULL ? "" : "; name it with --remote, at both ends");
    return false;
}

bool bridge_server(const char *ring, bridge_jetstream_options_t *options)
{
    *options = (bridge_jetstream_options_t){0};
    return name_log(ring, options) && secrets(options) && addresses(options);
}

const char *bridge_server_words(const bridge_jetstream_options_t *options, const char *ring)
{
    static char words[600];
    words[0] = '\0';
    if (strcmp(options->stream, ring) != 0)
        snprintf(words, sizeof words, " --remote %s", options->stream);
    if (given.server != NULL) {
        out_append(words, sizeof words, " --server ");
        remedy_quote(words, sizeof words, given.server);
    }
    return words;
}

/* ---- Errors and words ------------------------------------------------------------------------------- */

static int code_of(const bridge_error_t *error)
{
    switch (error->code) {
    case BRIDGE_STOPPED:
        return stop_code();
    case BRIDGE_FENCED:
    case BRIDGE_OTHER_RING:
        return EXIT_IN_USE;
    case BRIDGE_DAMAGED:
        return EXIT_DAMAGED;
    case BRIDGE_NO_MEMORY:
        return EXIT_NO_SPACE;
    case BRIDGE_RING:
        return exit_code_of(error->ring);
    default:
        return EXIT_ERROR;
    }
}

int bridge_report(const bridge_error_t *error, const bridge_jetstream_options_t *server, const char *ring,
                  const slotring_options_t *place)
{
    if (error->code == BRIDGE_STOPPED)
        return stop_code();
    out_error("%s", error->code == BRIDGE_RING ? words_in(error->text).text : error->text);
    if (error->code == BRIDGE_RING && error->ring == SLOTRING_E_NOT_FOUND)
        near_ring(ring, place);
    else if (error->code == BRIDGE_FENCED || error->code == BRIDGE_CUT)
        out_error("slotring bridge status %s%s says how it stands", server->stream,
                  bridge_server_words(server, server->stream));
    return code_of(error);
}

int bridge_begin(const char *half, const bridge_jetstream_options_t *server, const char *ring, bool quiet,
                 slotring_options_t *place, bridge_engine_t **engine)
{
    static char client[SLOTRING_CLIENT_NAME_MAX + 1];
    bridge_error_t error = {0};
    host_catch_stop(NULL);
    if (!quiet && bridge_jetstream_doubt(server) != NULL)
        out_error("note: %s", bridge_jetstream_doubt(server));
    snprintf(client, sizeof client, "bridge %s %s", half, server->stream);
    place->client_name = client;
    return bridge_jetstream_open(engine, server, &error) == BRIDGE_OK
               ? EXIT_DONE
               : bridge_report(&error, server, ring, place);
}

bool bridge_asks_stop(void *user)
{
    (void)user;
    return host_stop_requested() != 0;
}

void bridge_says(void *user, const char *sentence)
{
    (void)user;
    out_error("%s", sentence);
}
