// SPDX-License-Identifier: Apache-2.0
// slotring_cpp_tests [--list | cpp.NAME]: the tests of slotring.hpp.
#include "test.hpp"

#include <cstdio>
#include <cstring>
#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <process.h>
#include <windows.h>
#define getpid _getpid
#else
#include <thread>
#include <unistd.h>
#endif

namespace test
{
static entry *first, **last = &first;

entry::entry(const char *its_name, void (*its_run)()) : name(its_name), run(its_run), after(nullptr)
{
    *last = this;
    last = &after;
}

void fail(const char *file, int line, const std::string &what)
{
    throw failure(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

ring_name::ring_name(const std::string &suffix) : text_("cpp-test-" + std::to_string(getpid()) + suffix) {}

ring_name::~ring_name()
{
    (void)slotring::try_unlink(text_, SLOTRING_UNLINK_FORCE);
}

std::size_t participants(std::string_view name)
{
    return slotring::observer(name).participants().size();
}

#ifdef _WIN32
thread::thread(std::function<void()> work) : work_(std::move(work))
{
    const auto begin = [](void *its) -> DWORD {
        (*static_cast<std::function<void()> *>(its))();
        return 0;
    };
    handle_ = CreateThread(nullptr, 0, begin, &work_, 0, nullptr);
    CHECK(handle_ != nullptr);
}
thread::~thread()
{
    (void)WaitForSingleObject(handle_, INFINITE);
    (void)CloseHandle(handle_);
}
#else
thread::thread(std::function<void()> work) : work_(std::move(work)), handle_(new std::thread(work_)) {}
thread::~thread()
{
    std::unique_ptr<std::thread> ends(static_cast<std::thread *>(handle_));
    ends->join();
}
#endif

static int run_one(const entry &one)
{
    try {
        one.run();
    } catch (const skip &why) {
        std::printf("SKIP cpp.%s: %s\n", one.name, why.what());
        return 77;
    } catch (const std::exception &why) {
        std::printf("FAIL cpp.%s: %s\n", one.name, why.what());
        return 1;
    }
    std::printf("PASS cpp.%s\n", one.name);
    return 0;
}
} // namespace test

int main(int argc, char **argv)
{
    const std::string wanted = argc == 2 ? argv[1] : "";
    int failed = argc <= 2 ? 0 : 2;
    bool found = wanted.empty();
    for (const test::entry *one = test::first; one != nullptr; one = one->after) {
        const std::string name = std::string("cpp.") + one->name;
        if (wanted == "--list") {
            std::printf("%s\n", name.c_str());
            found = true;
        } else if (wanted.empty() || wanted == name) {
            const int status = test::run_one(*one);
            if (!wanted.empty())
                return status;
            failed |= status == 1 ? 1 : 0;
        }
    }
    if (!found)
        std::fprintf(stderr, "slotring_cpp_tests: no test \"%s\"; --list shows them\n", wanted.c_str());
    return found ? failed : 2;
}
