/* SPDX-License-Identifier: Apache-2.0 */
/* What is no ring's: the rings of this host, removing one, warnings, and the version. */
#ifndef SLOTRING_CPP_HOST_HPP
#define SLOTRING_CPP_HOST_HPP

#include <string>
#include <vector>

#include "slotring/cpp/looking.hpp"
#include "slotring/cpp/options.hpp"

SLOTRING_CPP_BEGIN

namespace detail
{
template <class Report>
void report_removal(void *user, const char *name, const slotring_error_t *error) noexcept
{
    (*static_cast<Report *>(user))(std::string_view(name), *error);
}
} // namespace detail

/* Removes ring `name`: `how` is SLOTRING_UNLINK_…; of the options count directory, backend, trusted_owner and lock_timeout. */
inline errc try_unlink(std::string_view name, int how = SLOTRING_UNLINK_IF_UNUSED,
                       const ring_options &options = ring_options()) noexcept
{
    const slotring_options_t c = options.of_c();
    return detail::code_of(slotring_unlink(detail::c_name(name).get(), how, &c, nullptr));
}

/* The rings of this host. May throw std::bad_alloc. */
inline result<std::vector<slotring_list_entry_t>> try_list(const ring_options &options = ring_options())
{
    const slotring_options_t c = options.of_c();
    return detail::listed<slotring_list_entry_t>(
        [&c](slotring_list_entry_t *list, std::uint32_t most, std::uint32_t *count) {
            return slotring_list(&c, most != 0 ? list : nullptr, most, count, nullptr);
        });
}

/* Removes the rings that are to go and have no user any more; gives how many. report(std::string_view name, const
 * slotring_error_t &why) is called for each that was removed or could not be: by C code, so it must be noexcept. */
template <class Report>
result<std::uint32_t> try_collect(Report &&report, const ring_options &options = ring_options()) noexcept
{
    using callable = std::remove_reference_t<Report>;
    static_assert(std::is_nothrow_invocable_v<callable &, std::string_view, const slotring_error_t &>,
                  "no exception can pass through the library: make the report noexcept");
    const slotring_options_t c = options.of_c();
    std::uint32_t removed = 0;
    const int call =
        slotring_collect(&c, detail::report_removal<callable>,
                         const_cast<void *>(static_cast<const void *>(&report)), &removed, nullptr);
    return detail::filled(call, std::move(removed));
}
inline result<std::uint32_t> try_collect() noexcept
{
    std::uint32_t removed = 0;
    return detail::filled(slotring_collect(nullptr, nullptr, nullptr, &removed, nullptr), std::move(removed));
}

/* What one blocker is and does, as one English sentence. */
inline std::string to_string(const slotring_blocker_t &blocker)
{
    char text[SLOTRING_BLOCKER_TEXT_SIZE];
    return slotring_blocker_to_text(&blocker, text, sizeof text) == 0 ? std::string(text) : std::string();
}

/* The library's warnings, in any thread; by default there is no callback, and NULL removes it. C code calls it: no exception may
 * leave it. Keep an old `user` good. */
using log_callback = void (*)(void *user, const char *message) noexcept;
inline void set_log(log_callback callback, void *user) noexcept
{
    slotring_set_log(callback, user);
}

/* Bytes that were written and read in the whole ring of ring::global. */
struct global_bytes {
    std::uint64_t written, read;
};
inline global_bytes global_stats() noexcept
{
    global_bytes bytes{};
    slotring_global_stats(&bytes.written, &bytes.read);
    return bytes;
}

/* Of the library at run time; SLOTRING_VERSION_STRING is that of the headers. */
inline const char *version() noexcept
{
    return slotring_version();
}

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
inline void unlink(std::string_view name, int how = SLOTRING_UNLINK_IF_UNUSED,
                   const ring_options &options = ring_options())
{
    detail::must(try_unlink(name, how, options));
}
inline std::vector<slotring_list_entry_t> list(const ring_options &options = ring_options())
{
    return detail::must(try_list(options));
}
template <class Report> std::uint32_t collect(Report &&report, const ring_options &options = ring_options())
{
    return detail::must(try_collect(report, options));
}
inline std::uint32_t collect()
{
    return detail::must(try_collect());
}
#endif

SLOTRING_CPP_END

#endif
