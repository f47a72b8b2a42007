/* SPDX-License-Identifier: Apache-2.0 */
/* What a ring and an observer can be asked. The answers are the C structs: plain values, which the C header describes. Lists, and
 * the calls that give one, may throw std::bad_alloc. */
#ifndef SLOTRING_CPP_LOOKING_HPP
#define SLOTRING_CPP_LOOKING_HPP

#include <string>
#include <vector>

#include "slotring/cpp/handle.hpp"
#include "slotring/cpp/ticket.hpp"

SLOTRING_CPP_BEGIN

namespace detail
{
/* All entries of a list: it may grow between the two calls. */
template <class T, class Call> result<std::vector<T>> listed(Call call)
{
    std::vector<T> list;
    for (;;) {
        std::uint32_t count = 0;
        const errc code = code_of(call(list.data(), static_cast<std::uint32_t>(list.size()), &count));
        if (code != errc::ok)
            return code;
        const bool all = count <= list.size();
        list.resize(count);
        if (all)
            return result<std::vector<T>>(std::move(list));
    }
}

template <class Report> void report_finding(void *user, const char *finding) noexcept
{
    (*static_cast<Report *>(user))(std::string_view(finding));
}
} // namespace detail

/* How far the writer of a row is. */
struct writer_progress_t {
    std::uint64_t number = 0;       /* of its next message */
    std::uint64_t publications = 0; /* of the ring, that were its */
};

class looking
{
  public:
    result<slotring_info_t> try_info() const noexcept
    {
        slotring_info_t info{};
        info.struct_size = sizeof info;
        return detail::filled(slotring_info(get(), &info), std::move(info));
    }
    result<slotring_stats_t> try_stats() const noexcept
    {
        slotring_stats_t stats{};
        stats.struct_size = sizeof stats;
        return detail::filled(slotring_get_stats(get(), &stats), std::move(stats));
    }
    /* What the ring's creator wrote about it; bytes, which may be text. */
    result<std::string> try_description() const
    {
        std::string bytes(SLOTRING_DESCRIPTION_MAX, '\0');
        std::uint64_t length = 0;
        const int call = slotring_description(get(), &bytes[0], bytes.size(), &length);
        bytes.resize(static_cast<std::size_t>(length));
        return detail::filled(call, std::move(bytes));
    }
    result<std::vector<slotring_participant_t>> try_participants() const
    {
        return detail::listed<slotring_participant_t>(
            [this](slotring_participant_t *list, std::uint32_t most, std::uint32_t *count) {
                return slotring_participants(get(), most != 0 ? list : nullptr, most, count);
            });
    }
    result<std::vector<slotring_reader_info_t>> try_readers() const
    {
        return detail::listed<slotring_reader_info_t>(
            [this](slotring_reader_info_t *list, std::uint32_t most, std::uint32_t *count) {
                return slotring_readers(get(), most != 0 ? list : nullptr, most, count);
            });
    }
    result<std::vector<slotring_writer_info_t>> try_writers() const
    {
        return detail::listed<slotring_writer_info_t>(
            [this](slotring_writer_info_t *list, std::uint32_t most, std::uint32_t *count) {
                return slotring_writers(get(), most != 0 ? list : nullptr, most, count);
            });
    }
    result<std::vector<slotring_blocker_t>> try_blockers() const
    {
        return detail::listed<slotring_blocker_t>(
            [this](slotring_blocker_t *list, std::uint32_t most, std::uint32_t *count) {
                return slotring_blockers(get(), most != 0 ? list : nullptr, most, count);
            });
    }
    result<std::vector<slotring_letter_t>> try_dead_letters(std::string_view group) const
    {
        slotring_letter_t letters[SLOTRING_LETTERS_MAX];
        std::uint32_t count = 0;
        const int call =
            slotring_dead_letters(get(), detail::c_name(group).get(), letters, SLOTRING_LETTERS_MAX, &count);
        return detail::filled(call,
                              std::vector<slotring_letter_t>(letters, letters + (call == 0 ? count : 0)));
    }
    /* One sentence. */
    result<std::string> try_in_the_way() const
    {
        char text[SLOTRING_BLOCKER_TEXT_SIZE] = "";
        const int call = slotring_in_the_way(get(), text, sizeof text);
        return detail::filled(call, std::string(text));
    }

