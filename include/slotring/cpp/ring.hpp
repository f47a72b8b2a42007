/* SPDX-License-Identifier: Apache-2.0 */
/* A participant of a ring: it produces (producing.hpp), reads, marks, and looks (looking.hpp). Any number of threads may use a ring
 * at the same time, unless it was opened with SLOTRING_ONE_THREAD; each reader and each writer belongs to one thread at a time. */
#ifndef SLOTRING_CPP_RING_HPP
#define SLOTRING_CPP_RING_HPP

#include "slotring/cpp/producing.hpp"
#include "slotring/cpp/reader.hpp"

SLOTRING_CPP_BEGIN

class ring : public producing
{
  public:
    static result<ring> try_open(std::string_view name, const ring_options &options = ring_options()) noexcept
    {
        detail::ring_ref ref;
        const errc code = detail::ring_ref::open(ref, detail::c_name(name).get(), options.of_c());
        return code == errc::ok ? result<ring>(ring(std::move(ref))) : result<ring>(code);
    }
    /* The one ring of this process (slotring_global). It is not closed by its objects: cleanup_global() is its end, and comes after
     * theirs. NULL and 0: the defaults. */
    static result<ring> try_global(const char *name = nullptr, std::uint64_t total_size = 0,
                                   std::uint64_t slot_size = 0) noexcept
    {
        detail::ring_ref ref;
        const errc code = detail::ring_ref::global(ref, name, total_size, slot_size);
        return code == errc::ok ? result<ring>(ring(std::move(ref))) : result<ring>(code);
    }
    static void cleanup_global() noexcept
    {
        slotring_global_cleanup();
    }
    /* Closes the handle now, for all objects that have it. errc::busy: slots are out, and nothing has changed. Without this the
     * handle closes with the last object that has it. */
    errc try_close() noexcept
    {
        return ring_.close();
    }

    result<reader> try_subscribe(const reader_options &options = reader_options()) noexcept
    {
        const slotring_reader_options_t c = options.of_c();
        auto *core = new (std::nothrow) detail::reader_core;
        if (core == nullptr)
            return errc::no_memory;
        reader made(core);
        core->ring = ring_;
        core->window = c.window != 0;
        core->acknowledges = (c.flags & (SLOTRING_DURABLE | SLOTRING_GROUP)) != 0;
        const errc code = detail::code_of(slotring_subscribe(get(), &c, &core->reader));
        return code == errc::ok ? result<reader>(std::move(made)) : result<reader>(code);
    }
    /* The message of a ticket, in place, whoever else reads it. */
    result<message> try_acquire(const slotring::ticket &of) noexcept
    {
        slotring_slot_t slot;
        const int call = slotring_acquire_for_read(get(), &of, &slot);
        return call == 0 ? result<message>(message(ring_, slot)) : result<message>(detail::code_of(call));
    }
    result<ticket_hold> try_hold(const slotring::ticket &of) noexcept
    {
        const int call = slotring_hold(get(), &of);
        return call == 0 ? result<ticket_hold>(ticket_hold(ring_, of))
                         : result<ticket_hold>(detail::code_of(call));
    }
    /* Ends a hold that was detached. */
    errc try_release_ticket(const slotring::ticket &of) noexcept
    {
        return detail::code_of(slotring_release_ticket(get(), &of));
    }
    /* Withdraws a message (slotring_free). */
    errc try_withdraw(const slotring::ticket &of) noexcept
    {
        return detail::code_of(slotring_free(get(), &of));
    }

    /* Of all calls that wait for this handle; async-signal-safe. */
    errc interrupt() noexcept
    {
        return detail::code_of(slotring_interrupt(get()));
    }
    errc stop() noexcept
    {
        return detail::code_of(slotring_stop(get()));
    }
    errc resume() noexcept
    {
        return detail::code_of(slotring_resume(get()));
    }

