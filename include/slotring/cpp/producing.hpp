/* SPDX-License-Identifier: Apache-2.0 */
/* What a participant does as a producer: slots, spans, batches, writers of records, and its stream. */
#ifndef SLOTRING_CPP_PRODUCING_HPP
#define SLOTRING_CPP_PRODUCING_HPP

#include "slotring/cpp/looking.hpp"
#include "slotring/cpp/writer.hpp"

SLOTRING_CPP_BEGIN

class producing : public looking
{
  public:
    /* A slot to write. Without a time it tries once: errc::full. */
    result<writer_slot> try_allocate(std::uint64_t size, timeout wait = timeout()) noexcept
    {
        slotring_slot_t slot;
        return allocated(slotring_allocate_wait(get(), size, wait.nanoseconds(), &slot), slot);
    }
    /* The same for a message that may be larger than a slot. */
    result<writer_slot> try_allocate_span(std::uint64_t size, timeout wait = timeout()) noexcept
    {
        slotring_slot_t slot;
        return allocated(slotring_allocate_span(get(), size, wait.nanoseconds(), &slot), slot);
    }
    /* Up to `wanted` slots; it waits for the first one. May throw std::bad_alloc. */
    result<writer_batch> try_allocate_batch(std::uint64_t size, std::uint32_t wanted,
                                            timeout wait = timeout())
    {
        std::vector<slotring_slot_t> slots(ring_.steps() || wanted == 0 ? wanted : 1);
        std::uint32_t count = 0;
        const int call = slotring_allocate_batch(
            get(), size, slots.data(), static_cast<std::uint32_t>(slots.size()), wait.nanoseconds(), &count);
        if (call != 0)
            return detail::code_of(call);
        slots.resize(count);
        return writer_batch(ring_, std::move(slots));
    }
    /* Copies bytes into the ring and publishes them, whatever their size. */
    result<slotring::ticket> try_publish(const void *data, std::uint64_t size, std::uint64_t tag = 0,
                                         timeout wait = forever) noexcept
    {
        result<writer_slot> slot = try_allocate_span(size, wait);
        if (!slot)
            return slot.code();
        const errc copied = size != 0 ? slot->try_scatter(0, data, size) : errc::ok;
        if (copied != errc::ok)
            return copied;
        slot->set_tag(tag);
        return slot->try_publish(size);
    }
    result<slotring::ticket> try_publish_text(std::string_view text, std::uint64_t tag = 0,
                                              timeout wait = forever) noexcept
    {
        return try_publish(text.data(), text.size(), tag, wait);
    }
    result<writer> try_open_writer(const writer_options &options = {}) noexcept
    {
        auto *core = new (std::nothrow) detail::writer_core;
        if (core == nullptr)
            return errc::no_memory;
        writer made(core);
        core->ring = ring_;
        const errc code = detail::code_of(slotring_writer_open(get(), &options.of_c(), &core->writer));
        return code == errc::ok ? result<writer>(std::move(made)) : result<writer>(code);
    }
    /* Waits for so many lossless readers; gives how many there are. */
    result<std::uint32_t> try_wait_readers(std::uint32_t wanted, timeout wait = forever) noexcept
    {
        std::uint32_t there = 0;
        const int call = slotring_wait_readers(get(), wanted, wait.nanoseconds(), &there);
        return detail::filled(call, std::move(there));
    }
    errc try_end_stream() noexcept
    {
        return detail::code_of(slotring_end_stream(get()));
    }
    errc try_end_by_proxy(std::uint32_t how) noexcept /* SLOTRING_PRODUCER_DIED or SLOTRING_SOURCE_LOST */
    {
        return detail::code_of(slotring_end_by_proxy(get(), how));
    }

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    result<writer_slot> allocate(std::uint64_t size, timeout wait = timeout())
    {
        return detail::told(try_allocate(size, wait));
    }
    result<writer_slot> allocate_span(std::uint64_t size, timeout wait = timeout())
    {
        return detail::told(try_allocate_span(size, wait));
    }
    result<writer_batch> allocate_batch(std::uint64_t size, std::uint32_t wanted, timeout wait = timeout())
    {
        return detail::told(try_allocate_batch(size, wanted, wait));
    }
    result<slotring::ticket> publish(const void *data, std::uint64_t size, std::uint64_t tag = 0,
                                     timeout wait = forever)
    {
        return detail::told(try_publish(data, size, tag, wait));
    }
    result<slotring::ticket> publish_text(std::string_view text, std::uint64_t tag = 0,
                                          timeout wait = forever)
    {
        return detail::told(try_publish_text(text, tag, wait));
    }
    writer open_writer(const writer_options &options = {})
    {
        return detail::must(try_open_writer(options));
    }
    result<std::uint32_t> wait_readers(std::uint32_t wanted, timeout wait = forever)
    {
        return detail::told(try_wait_readers(wanted, wait));
    }
    void end_stream()
    {
        detail::must(try_end_stream());
    }
    void end_by_proxy(std::uint32_t how)
    {
        detail::must(try_end_by_proxy(how));
    }
#endif

  protected:
    explicit producing(detail::ring_ref ring) noexcept : looking(std::move(ring)) {}
    producing(producing &&) noexcept = default;
    producing &operator=(producing &&) noexcept = default;
    ~producing() = default;

  private:
    result<writer_slot> allocated(int call, const slotring_slot_t &slot) noexcept
    {
        return call == 0 ? result<writer_slot>(writer_slot(ring_, slot))
                         : result<writer_slot>(detail::code_of(call));
    }
};

SLOTRING_CPP_END

#endif
