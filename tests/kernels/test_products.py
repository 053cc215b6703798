"""Products of narrow tables: what NumPy gives, while other threads go on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.testing import assert_allclose

from vertebrisk._types import FloatArray
from vertebrisk.kernels.products import long_product, product

TRIES = 20  # another thread may be late to wake, once
NEVER = 1000.0  # seconds after which Python would take its lock from a thread that does not let go


@pytest.fixture
def _nobody_interrupts() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(NEVER)
    yield
    sys.setswitchinterval(before)


def goes_on_beside(work: Callable[[], object]) -> bool:
    """True where a thread that waits for Python's lock gets it before the work is done."""
    begin, ready, advanced = threading.Lock(), threading.Event(), []

    def wait() -> None:
        ready.set()
        with begin:
            advanced.append(True)

    begin.acquire()
    waiting = threading.Thread(target=wait)
    waiting.start()
    ready.wait()
    begin.release()
    work()
    found = bool(advanced)
    waiting.join()
    return found


@pytest.mark.usefixtures("_nobody_interrupts")
def test_other_threads_go_on_beside_a_product_with_a_small_result() -> None:
    long = np.ones((3, 2_000_000))
    part = np.ones((3, 2_500_000))[:, :2_000_000]
    assert any(goes_on_beside(lambda: product(long, long.T)) for _ in range(TRIES))
    assert any(goes_on_beside(lambda: product(long, long[0])) for _ in range(TRIES))
    assert any(goes_on_beside(lambda: long_product(part, part)) for _ in range(TRIES))
    assert any(goes_on_beside(lambda: long_product(part, long[:1])) for _ in range(TRIES))


@pytest.mark.parametrize("one", [0, 1, 3, 22, 40])
@pytest.mark.parametrize("other", [1, 20, 40])
@pytest.mark.parametrize("size", [1, 499, 8192])
def test_a_product_of_long_rows_is_numpys(one: int, other: int, size: int) -> None:
    rng = np.random.default_rng(size)

    def rows(count: int) -> FloatArray:
        return rng.normal(size=(count, size + 3))[:, :size]

    left, right = rows(one), rows(other)
    assert_allclose(long_product(left, right), left @ right.T, rtol=1e-13, atol=1e-13 * size)
