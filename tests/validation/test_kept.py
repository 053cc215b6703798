"""Batches of a validation as bytes, and threads that an interruption does not wait for."""

from __future__ import annotations

import threading
import time
from dataclasses import fields

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from vertebrisk.errors import DataError
from vertebrisk.validation.kept import packed, unpacked
from vertebrisk.validation.resampling import Replicates
from vertebrisk.validation.working import in_order

KEY = "ab" * 32


def batch(shapes: bool = True) -> Replicates:
    random = np.random.default_rng(1)
    marks = random.random(5) < 0.5
    return Replicates(
        training={"c_index": random.random(5), "a b/c": np.full(5, np.nan)},
        test={"c_index": np.asfortranarray(random.random((5, 3)))},
        training_curves=random.random((5, 4)),
        test_curves=np.empty((5, 0)),
        training_benefit=random.random((5, 2, 3)),
        test_benefit=np.array([[np.inf]] * 5),
        separated=marks,
        deficient=~marks,
        usable=np.ones(5, np.bool_),
        prevalence=random.random(5),
        selected=np.empty((5, 0), np.bool_),
        coefficients=random.normal(size=(5, 3)),
        own=np.empty((5, 0)),
        shapes=np.arange(10).reshape(5, 2) if shapes else None,
    )


@pytest.mark.parametrize("shapes", [True, False])
def test_a_batch_comes_back_bit_for_bit(shapes: bool) -> None:
    made = batch(shapes)
    found = unpacked(packed(made, KEY), KEY, 5)
    for each in fields(Replicates):
        ours, theirs = getattr(made, each.name), getattr(found, each.name)
        if isinstance(ours, dict):
            assert list(ours) == list(theirs)
            pairs = [(ours[name], theirs[name]) for name in ours]
        else:
            pairs = [(ours, theirs)]
        for a, b in pairs:
            assert_array_equal(a, b, strict=a is not None)


def test_what_is_damaged_or_of_another_run_is_told_apart() -> None:
    content = packed(batch(), KEY)
    with pytest.raises(DataError, match="of another protocol"):
        unpacked(content, "cd" * 32, 5)
    turned = bytearray(content)
    turned[-30] ^= 1
    for broken in (b"", content[:200], content[:-1], bytes(turned), b"nonsense\n" * 3):
        with pytest.raises(DataError, match=r"^damaged$"):
            unpacked(broken, KEY, 5)
    with pytest.raises(DataError, match=r"^damaged$"):
        unpacked(content, KEY, 6)


def test_batches_come_in_order_whatever_takes_long() -> None:
    def work(start: int) -> int:
        time.sleep(0.02 if start == 0 else 0.0)
        return start * 10

    assert list(in_order(work, range(5))) == [0, 10, 20, 30, 40]


def test_an_error_of_a_batch_is_that_of_the_whole() -> None:
    def work(start: int) -> int:
        if start == 1:
            raise ValueError("the second")
        return start

    with pytest.raises(ValueError, match="the second"):
        list(in_order(work, range(3)))


def test_nobody_waits_for_a_batch_that_is_not_wanted_any_more() -> None:
    free, begun = threading.Event(), []

    def work(start: int) -> int:
        begun.append(start)
        if start:
            free.wait(20.0)
        return start

    found = in_order(work, range(50))
    assert next(found) == 0
    began = time.monotonic()
    found.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 10.0
    free.set()
    assert len(begun) < 50
