# SPDX-License-Identifier: Apache-2.0
# What must be so whatever the compiler is and whatever is recorded: a line for each rule that is broken, with both
# numbers. Input: what slotring_bench --json says of sizes and crowds.

# How much dearer a call may be in another ring; the dearest one counted, since a median hides one that takes a second.
def against_small($extent; $calls):
    . as $all
    | to_entries[] | select(.key | startswith("sizes_small_")) | .key[12:] as $way
    | .value | to_entries[] | select(.key | test($calls)) | .key as $call
    | .value.max as $small | $all["sizes_\($extent)_\($way)"][$call].max as $other
    # A release in a ring with hot slots reclaims, and so looks for holders, as an allocation does in any ring.
    | select($extent != "crowded" or $way != "hot_slots" or $call != "reader_release_instructions")
    # A crowd takes the few places that a durable subscription, or a group, can have.
    | select($extent != "crowded" or ($way | IN("durable", "member") | not))
    | select($other == null or $other > 1.1 * $small)
    | "\($way).\($call): \($other) in the \($extent) ring, \($small) in the small one, which is more than 1.1 times";

(against_small("large"; ".")),
# A look for holders reads a word for each 64 participant entries in use (sr__is_held): that is recorded, and no rule.
(against_small("crowded"; "^(mark_ready|copy|acquire|next|reader_release|abort)")),
(.crowds | if . == null or .skipped then empty else
    ("instructions", "system_calls") as $what
    | (.["attach_\($what)_few"].value) as $few | (.["attach_\($what)_many"].value) as $many
    | select($many > 3 * $few)
    | "attach: \($many) \($what) among 4,000 participants, \($few) among 64, which is more than three times"
end),
(.crowds | if . == null or .skipped then empty else
    ({name: "few", asked: 72}, {name: "many", asked: 256}) as $crowd
    # Two calls for each participant that is asked for, and some for the ring's names.
    | (2 * $crowd.asked + 8) as $pass
    | (.["reaping_system_calls_\($crowd.name)"].value) as $calls
    | (select($calls > $pass or $calls < $crowd.asked)
       | "reaping, \($crowd.name) participants: \($calls) system calls in a slice, one pass makes \($pass) at most"),
      ((.["blocked_slices_\($crowd.name)"].value) as $slices
       | (.["blocked_system_calls_\($crowd.name)"].value) as $calls
       # Beside the ring's one pass a slice: each of three readers sleeps, and is woken once more where it comes too early.
       | (($slices + 1) * ($pass + 3 * 3)) as $most
       | select($calls > $most)
       | "three blocked readers, \($crowd.name) participants: \($calls) system calls in \($slices) slices, " +
         "which is more than one pass a slice for all together, \($most)")
end)
