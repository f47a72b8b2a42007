// SPDX-License-Identifier: Apache-2.0
// What compiles everywhere: each template, with the try_ forms alone.
#include <slotring/slotring.hpp>

using namespace slotring;
using namespace std::chrono_literals;

struct event {
    std::uint64_t number;
    double energy;
};

static errc read_all(ring &r)
{
    result<reader> in = r.try_subscribe(reader_options()
                                            .name("forms")
                                            .budgeted(4, 1s)
                                            .gather(2, 1ms)
                                            .tag(1)
                                            .every(2)
                                            .from_last(1)
                                            .tell_marks());
    if (!in)
        return in.code();
    double sum = 0;
    for (message &m : *in) {
        if (const event *e = m.try_as<event>())
            sum += e->energy;
        for (const slotring_piece_t &piece : m.pieces())
            sum += static_cast<double>(piece.length);
#ifdef __cpp_lib_span
        sum += static_cast<double>(m.bytes().size());
#endif
    }
    batch some(4);
    if (result<std::uint32_t> count = in->try_next(some, 2ms))
        for (const slotring_slot_t &slot : some)
            sum += static_cast<double>(slot.length);
    wait_set set;
    set.add(*in);
    const result<std::uint32_t> ready = set.try_wait(std::chrono::duration<double>(0.5));
    return sum > 0 && ready ? in->last() : ready.code();
}

static errc write_all(ring &r)
{
    result<writer_slot> slot = r.try_allocate(sizeof(event), 10ms);
    if (!slot)
        return slot.code();
    if (event *e = slot->try_as<event>())
        *e = event{1, 0.5};
    const result<ticket> sent = slot->try_publish(sizeof(event));
    result<writer_batch> slots = r.try_allocate_batch(8, 4);
    result<writer> out = r.try_open_writer();
    if (!sent || !slots || !out)
        return errc::full;
    result<reservation> room = out->try_reserve(sizeof(event), forever);
    if (!room || !room->try_commit(0) || !r.try_publish_text("text"))
        return room.code();
    return out->try_append_text("text");
}

int main()
{
    const wait_check check = [](void *) noexcept { return 0; };
    result<ring> r = ring::try_open(
        "forms",
        ring_options().slots(8, 4096).absence(forever).spin(1us).lock_timeout(1s).budget(8, 1s).check_waits(
            check, nullptr));
    if (!r)
        return 1;
    const result<observer> looks = observer::try_open("forms");
    std::size_t said = 0;
    const auto count = [&said](std::string_view text) noexcept { said += text.size(); };
    const auto collected = [&said](std::string_view name, const slotring_error_t &) noexcept {
        said += name.size();
    };
    if (!r->try_check(count) || !try_collect(collected) || !looks || !looks->try_participants() ||
        !try_list())
        return 1;
    (void)try_unlink("forms");
    return read_all(*r) == errc::end && write_all(*r) == errc::ok && std::hash<ticket>()(ticket()) != said
               ? 0
               : 1;
}
