/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a handle. A ring, its readers and writers, and all that they gave, have one handle together: it is closed by the last of
 * them that goes, in whatever order that is. So no pointer into the ring outlives the ring. */
#ifndef SLOTRING_CPP_HANDLE_HPP
#define SLOTRING_CPP_HANDLE_HPP

#include <atomic>
#include <new>

#include "slotring/cpp/result.hpp"

SLOTRING_CPP_BEGIN

namespace detail
{
class ring_ref
{
  public:
    ring_ref() noexcept = default;
    ring_ref(const ring_ref &other) noexcept : core_(other.core_)
    {
        if (core_ != nullptr) /* the other one keeps it there meanwhile */
            core_->uses.fetch_add(1, std::memory_order_relaxed);
    }
    ring_ref(ring_ref &&other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    ring_ref &operator=(ring_ref other) noexcept
    {
        std::swap(core_, other.core_);
        return *this;
    }
    /* acq_rel: what all did with the handle comes before its end. */
    ~ring_ref()
    {
        if (core_ == nullptr || core_->uses.fetch_sub(1, std::memory_order_acq_rel) != 1)
            return;
        if (core_->handle != nullptr && core_->owned)
            (void)slotring_close(core_->handle);
        delete core_;
    }

    static errc open(ring_ref &ref, const char *name, const slotring_options_t &options) noexcept
    {
        core *made = new (std::nothrow) core;
        if (made == nullptr)
            return errc::no_memory;
        ref = ring_ref(made);
        return code_of(slotring_open(&made->handle, name, &options, nullptr));
    }
    /* The ring of the process, which others use too. */
    static errc global(ring_ref &ref, const char *name, std::uint64_t total_size,
                       std::uint64_t slot_size) noexcept
    {
        core *made = new (std::nothrow) core;
        if (made == nullptr)
            return errc::no_memory;
        made->owned = false;
        ref = ring_ref(made);
        return code_of(slotring_global(name, total_size, slot_size, &made->handle, nullptr));
    }

    /* NULL after close(), and in an object that was moved from: a call with it gives errc::closed. */
    slotring_t *get() const noexcept
    {
        return core_ != nullptr ? core_->handle : nullptr;
    }
    /* Arrays of slots have the program's size of a slot; those of the process's own ring may have an older one. */
    bool steps() const noexcept
    {
        return core_ != nullptr && core_->owned;
    }
    /* Closes the handle for all who have it, unless a slot is out. In a forked child, and after an eviction, only the last one that
     * goes can close it: payload that was given may still be looked at. */
    errc close() noexcept
    {
        slotring_t *handle = get();
        if (handle == nullptr)
            return errc::closed;
        if (!core_->owned)
            return errc::state;
        const errc code = code_of(slotring_close_if_idle(handle));
        if (code == errc::ok)
            core_->handle = nullptr;
        return code;
    }

  private:
    struct core {
        slotring_t *handle = nullptr;
        std::atomic<std::size_t> uses{1};
        bool owned = true;
    };
    explicit ring_ref(core *made) noexcept : core_(made) {}
    core *core_ = nullptr;
};
} // namespace detail

SLOTRING_CPP_END

#endif
