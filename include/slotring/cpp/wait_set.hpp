/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for many readers at once, of one ring or of several: slotring_wait_many. */
#ifndef SLOTRING_CPP_WAIT_SET_HPP
#define SLOTRING_CPP_WAIT_SET_HPP

#include "slotring/cpp/reader.hpp"

SLOTRING_CPP_BEGIN

/* The thread that waits uses all readers of the set meanwhile. A reader may move while it is in the set; when it ends, its entry
 * gives errc::closed, and keeps no subscription alive. add() may throw std::bad_alloc. */
class wait_set
{
  public:
    wait_set() = default;
    wait_set(wait_set &&) = default;
    wait_set &operator=(wait_set &&other) noexcept
    {
        std::swap(cores_, other.cores_);
        std::swap(readers_, other.readers_);
        std::swap(results_, other.results_);
        return *this;
    }
    ~wait_set()
    {
        clear();
    }

    /* Gives the reader's place in the set. A reader that was moved from has none to give: its entry is errc::closed. */
    std::size_t add(const reader &one)
    {
        readers_.push_back(nullptr);
        results_.push_back(SLOTRING_E_EMPTY);
        cores_.push_back(one.core_);
        if (one.core_ != nullptr)
            one.core_->uses++;
        return cores_.size() - 1;
    }
    void clear() noexcept
    {
        for (detail::reader_core *core : cores_)
            if (core != nullptr)
                core->let_go();
        cores_.clear();
        readers_.clear();
        results_.clear();
    }
    std::size_t size() const noexcept
    {
        return cores_.size();
    }

    /* Waits until there is something for at least one of them; gives for how many. A set with a reader that has ended does not
     * wait: errc::closed. */
    result<std::uint32_t> try_wait(timeout wait = forever) noexcept
    {
        errc failed = errc::ok;
        for (std::size_t i = 0; i < cores_.size(); i++) {
            detail::reader_core *core = cores_[i];
            readers_[i] = core != nullptr ? core->get() : nullptr;
            const errc code = readers_[i] != nullptr ? core->make_room() : errc::closed;
            results_[i] = code != errc::ok ? static_cast<int>(code) : SLOTRING_E_EMPTY;
            failed = failed != errc::ok ? failed : code;
        }
        if (failed != errc::ok)
            return failed;
        std::uint32_t ready = 0;
        const int call = slotring_wait_many(readers_.data(), static_cast<std::uint32_t>(readers_.size()),
                                            wait.nanoseconds(), results_.data(), &ready);
        return detail::filled(call, std::move(ready));
    }
    /* After a wait: errc::ok (there is something), errc::empty, or that reader's error. */
    errc operator[](std::size_t i) const noexcept
    {
        return detail::code_of(results_[i]);
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    result<std::uint32_t> wait(timeout wait = forever)
    {
        return detail::told(try_wait(wait));
    }
#endif

  private:
    std::vector<detail::reader_core *> cores_;
    std::vector<slotring_reader_t *> readers_;
    std::vector<int> results_;
};

SLOTRING_CPP_END

#endif
