# SPDX-License-Identifier: Apache-2.0
"""Each code of the library is an exception class of its own."""

from __future__ import annotations

import pickle

import pytest

import slotring
from slotring import _errors


def test_each_code_has_one_class() -> None:
    codes = slotring.error_codes()
    assert len(codes) >= 50
    assert {class_.code_name: code for code, class_ in _errors.classes_by_code.items()} == codes
    assert all(code == class_.code for code, class_ in _errors.classes_by_code.items())


def test_an_error_has_the_sentence_and_the_code(name: str) -> None:
    with pytest.raises(slotring.NotFoundError, match=name) as caught:
        slotring.open(name, mode="attach")
    assert caught.value.code == slotring.error_codes()["SLOTRING_E_NOT_FOUND"]
    assert isinstance(caught.value, slotring.Error)
    assert isinstance(caught.value, FileNotFoundError)


def test_python_s_own_classes_catch_them(ring: slotring.Ring) -> None:
    with ring.reader() as reader, pytest.raises(TimeoutError):
        reader.next(timeout=0.001)
    with pytest.raises(FileExistsError):
        slotring.open(ring.name, mode="create")


def test_errors_pickle() -> None:
    error = pickle.loads(pickle.dumps(slotring.FullError(None, "no slot")))
    assert type(error) is slotring.FullError and str(error) == "no slot"


@pytest.mark.parametrize("timeout", [-1, -0.5, float("nan")])
def test_a_time_below_zero_is_refused(ring: slotring.Ring, timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        ring.publish(b"", timeout=timeout)


def test_wrong_arguments_are_refused(ring: slotring.Ring) -> None:
    for call in (
        lambda: ring.publish(),  # type: ignore[call-arg]
        lambda: ring.publish("text"),  # type: ignore[arg-type]
        lambda: ring.publish(b"", 7),  # type: ignore[call-arg, misc, unused-ignore]
        lambda: ring.publish(b"", flag=7),  # type: ignore[call-arg]
        lambda: ring.allocate(1, size=1),  # type: ignore[call-arg, misc, unused-ignore]
        lambda: ring.acquire("ticket"),  # type: ignore[arg-type]
        lambda: ring.publish(b"", tag="x"),  # type: ignore[arg-type]
        lambda: slotring.Ring(),
    ):
        with pytest.raises(TypeError):
            call()
    for wrong in (
        lambda: ring.publish(b"", tag=1 << 64),
        lambda: ring.publish(b"", tag=-1),
        lambda: ring.reader(mode="none"),  # type: ignore[arg-type]
        lambda: ring.reader(last=3, sequence=4),
        lambda: ring.reader(tag_mask=3),
        lambda: ring.forget("disk\0x"),
        lambda: ring.mark("user", data=bytes(49)),
    ):
        with pytest.raises(ValueError):
            wrong()


def test_a_sentence_that_was_cut_in_a_character_is_still_told() -> None:
    with pytest.raises(slotring.Error):
        slotring.open("x", backend="a" + 30 * "é")
    with pytest.raises(slotring.Error):
        slotring.open("x", backend=30 * "é")


def test_what_belongs_to_a_process_does_not_pickle(ring: slotring.Ring) -> None:
    reader = ring.reader()
    ring.publish(b"x")
    for thing in (ring, reader, reader.next(), ring.allocate(1), ring.writer()):
        with pytest.raises(TypeError, match="ticket"):
            pickle.dumps(thing)
