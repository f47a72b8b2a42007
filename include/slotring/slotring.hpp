/* SPDX-License-Identifier: Apache-2.0 */
/* slotring for C++17 and later: headers only, over the C library. slotring.h has the meaning of each call, and every rule there
 * holds here too (threads, fork, signals, blocking). This says what C++ adds. tests/cpp has a test for each promise.
 *
 *   Ownership     ring, observer, reader, writer, message, writer_slot, reservation, batch, writer_batch and ticket_hold can be
 *                 moved and not copied. Their destructors release, and never throw. What was not published is given back, whatever
 *                 ended the scope. An object that was moved from, and one that is closed, gives errc::closed or errc::not_held.
 *   Order of ends None matters. A ring and all that it gave have one handle together, which is closed by the last of them: a message
 *                 that lives on after its ring object, or a writer after that, is as good as ever. A subscription lasts until its
 *                 reader object and the last message that is out at it are gone: so a program that lets a lossless reader go, and
 *                 keeps such a message, makes producers wait. message::keep takes a message out of the reader's hands.
 *   Results       A call has two forms (result.hpp). try_NAME never throws slotring::error, and gives std::error_code by error().
 *                 NAME throws it for failures; empty, full, timeout, end, a death and the like come as results in both forms.
 *                 std::bad_alloc may come from calls that give or copy a std::vector or a std::string.
 *   No exceptions With SLOTRING_CPP_NO_EXCEPTIONS, or -fno-exceptions, only the try_ forms are there. -fno-rtti is no matter.
 *   Time          Each call that waits takes a std::chrono::duration, or slotring::forever. 0 tries once.
 *   Types         as<T>() reads or writes a T in place: only one that is trivially copyable, and size and alignment are checked.
 *                 bytes() gives std::span where there is one (C++20); data() and size() are always there.
 *   Callbacks     are noexcept, which the compiler checks: no exception can pass through C code.
 *
 * The C calls that have no form here, with the reason: slotring_last_error, slotring_strerror (what() and message() say it);
 * slotring_options_prepare, slotring_reader_options_prepare and slotring_writer_options_prepare (the constructors of the options
 * call them); slotring_allocate (allocate without a time); slotring_reader_release_one (the end of a message); slotring_close,
 * slotring_unsubscribe, slotring_writer_close (the destructors). The enums and constants are those of slotring.h, so that one
 * manual serves both languages; so are the structs that calls fill, which are plain values. get() and of_c() lead to C. */
#ifndef SLOTRING_SLOTRING_HPP
#define SLOTRING_SLOTRING_HPP

#include "slotring/cpp/host.hpp"
#include "slotring/cpp/observer.hpp"
#include "slotring/cpp/ring.hpp"
#include "slotring/cpp/wait_set.hpp"

#endif
