// SPDX-License-Identifier: Apache-2.0
// A line for each thing that must not compile, with what the compiler says about it; refused.cmake looks for both.
#include <slotring/slotring.hpp>

using namespace slotring;

void use(ring &r, reader &in, message &m);

void use(ring &r, reader &in, message &m)
{
#ifdef REFUSED
    ring of_a_ring = r;                                   // BY deleted.*ring
    message of_a_message = m;                             // BY deleted.*message
    (void)m.try_as<std::string>();                        // BY only bytes can lie in shared memory
    (void)m.try_as<const char *>();                       // BY an address of this process means nothing
    *m.try_as<int>() = 1;                                 // BY read-only|const-qualified
    (void)r.try_check([](std::string_view) { throw 1; }); // BY no exception can pass through the library
    const wait_check asked = [](void *) { return 0; }; // BY cannot convert|no viable conversion|from .*lambda
    in.try_next();                                     // BY nodiscard
    (void)asked;
#endif
#ifdef THROWS
    (void)r.stats(); // BY no member named .*stats
#endif
    (void)r.try_stats();
    (void)in.try_info();
    (void)m.data();
}
