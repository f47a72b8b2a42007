/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: slotring::errc has each code of the library, slotring::category() makes std::error_code of them, and slotring::error
 * is what a call throws.
 *
 * SLOTRING_CPP_NO_EXCEPTIONS is defined where the compiler has no exceptions, or by the program before it includes this. Then
 * only the try_ forms are declared, so that a call that would have thrown does not compile. Files of one program that differ in
 * this have different types, by an inline namespace, and so can be linked together. */
#ifndef SLOTRING_CPP_ERROR_HPP
#define SLOTRING_CPP_ERROR_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>

#include "slotring/slotring.h"

#if !defined(SLOTRING_CPP_NO_EXCEPTIONS) && !defined(__cpp_exceptions)
#define SLOTRING_CPP_NO_EXCEPTIONS 1
#endif

#ifdef SLOTRING_CPP_NO_EXCEPTIONS
#define SLOTRING_CPP_BEGIN  \
    namespace slotring      \
    {                       \
    inline namespace silent \
    {
#else
#define SLOTRING_CPP_BEGIN    \
    namespace slotring        \
    {                         \
    inline namespace throwing \
    {
#endif
#define SLOTRING_CPP_END \
    }                    \
    }

SLOTRING_CPP_BEGIN

/* The codes of errors.h. */
enum class errc : int {
    ok = SLOTRING_OK,
    invalid = SLOTRING_E_INVALID,
    name = SLOTRING_E_NAME,
    size = SLOTRING_E_SIZE,
    too_large = SLOTRING_E_TOO_LARGE,
    full = SLOTRING_E_FULL,
    timeout = SLOTRING_E_TIMEOUT,
    empty = SLOTRING_E_EMPTY,
    end = SLOTRING_E_END,
    producer_died = SLOTRING_E_PRODUCER_DIED,
    stale = SLOTRING_E_STALE,
    foreign = SLOTRING_E_FOREIGN,
    not_ready = SLOTRING_E_NOT_READY,
    not_held = SLOTRING_E_NOT_HELD,
    not_owner = SLOTRING_E_NOT_OWNER,
    state = SLOTRING_E_STATE,
    exists = SLOTRING_E_EXISTS,
    not_found = SLOTRING_E_NOT_FOUND,
    geometry = SLOTRING_E_GEOMETRY,
    version = SLOTRING_E_VERSION,
    feature = SLOTRING_E_FEATURE,
    endian = SLOTRING_E_ENDIAN,
    not_a_ring = SLOTRING_E_NOT_A_RING,
    corrupt = SLOTRING_E_CORRUPT,
    truncated = SLOTRING_E_TRUNCATED,
    no_space = SLOTRING_E_NO_SPACE,
    no_memory = SLOTRING_E_NO_MEMORY,
    address_space = SLOTRING_E_ADDRESS_SPACE,
    access = SLOTRING_E_ACCESS,
    owner = SLOTRING_E_OWNER,
    read_only = SLOTRING_E_READ_ONLY,
    participants = SLOTRING_E_PARTICIPANTS,
    readers = SLOTRING_E_READERS,
    forked = SLOTRING_E_FORKED,
    closed = SLOTRING_E_CLOSED,
    evicted = SLOTRING_E_EVICTED,
    busy = SLOTRING_E_BUSY,
    backend = SLOTRING_E_BACKEND,
    unsupported = SLOTRING_E_UNSUPPORTED,
    interrupted = SLOTRING_E_INTERRUPTED,
    os = SLOTRING_E_OS,
    other_boot = SLOTRING_E_OTHER_BOOT,
    removed = SLOTRING_E_REMOVED,
    writers = SLOTRING_E_WRITERS,
    stopped = SLOTRING_E_STOPPED,
    checksum = SLOTRING_E_CHECKSUM,
    revoked = SLOTRING_E_REVOKED,
    mark = SLOTRING_E_MARK,
    subscribed = SLOTRING_E_SUBSCRIBED,
    holds = SLOTRING_E_HOLDS,
    source_lost = SLOTRING_E_SOURCE_LOST,
};
static_assert(SLOTRING_E_LAST == -51, "errors.h has a code that slotring::errc lacks");

/* "SLOTRING_E_FULL"; the string is the library's. */
inline const char *error_name(errc code) noexcept
{
    return slotring_error_name(static_cast<int>(code));
}

namespace detail
{
class error_category final : public std::error_category
{
  public:
    const char *name() const noexcept override
    {
        return "slotring";
    }
    std::string message(int code) const override
    {
        return slotring_strerror(code);
    }
    /* Codes that say the same as one of the standard's, so that code == std::errc::timed_out may be asked. */
    std::error_condition default_error_condition(int code) const noexcept override
    {
        switch (static_cast<errc>(code)) {
        case errc::invalid:
            return std::errc::invalid_argument;
        case errc::too_large:
            return std::errc::message_size;
        case errc::full:
        case errc::empty:
            return std::errc::resource_unavailable_try_again;
        case errc::timeout:
            return std::errc::timed_out;
        case errc::exists:
            return std::errc::file_exists;
        case errc::not_found:
            return std::errc::no_such_file_or_directory;
        case errc::no_space:
            return std::errc::no_space_on_device;
        case errc::no_memory:
            return std::errc::not_enough_memory;
        case errc::access:
            return std::errc::permission_denied;
        case errc::busy:
            return std::errc::device_or_resource_busy;
        case errc::unsupported:
            return std::errc::not_supported;
        case errc::interrupted:
            return std::errc::interrupted;
        default:
            return std::error_condition(code, *this);
        }
    }
};
} // namespace detail

/* The category of the codes; one object. */
inline const std::error_category &category() noexcept
{
    static const detail::error_category only;
    return only;
}

inline std::error_code make_error_code(errc code) noexcept
{
    return std::error_code(static_cast<int>(code), category());
}

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
/* A failure. what() is the library's sentence about it, as slotring_last_error gives it in the thread in which the call failed. */
class error : public std::system_error
{
  public:
    explicit error(errc code) : std::system_error(make_error_code(code))
    {
        slotring_last_error(&said_);
        if (said_.code != static_cast<int>(code)) { /* the call was made in another thread */
            said_ = slotring_error_t{};
            said_.code = static_cast<int>(code);
            std::strncpy(said_.text, slotring_strerror(said_.code), sizeof said_.text - 1);
        }
    }
    /* Found by this header, and not by the library. */
    error(errc code, const char *sentence) : std::system_error(make_error_code(code))
    {
        said_.code = static_cast<int>(code);
        std::strncpy(said_.text, sentence, sizeof said_.text - 1);
    }
    const char *what() const noexcept override
    {
        return said_.text;
    }
    errc slotring_code() const noexcept
    {
        return static_cast<errc>(said_.code);
    }
    int os_code() const noexcept
    {
        return said_.os_code;
    }

  private:
    slotring_error_t said_{};
};
#endif

SLOTRING_CPP_END

template <> struct std::is_error_code_enum<slotring::errc> : std::true_type {
};

#endif
