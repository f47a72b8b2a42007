// SPDX-License-Identifier: Apache-2.0
// Two processes: a stream, a death, a group whose member is killed, objects that a child inherits.
#include "test.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace slotring;
using namespace std::chrono_literals;

/* A child that runs `work` and exits with 0, or with 1 after an exception. Its parent ends it at the latest with the object. */
template <class Work> class child
{
  public:
    explicit child(Work work) : pid_(fork())
    {
        if (pid_ != 0)
            return;
        try {
            work();
            _exit(0);
        } catch (const std::exception &why) {
            (void)!write(2, why.what(), std::strlen(why.what()));
        }
        _exit(1);
    }
    ~child()
    {
        if (pid_ > 0) {
            (void)kill(pid_, SIGKILL);
            (void)waitpid(pid_, nullptr, 0);
        }
    }
    void killed()
    {
        CHECK_EQUAL(kill(pid_, SIGKILL), 0);
        (void)joined();
    }
    int joined()
    {
        int status = -1;
        CHECK(waitpid(std::exchange(pid_, -1), &status, 0) > 0);
        return status;
    }

  private:
    pid_t pid_;
};

TEST(two_processes_stream)
{
    test::ring_name name;
    constexpr std::uint64_t messages = 2000;
    ring r(name, test::options());
    reader in = r.subscribe();
    child writes([&] {
        ring out(name, ring_options().attach());
        for (std::uint64_t i = 0; i < messages; i++) {
            writer_slot slot = out.allocate(sizeof i, forever).value();
            slot.as<std::uint64_t>() = i;
            slot.publish(sizeof i);
        }
    });
    std::uint64_t next = 0;
    for (message &m : in) {
        CHECK_EQUAL(m.as<std::uint64_t>(), next);
        next++;
    }
    CHECK_CODE(in.last(), end);
    CHECK_EQUAL(next, messages);
    CHECK_EQUAL(writes.joined(), 0);
    CHECK_EQUAL(r.check(), 0u);
}

TEST(a_death_is_a_result)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    child writes([&] {
        ring out(name, ring_options().attach().client_name("victim"));
        out.publish_text("last words").value();
        writer_slot never = out.allocate(10).value();
        pause();
    });
    CHECK_EQUAL(in.next().value().text(), "last words");
    writes.killed();
    CHECK_CODE(in.next().code(), producer_died);
    CHECK_EQUAL(std::string_view(in.death().name), "victim");
    CHECK_CODE(in.next().code(), end);
    CHECK_EQUAL(r.stats().slots_writing, 0u);
}

TEST(what_a_killed_member_had_comes_again)
{
    test::ring_name name;
    ring r(name, test::options(16).max_groups(1));
    const auto member = reader_options().group("workers").tries(1);
    reader makes_the_group = r.subscribe(member);
    int said[2];
    CHECK_EQUAL(pipe(said), 0);
    child works([&] {
        ring own(name, ring_options().attach());
        reader in = own.subscribe(member);
        (void)!write(said[1], "s", 1);
        message m = in.next().value();
        (void)!write(said[1], "m", 1);
        pause();
    });
    char word = 0;
    CHECK_EQUAL(read(said[0], &word, 1), 1);
    const ticket sent = r.publish_text("too much for a worker").value();
    CHECK_EQUAL(read(said[0], &word, 1), 1);
    works.killed();
    close(said[0]);
    close(said[1]);
    r.recover();
    CHECK_CODE(makes_the_group.next(timeout()).code(), empty); // one try: it is a dead letter
    const std::vector<slotring_letter_t> letters = r.dead_letters("workers");
    CHECK_EQUAL(letters.size(), 1u);
    CHECK(ticket(letters[0].ticket) == sent);
    CHECK_EQUAL(r.acquire(sent).value().text(), "too much for a worker");
    r.drop_letter("workers", letters[0].sequence);
    CHECK(r.dead_letters("workers").empty());
}

TEST(objects_that_a_child_inherits_are_harmless)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    r.publish_text("before the fork").value();
    message m = in.next().value();
    child inherits([&] {
        CHECK_EQUAL(m.text(), "before the fork");
        CHECK_CODE(r.try_stats().code(), forked);
        CHECK_CODE(m.try_release(), forked);
        reader gone = std::move(in);
        ring too = std::move(r);
    });
    CHECK_EQUAL(inherits.joined(), 0);
    CHECK_EQUAL(m.text(), "before the fork");
    CHECK_EQUAL(r.stats().participants, 1u);
    CHECK_EQUAL(r.readers().size(), 1u);
}
