/* SPDX-License-Identifier: Apache-2.0 */
/* One who only looks: read-only access, no participant. One thread at a time is inside an observer; others wait. */
#ifndef SLOTRING_CPP_OBSERVER_HPP
#define SLOTRING_CPP_OBSERVER_HPP

#include "slotring/cpp/looking.hpp"
#include "slotring/cpp/options.hpp"

SLOTRING_CPP_BEGIN

class observer : public looking
{
  public:
    static result<observer> try_open(std::string_view name,
                                     const ring_options &options = ring_options()) noexcept
    {
        slotring_options_t c = options.of_c();
        c.mode = SLOTRING_OBSERVE;
        detail::ring_ref ref;
        const errc code = detail::ring_ref::open(ref, detail::c_name(name).get(), c);
        return code == errc::ok ? result<observer>(observer(std::move(ref))) : result<observer>(code);
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    explicit observer(std::string_view name, const ring_options &options = ring_options())
        : observer(detail::must(try_open(name, options)))
    {
    }
#endif

  private:
    explicit observer(detail::ring_ref ref) noexcept : looking(std::move(ref)) {}
};

SLOTRING_CPP_END

#endif
