"""What workers are sent is small and whole: coefficients and rules, no patients, no engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

import vertebrisk as vr
from vertebrisk.engines import engine as engines
from vertebrisk.engines.columns import Columns
from vertebrisk.engines.engine import Chunk, LocalEngine

cloudpickle = pytest.importorskip("cloudpickle")
MOST = 20_000  # bytes of a work with a few coefficients of 20 resamples
T = TypeVar("T")


@dataclass(slots=True)
class PostedEngine:
    """Works on copies that went through the post."""

    sizes: list[int] = field(default_factory=list)

    def collect(
        self, columns: Columns, names: Sequence[str], work: Callable[[Chunk], T], step: str = ""
    ) -> list[T]:
        return LocalEngine(1).collect(columns, names, self._posted(work), step)

    def reduce(
        self,
        columns: Columns,
        names: Sequence[str],
        work: Callable[[Chunk], T],
        combine: Callable[[T, T], T],
        step: str = "",
    ) -> T:
        return LocalEngine(1).reduce(columns, names, self._posted(work), combine, step)

    def _posted(self, work: Callable[[Chunk], T]) -> Callable[[Chunk], T]:
        packed = cloudpickle.dumps(work)
        self.sizes.append(len(packed))
        copy: Callable[[Chunk], T] = cloudpickle.loads(packed)
        return copy


def test_works_travel_without_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 5000)
    rng = np.random.default_rng(2)
    size = 20_000
    age, sex = rng.normal(70, 8, size), rng.choice(["f", "m"], size)
    pain = rng.random(size) < expit(0.05 * (age - 70.0) - 1.0)
    frame = pl.DataFrame({"age": age, "sex": sex, "pain": pain})
    post = PostedEngine()
    scan = vr.PatientScan.of_frame(frame, post)
    formula = "pain ~ rcs(age, 4) + sex"
    fit = vr.fit_logistic(formula, scan)
    found = fit.bootstrap(20, 1)
    screened = vr.screen_univariable(scan, "pain", ["age", "sex"])
    tests = fit.term_tests()
    assert max(post.sizes) < MOST
    here = vr.fit_logistic(formula, vr.PatientScan.of_frame(frame, LocalEngine(1)))
    assert np.array_equal(fit.cov, here.cov)
    assert np.array_equal(found.draws, here.bootstrap(20, 1).draws)
    assert tests.equals(here.term_tests())
    assert screened.equals(vr.screen_univariable(here.scan, "pain", ["age", "sex"]))
