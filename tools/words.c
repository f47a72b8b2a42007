/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "output.h"

/* Longer ones before those that they begin with. The test program.words_cover_the_library finds what is missing here. */
static const struct {
    const char *library, *program;
} phrases[] = {
    {" (slotring rm, SLOTRING_WIPE_UNUSED)", " (slotring rm)"},
    {"max_holds, slotring create --holds", "slotring create --holds"},
    {"trusted_owner, --trust-owner", "--trust-owner USER"},
    {"pass 0 to take it as it is", "leave the option out to take it as it is"},
    {"attach without SLOTRING_CHECKSUMS", "leave --checksums out"},
    {"attach without SLOTRING_ON_NUMA_NODE", "leave --numa-node out"},
    {"options.flags is without SLOTRING_ON_NUMA_NODE", "no node is named"},
    {"leave SLOTRING_ON_NUMA_NODE out", "leave --numa-node out"},
    {"with when_full SLOTRING_KEEP", "with --keep"},
    {"total_size / slot_size", "--size / --slot-size"},
    {"budget_messages and budget_ns", "--largest-budget"},
    {"lossless_for is not SLOTRING_LOSSLESS_FOR_GROUP", "--lossless-for is not group"},
    {"set lossless_for", "give --lossless-for"},
    {"options.budget_messages", "--largest-budget"},
    {"options.budget_ns", "--largest-budget in ns"},
    {"options.absence_ns", "--absence in ns"},
    {"options.", ""},
    {"reader option flags", "the choice of options"},
    {"reader option ", ""},
    {"SLOTRING_FOR_EVER", "0, which is for ever"},
    {"SLOTRING_HOT_SLOTS", "--hot"},
    {"SLOTRING_CHECKSUMS", "--checksums"},
    {"SLOTRING_HUGE_PAGES", "--huge-pages"},
    {"SLOTRING_KEEP", "--keep"},
    {"SLOTRING_GROUP", "--group"},
    {"SLOTRING_DURABLE", "--durable"},
    {"SLOTRING_BUDGETED", "--budget"},
    {"SLOTRING_TELL_MARKS", "--marks"},
    {"SLOTRING_LOSSLESS_FOR_OWNER", "--lossless-for owner"},
    {"SLOTRING_LOSSLESS_FOR_GROUP", "--lossless-for group"},
    {"SLOTRING_ON_NUMA_NODE", "--numa-node"},
    {"slotring_forget", "slotring forget"},
    {"total_size", "--size"},
    {"slot_size", "--slot-size"},
    {"max_participants", "--max-participants"},
    {"max_readers", "--max-readers"},
    {"max_writers", "--max-writers"},
    {"max_groups", "--max-groups"},
    {"max_holds", "--holds"},
    {"when_full", "--keep or --overwrite"},
    {"time_stamps", "--time"},
    {"lossless_for", "--lossless-for"},
    {"lossless_group", "--lossless-group"},
    {"largest_budget", "--largest-budget"},
    {"absence_ns", "--absence in ns"},
    {"description_size", "the size of --description"},
    {"lineage_id", "--lineage"},
    {"first_sequence", "--first-sequence"},
    {"numa_node", "--numa-node"},
    {"trusted_owner", "--trust-owner"},
    {"wake_messages", "--wake-messages"},
    {"wake_ns", "--wake-time in ns"},
    {"tag_mask", "the mask of --tag"},
    {"tag_match", "--tag"},
    {"budget_messages", "--budget"},
    {"budget_ns", "--budget in ns"},
    {"slot_struct_size", "the size of a slot's description"},
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void append(words_t *words, const char *text, size_t length)
{
    size_t used = strlen(words->text), left = sizeof words->text - 1 - used;
    if (length > left)
        length = left;
    memcpy(words->text + used, text, length);
    words->text[used + length] = '\0';
}

/* The phrase at `at`, as a whole word; its length is 0 if there is none. */
static size_t phrase_at(const char *at, bool after_word, const char **program)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        const char *phrase = phrases[i].library;
        size_t length = strlen(phrase);
        if (strncmp(at, phrase, length) != 0 || (after_word && is_word(phrase[0])) ||
            (is_word(phrase[length - 1]) && is_word(at[length])))
            continue;
        *program = phrases[i].program;
        return length;
    }
    return 0;
}

/* "user 1000", "1048576 bytes": what people know instead, behind the number. Returns how much of the sentence that was. */
static size_t number_at(const char *at, const char *sentence, words_t *words)
{
    char name[64] = "", more[96] = "";
    size_t before = (size_t)(at - sentence), length = strspn(at, "0123456789");
    uint64_t value = strtoull(at, NULL, 10);
    if (before >= 5 && strncmp(at - 5, "user ", 5) == 0)
        host_user_name(value, name, sizeof name);
    else if (before >= 6 && strncmp(at - 6, "group ", 6) == 0)
        host_group_name(value, name, sizeof name);
    append(words, at, length);
    if (name[0] && (strlen(name) != length || strncmp(name, at, length) != 0))
        snprintf(more, sizeof more, " (%s)", name);
    if (strncmp(at + length, " bytes", 6) == 0 && value >= 10240 && length < 20) {
        append(words, " bytes", 6);
        length += 6;
        snprintf(more, sizeof more, " (%s)", out_bytes(value).text);
    }
    append(words, more, strlen(more));
    return length;
}

words_t words_in(const char *sentence)
{
    words_t words = {.text = ""};
    for (const char *at = sentence; *at;) {
        bool after_word = at > sentence && is_word(at[-1]);
        const char *program;
        size_t length = phrase_at(at, after_word, &program);
        if (length > 0)
            append(&words, program, strlen(program));
        else if (*at >= '0' && *at <= '9' && !after_word)
            length = number_at(at, sentence, &words);
        else
            append(&words, at, length = 1);
        at += length;
    }
    return words;
}

words_t words_of(const slotring_error_t *error)
{
    return words_in(error->text[0] ? error->text : slotring_strerror(error->code));
}
