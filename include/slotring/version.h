/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the library at compile time. CMake reads it from this file. No other file has it. */
#ifndef SLOTRING_VERSION_H
#define SLOTRING_VERSION_H

/* The parts of the version, and the version as text. */
#define SLOTRING_VERSION_MAJOR 0
#define SLOTRING_VERSION_MINOR 1
#define SLOTRING_VERSION_PATCH 0
#define SLOTRING_VERSION_STRING "0.1.0"

/* One number, for comparisons: MAJOR * 1000000 + MINOR * 1000 + PATCH. */
#define SLOTRING_VERSION \
    (SLOTRING_VERSION_MAJOR * 1000000 + SLOTRING_VERSION_MINOR * 1000 + SLOTRING_VERSION_PATCH)

#endif