    /* Marks and runs; each gives the mark as it was made. */
    result<slotring_mark_t> try_mark(std::uint32_t kind, std::uint64_t run, std::uint64_t value = 0,
                                     std::string_view bytes = std::string_view()) noexcept
    {
        slotring_mark_t made{};
        const auto size =
            static_cast<std::uint32_t>(bytes.size() > SLOTRING_MARK_BYTES_MAX ? UINT32_MAX : bytes.size());
        return detail::filled(slotring_mark(get(), kind, run, value, bytes.data(), size, &made),
                              std::move(made));
    }
    result<slotring_mark_t> try_begin_run(std::uint64_t run, std::uint64_t value = 0) noexcept
    {
        return try_mark(SLOTRING_MARK_RUN_BEGIN, run, value);
    }
    result<slotring_mark_t> try_end_run(std::uint64_t run, std::uint64_t value = 0) noexcept
    {
        return try_mark(SLOTRING_MARK_RUN_END, run, value);
    }
    result<slotring_mark_t> try_publish_gap(std::uint64_t count) noexcept
    {
        slotring_mark_t made{};
        return detail::filled(slotring_publish_gap(get(), count, &made), std::move(made));
    }
    errc try_drain(std::uint64_t place = SLOTRING_DRAIN_ALL, timeout wait = forever) noexcept
    {
        return detail::code_of(slotring_drain(get(), place, wait.nanoseconds()));
    }

    /* Duties of an operator. */
    errc try_forget(std::string_view name) noexcept /* a durable subscription, or a group */
    {
        return detail::code_of(slotring_forget(get(), detail::c_name(name).get()));
    }
    errc try_drop_letter(std::string_view group, std::uint64_t sequence) noexcept
    {
        return detail::code_of(slotring_drop_letter(get(), detail::c_name(group).get(), sequence));
    }
    errc try_revoke(std::uint32_t row) noexcept
    {
        return detail::code_of(slotring_revoke(get(), row));
    }
    result<slotring_recovery_t> try_recover() noexcept
    {
        slotring_recovery_t recovery{};
        recovery.struct_size = sizeof recovery;
        return detail::filled(slotring_recover(get(), &recovery), std::move(recovery));
    }

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    explicit ring(std::string_view name, const ring_options &options = ring_options())
        : ring(detail::must(try_open(name, options)))
    {
    }
    static ring global(const char *name = nullptr, std::uint64_t total_size = 0, std::uint64_t slot_size = 0)
    {
        return detail::must(try_global(name, total_size, slot_size));
    }
    void close()
    {
        detail::must(try_close());
    }
    reader subscribe(const reader_options &options = reader_options())
    {
        return detail::must(try_subscribe(options));
    }
    result<message> acquire(const slotring::ticket &of)
    {
        return detail::told(try_acquire(of));
    }
    result<ticket_hold> hold(const slotring::ticket &of)
    {
        return detail::told(try_hold(of));
    }
    void release_ticket(const slotring::ticket &of)
    {
        detail::must(try_release_ticket(of));
    }
    errc withdraw(const slotring::ticket &of)
    {
        return detail::told(try_withdraw(of));
    }
    slotring_mark_t mark(std::uint32_t kind, std::uint64_t run, std::uint64_t value = 0,
                         std::string_view bytes = std::string_view())
    {
        return detail::must(try_mark(kind, run, value, bytes));
    }
    slotring_mark_t begin_run(std::uint64_t run, std::uint64_t value = 0)
    {
        return detail::must(try_begin_run(run, value));
    }
    slotring_mark_t end_run(std::uint64_t run, std::uint64_t value = 0)
    {
        return detail::must(try_end_run(run, value));
    }
    slotring_mark_t publish_gap(std::uint64_t count)
    {
        return detail::must(try_publish_gap(count));
    }
    errc drain(std::uint64_t place = SLOTRING_DRAIN_ALL, timeout wait = forever)
    {
        return detail::told(try_drain(place, wait));
    }
    void forget(std::string_view name)
    {
        detail::must(try_forget(name));
    }
    void drop_letter(std::string_view group, std::uint64_t sequence)
    {
        detail::must(try_drop_letter(group, sequence));
    }
    void revoke(std::uint32_t row)
    {
        detail::must(try_revoke(row));
    }
    slotring_recovery_t recover()
    {
        return detail::must(try_recover());
    }
#endif

  private:
    explicit ring(detail::ring_ref ref) noexcept : producing(std::move(ref)) {}
};

SLOTRING_CPP_END

#endif
