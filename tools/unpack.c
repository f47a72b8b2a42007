/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "escape.h"
#include "output.h"

/* A million values of a message are no look at it any more. */
#define COUNT_MAX 1000000u

typedef enum kind {
    KIND_PAD,
    KIND_SIGNED,
    KIND_UNSIGNED,
    KIND_BOOL,
    KIND_FLOAT,
    KIND_BYTE,
    KIND_BYTES
} kind_t;

typedef struct code {
    char letter;
    kind_t kind;
    uint8_t standard; /* bytes, behind < > = !; 0: not there */
    uint8_t native;   /* bytes, behind @ or nothing */
    uint8_t align;    /* of the native form */
} code_t;

#define NATIVE(type) sizeof(type), _Alignof(type)

static const code_t codes[] = {
    {'x', KIND_PAD, 1, 1, 1},
    {'c', KIND_BYTE, 1, 1, 1},
    {'b', KIND_SIGNED, 1, 1, 1},
    {'B', KIND_UNSIGNED, 1, 1, 1},
    {'?', KIND_BOOL, 1, 1, 1},
    {'h', KIND_SIGNED, 2, NATIVE(short)},
    {'H', KIND_UNSIGNED, 2, NATIVE(short)},
    {'i', KIND_SIGNED, 4, NATIVE(int)},
    {'I', KIND_UNSIGNED, 4, NATIVE(int)},
    {'l', KIND_SIGNED, 4, NATIVE(long)},
    {'L', KIND_UNSIGNED, 4, NATIVE(long)},
    {'q', KIND_SIGNED, 8, NATIVE(long long)},
    {'Q', KIND_UNSIGNED, 8, NATIVE(long long)},
    {'n', KIND_SIGNED, 0, NATIVE(size_t)},
    {'N', KIND_UNSIGNED, 0, NATIVE(size_t)},
    {'P', KIND_UNSIGNED, 0, NATIVE(void *)},
    {'e', KIND_FLOAT, 2, NATIVE(short)},
    {'f', KIND_FLOAT, 4, NATIVE(float)},
    {'d', KIND_FLOAT, 8, NATIVE(double)},
    {'s', KIND_BYTES, 1, 1, 1},
};

/* Where a walk along a format is. */
typedef struct walk {
    const char *at;
    bool native, big;
    const code_t *code;
    uint32_t count;    /* of the code */
    uint32_t size;     /* bytes of one value */
    uint64_t place;    /* of the first value in the message */
    uint64_t end;      /* behind the last one */
    const char *fault; /* a sentence, at the end of a format that is wrong */
} walk_t;

static bool is_big_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

static void begin(walk_t *walk, const char *format)
{
    *walk = (walk_t){.at = format, .native = true, .big = is_big_endian()};
    if (*format == '\0' || !strchr("@=<>!", *format))
        return;
    walk->native = *format == '@';
    if (*format == '<')
        walk->big = false;
    else if (*format == '>' || *format == '!')
        walk->big = true;
    walk->at++;
}

static const code_t *find_code(char letter)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].letter == letter)
            return &codes[i];
    return NULL;
}

static bool fault(walk_t *walk, const char *sentence)
{
    walk->fault = sentence;
    return false;
}

/* The next code of the format. False: there is none, or the format is wrong. */
static bool next(walk_t *walk)
{
    uint32_t count = 0;
    bool counted = false;
    while (*walk->at == ' ')
        walk->at++;
    if (!*walk->at)
        return false;
    for (; *walk->at >= '0' && *walk->at <= '9'; walk->at++, counted = true) {
        count = count * 10 + (uint32_t)(*walk->at - '0');
        if (count > COUNT_MAX)
            return fault(walk, "a count is at most 1000000");
    }
    walk->code = find_code(*walk->at);
    if (!walk->code)
        return fault(walk, *walk->at ? "the codes are x c b B ? h H i I l L q Q n N P e f d s"
                                     : "a count needs a code behind it");
    walk->size = walk->native ? walk->code->native : walk->code->standard;
    if (walk->size == 0)
        return fault(walk, "n, N and P need @, the sizes of this machine");
    walk->at++;
    walk->count = counted ? count : 1;
    walk->place = walk->end;
    if (walk->native)
        walk->place += (walk->code->align - walk->place % walk->code->align) % walk->code->align;
    walk->end = walk->place + (uint64_t)walk->count * walk->size;
    if (walk->end > COUNT_MAX)
        return fault(walk, "a format describes at most 1000000 bytes");
    return true;
}

bool unpack_check(const char *format, uint64_t *size)
{
    walk_t walk;
    begin(&walk, format);
    while (next(&walk))
        ;
    if (!walk.fault && walk.end == 0)
        walk.fault = "it describes no bytes";
    if (walk.fault)
        out_error("--format struct:%s: %s", format, walk.fault);
    *size = walk.end;
    return !walk.fault;
}

static uint64_t bits_of(const walk_t *walk, const unsigned char *at)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < walk->size; i++)
        bits = bits << 8 | at[walk->big ? i : walk->size - 1 - i];
    return bits;
}

/* Without ldexp: the program does without the library for mathematics. */
static double half(uint64_t bits)
{
    unsigned exponent = (unsigned)(bits >> 10 & 31), fraction = (unsigned)(bits & 1023);
    double value = exponent > 0 ? fraction + 1024.0 : fraction, scale = 1.0 / (1 << 24);
    for (unsigned i = 1; i < exponent; i++)
        scale *= 2;
    value = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY) : value * scale;
    return bits >> 15 ? -value : value;
}

/* What JSON has no number for is a text: nan, inf, and integers above its own. */
static json_t *real(double value)
{
    if (value >= -DBL_MAX && value <= DBL_MAX)
        return json_real(value);
    return json_string(value < 0 ? "-inf" : value > 0 ? "inf" : "nan");
}

static json_t *floating(uint32_t size, uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    double wide;
    float narrow;
    if (size == 2)
        return real(half(bits));
    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &low, sizeof narrow);
    return real(size == 4 ? (double)narrow : wide);
}

static json_t *integer(const walk_t *walk, uint64_t bits)
{
    if (walk->code->kind == KIND_SIGNED) {
        uint64_t sign = UINT64_C(1) << (8 * walk->size - 1);
        return json_integer((json_int_t)((bits ^ sign) - sign));
    }
    return json_of_number(bits);
}

static json_t *value(const walk_t *walk, const unsigned char *at)
{
    switch (walk->code->kind) {
    case KIND_BOOL:
        return json_boolean(*at != 0);
    case KIND_FLOAT:
        return floating(walk->size, bits_of(walk, at));
    case KIND_BYTE:
        return json_of_bytes(at, 1);
    default:
        return integer(walk, bits_of(walk, at));
    }
}

json_t *unpack(const char *format, const unsigned char *bytes)
{
    json_t *values = json_array();
    walk_t walk;
    begin(&walk, format);
    while (next(&walk)) {
        if (walk.code->kind == KIND_BYTES)
            json_array_append_new(values, json_of_bytes(bytes + walk.place, walk.count));
        else if (walk.code->kind != KIND_PAD)
            for (uint32_t i = 0; i < walk.count; i++)
                json_array_append_new(values, value(&walk, bytes + walk.place + (uint64_t)i * walk.size));
    }
    return values;
}