    /* Copies a whole message. Gives all that there is to know about it but where it lies; errc::size: its length is in the value
     * all the same, and so is what errc::checksum is about. */
    result<slotring_slot_t> try_copy(const slotring::ticket &of, void *buffer,
                                     std::uint64_t size) const noexcept
    {
        slotring_slot_t info{};
        return copied(slotring_copy(get(), &of, buffer, size, &info), info);
    }
    result<slotring_slot_t> try_copy_sequence(std::uint64_t sequence, void *buffer,
                                              std::uint64_t size) const noexcept
    {
        slotring_slot_t info{};
        return copied(slotring_copy_sequence(get(), sequence, buffer, size, &info), info);
    }
    result<slotring::ticket> try_ticket_at(std::uint32_t index) const noexcept
    {
        slotring::ticket there;
        return detail::filled(slotring_ticket_at(get(), index, &there), std::move(there));
    }
    /* Of the newest message of a writer whose number is not above this one; by default of its newest. */
    result<slotring::ticket> try_ticket_of_writer(std::uint32_t row,
                                                  std::uint64_t number = UINT64_MAX) const noexcept
    {
        slotring::ticket there;
        return detail::filled(slotring_ticket_of_writer(get(), row, number, &there), std::move(there));
    }
    result<std::uint64_t> try_number_of(std::uint64_t sequence) const noexcept
    {
        std::uint64_t number = 0;
        return detail::filled(slotring_number_of(get(), sequence, &number), std::move(number));
    }
    result<std::uint64_t> try_marks_behind() const noexcept
    {
        std::uint64_t count = 0;
        return detail::filled(slotring_marks_behind(get(), &count), std::move(count));
    }
    result<writer_progress_t> try_writer_progress(std::uint32_t row) const noexcept
    {
        writer_progress_t progress{};
        return detail::filled(slotring_writer_progress(get(), row, &progress.number, &progress.publications),
                              std::move(progress));
    }
    result<std::uint64_t> try_sequence_of(std::uint64_t number) const noexcept
    {
        std::uint64_t sequence = 0;
        return detail::filled(slotring_sequence_of(get(), number, &sequence), std::move(sequence));
    }
    /* The last mark of a run: errc::empty before the first one. */
    result<slotring_mark_t> try_run() const noexcept
    {
        slotring_mark_t mark{};
        return detail::filled(slotring_run(get(), &mark), std::move(mark));
    }
    /* May a run begin? errc::state: not yet, and slotring::error or slotring_last_error says why. */
    errc try_run_gate(slotring_run_gate_t wanted) const noexcept
    {
        wanted.struct_size = sizeof wanted;
        return detail::code_of(slotring_run_gate(get(), &wanted));
    }
    /* Audits the ring; gives how many faults. report(std::string_view) is called for each: by C code, so it must be noexcept. */
    template <class Report> result<std::uint64_t> try_check(Report &&report) const noexcept
    {
        using callable = std::remove_reference_t<Report>;
        static_assert(std::is_nothrow_invocable_v<callable &, std::string_view>,
                      "no exception can pass through the library: make the report noexcept");
        std::uint64_t findings = 0;
        const int call = slotring_check(get(), detail::report_finding<callable>,
                                        const_cast<void *>(static_cast<const void *>(&report)), &findings);
        return detail::filled(call, std::move(findings));
    }
    result<std::uint64_t> try_check() const noexcept
    {
        std::uint64_t findings = 0;
        return detail::filled(slotring_check(get(), nullptr, nullptr, &findings), std::move(findings));
    }

    /* For calls of the C library; NULL when it is closed. It stays this object's. */
    slotring_t *get() const noexcept
    {
        return ring_.get();
    }

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    slotring_info_t info() const
    {
        return detail::must(try_info());
    }
    slotring_stats_t stats() const
    {
        return detail::must(try_stats());
    }
    std::string description() const
    {
        return detail::must(try_description());
    }
    std::vector<slotring_participant_t> participants() const
    {
        return detail::must(try_participants());
    }
    std::vector<slotring_reader_info_t> readers() const
    {
        return detail::must(try_readers());
    }
    std::vector<slotring_writer_info_t> writers() const
    {
        return detail::must(try_writers());
    }
    std::vector<slotring_blocker_t> blockers() const
    {
        return detail::must(try_blockers());
    }
    std::vector<slotring_letter_t> dead_letters(std::string_view group) const
    {
        return detail::must(try_dead_letters(group));
    }
    std::string in_the_way() const
    {
        return detail::must(try_in_the_way());
    }
    result<slotring_slot_t> copy(const slotring::ticket &of, void *buffer, std::uint64_t size) const
    {
        return detail::told(try_copy(of, buffer, size));
    }
    result<slotring_slot_t> copy_sequence(std::uint64_t sequence, void *buffer, std::uint64_t size) const
    {
        return detail::told(try_copy_sequence(sequence, buffer, size));
    }
    result<slotring::ticket> ticket_at(std::uint32_t index) const
    {
        return detail::told(try_ticket_at(index));
    }
    result<slotring::ticket> ticket_of_writer(std::uint32_t row, std::uint64_t number = UINT64_MAX) const
    {
        return detail::told(try_ticket_of_writer(row, number));
    }
    std::uint64_t number_of(std::uint64_t sequence) const
    {
        return detail::must(try_number_of(sequence));
    }
    std::uint64_t marks_behind() const
    {
        return detail::must(try_marks_behind());
    }
    writer_progress_t writer_progress(std::uint32_t row) const
    {
        return detail::must(try_writer_progress(row));
    }
    std::uint64_t sequence_of(std::uint64_t number) const
    {
        return detail::must(try_sequence_of(number));
    }
    result<slotring_mark_t> run() const
    {
        return detail::told(try_run());
    }
    void run_gate(const slotring_run_gate_t &wanted) const
    {
        detail::must(try_run_gate(wanted));
    }
    template <class Report> std::uint64_t check(Report &&report) const
    {
        return detail::must(try_check(report));
    }
    std::uint64_t check() const
    {
        return detail::must(try_check());
    }
#endif

  protected:
    looking() noexcept = default;
    explicit looking(detail::ring_ref ring) noexcept : ring_(std::move(ring)) {}
    looking(looking &&) noexcept = default;
    looking &operator=(looking &&) noexcept = default;
    ~looking() = default;
    detail::ring_ref ring_;

  private:
    static result<slotring_slot_t> copied(int call, const slotring_slot_t &info) noexcept
    {
        const errc code = detail::code_of(call);
        return code == errc::ok || code == errc::size || code == errc::checksum
                   ? result<slotring_slot_t>(code, info)
                   : result<slotring_slot_t>(code);
    }
};

SLOTRING_CPP_END

#endif
