/* SPDX-License-Identifier: Apache-2.0 */
/* Marks the functions that the shared library exports. A program that uses the static library on Windows defines
 * SLOTRING_STATIC. The CMake target does this for it. */
#ifndef SLOTRING_EXPORT_H
#define SLOTRING_EXPORT_H

#if defined(SLOTRING_STATIC)
#define SLOTRING_API
#elif defined(_WIN32) && defined(SLOTRING_BUILDING)
#define SLOTRING_API __declspec(dllexport)
#elif defined(_WIN32)
#define SLOTRING_API __declspec(dllimport)
#elif defined(__GNUC__)
#define SLOTRING_API __attribute__((visibility("default")))
#else
#define SLOTRING_API
#endif

#endif
