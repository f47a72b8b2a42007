/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/owned_word.h"

/* From a word of the reader's own generation. */
void sr__owned_change(slotring_reader_t *reader, sr__word_t *word, uint64_t to)
{
    uint64_t seen = sr__load(word), own = sr__numbered(to, sr__durable_generation(reader));
    if (seen == own)
        return;
    if (sr__generations_behind(seen, sr__durable_generation(reader)) != 0 || !sr__cas(word, seen, own))
        reader->taken_over = true;
}

uint64_t sr__owned_take(slotring_reader_t *reader, sr__word_t *word)
{
    uint32_t generation = sr__durable_generation(reader);
    for (;;) {
        uint64_t seen = sr__load(word);
        int32_t behind = sr__generations_behind(seen, generation);
        if (behind < 0)
            reader->taken_over = true;
        if (behind <= 0 || sr__cas(word, seen, sr__numbered(sr__number(seen), generation)))
            return sr__number(seen);
    }
}
