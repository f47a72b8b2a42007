# SPDX-License-Identifier: Apache-2.0
"""Each call of slotring.h is made by the extension, or this file says why not."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]

NO_FORM = {
    "slotring_allocate": "slotring_allocate_wait with timeout 0",
    "slotring_close_if_idle": "ring.close() counts views, and raises BufferError",
    "slotring_options_prepare": "slotring_options_init calls it",
    "slotring_reader_options_prepare": "slotring_reader_options_init calls it",
    "slotring_writer_options_prepare": "slotring_writer_options_init calls it",
    "slotring_reader_descriptor_close": "the descriptor goes with the reader",
    "slotring_blocker_to_text": "str() of what blockers() gives; in_the_way() has the sentence",
    "slotring_set_log": "the callback comes in threads without Python",
    "slotring_global": "a ring of the process is a variable of a module",
    "slotring_global_stats": "as slotring_global",
    "slotring_global_cleanup": "as slotring_global",
}


def test_each_call_has_a_form_or_a_reason() -> None:
    header = (TOP / "include/slotring/slotring.h").read_text()
    calls = set(re.findall(r"^(?:SLOTRING_API|static inline) [^;{}(]*?\b(slotring_[a-z0-9_]+)\(", header, re.M))
    assert len(calls) >= 90, "this test no longer understands the header"
    source = "".join(path.read_text() for path in (TOP / "bindings/python/src/ext").glob("*.[ch]"))
    made = {call for call in calls if re.search(rf"\b{call}\b", source)}
    assert calls - made == set(NO_FORM)
