"""Backward elimination with few refits, against the same with every refit."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from tests.counting import count_calls
from tests.models.cases import quiet_fit

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.kernels.elimination.refits import Elimination, Models
from vertebrisk.kernels.elimination.step import Step
from vertebrisk.kernels.levels import Levels
from vertebrisk.kernels.resamples import bootstrap_weights
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.likelihoods import BinaryLikelihood
from vertebrisk.models.selection.backward import Backward

RESAMPLES = 40
NUMBERS = ("a", "b", "c", "d", "e", "f")
FORMULA = "y ~ " + " + ".join((*NUMBERS, "rare", "sites", "sex"))


def patients(n: int = 160) -> pl.DataFrame:
    """Few events, correlated numbers, and levels that often hold no event of a resample."""
    rng = np.random.default_rng(5)
    numbers = rng.normal(size=(n, len(NUMBERS))) + 0.7 * rng.normal(size=(n, 1))
    rare = rng.choice(["no", "yes"], n, p=[0.93, 0.07])
    sites = rng.choice(["T10", "T12", "L1", "L4"], n, p=[0.08, 0.4, 0.4, 0.12])
    linear = -1.8 + numbers[:, 0] - 0.5 * numbers[:, 3] - 1.5 * (sites == "T10")
    columns = dict(zip(NUMBERS, numbers.T, strict=True))
    return pl.DataFrame({
        **columns,
        "rare": pl.Series(rare).cast(pl.Enum(["no", "yes"])),
        "sites": pl.Series(sites).cast(pl.Enum(["T10", "T12", "L1", "L4"])),
        "sex": rng.choice(["f", "m"], n),
        "y": rng.random(n) < 1.0 / (1.0 + np.exp(-linear)),
    })  # fmt: skip


def procedure(criterion: str) -> Development:
    rule = Selection("backward", criterion=criterion)  # type: ignore[arg-type]
    return quiet_fit(FORMULA, patients(), select=rule).development


def weights(n: int) -> FloatArray:
    return bootstrap_weights(n, RESAMPLES, 3)


def bounded(backward: Backward, drawn: FloatArray) -> tuple[BoolArray, BoolArray]:
    assert isinstance(backward.likelihood, BinaryLikelihood)
    return backward._bounded(backward.likelihood, drawn)


@pytest.fixture(scope="module", params=["p", "aic", "bic"])
def pair(request: pytest.FixtureRequest) -> tuple[BoolArray, BoolArray, BoolArray]:
    """What stays by bounds, for which resamples that is known, and what stays by every refit."""
    backward = procedure(request.param)._backward
    drawn = weights(backward.matrix.shape[0])
    none = np.zeros((RESAMPLES, len(backward.parts)), dtype=np.bool_), np.zeros(RESAMPLES, bool)
    with patch.object(Backward, "_bounded", return_value=none):
        slow = backward.refitted(drawn)
    return *bounded(backward, drawn), slow


def test_bounds_choose_what_refits_choose(pair: tuple[BoolArray, BoolArray, BoolArray]) -> None:
    found, known, slow = pair
    assert known.mean() > 0.9
    assert_array_equal(found[known], slow[known])
    assert len({tuple(row) for row in slow.tolist()}) > 5


def test_the_resamples_hold_what_is_out_of_the_ordinary() -> None:
    """Separated by one level, by several, and by a reference."""
    development = procedure("p")
    backward = development._backward
    drawn = weights(backward.matrix.shape[0])
    fits = development.subset(np.arange(backward.matrix.shape[1]), drawn).fits
    raw = np.column_stack([np.ones(backward.matrix.shape[0]), backward.matrix])
    levels = Levels.of(raw, [1 + part for part in backward.parts])
    lost = levels.pure(np.broadcast_to(backward.likelihood.event, drawn.shape), drawn)
    assert (fits.separated & (lost.sum(axis=1) > 0)).sum() > 5
    assert (lost.sum(axis=1) > 1).any()
    assert lost[:, levels.column < 0].any()


def test_few_models_are_fitted() -> None:
    """Every refit would fit all terms that are left at every step."""
    backward = procedure("p")._backward
    drawn = weights(backward.matrix.shape[0])
    fits: list[int] = []
    original = Elimination.fitted

    def counted(
        self: Elimination, owner: IntArray, mask: BoolArray, lost: BoolArray, start: FloatArray
    ) -> Models:
        fits.append(owner.size)
        return original(self, owner, mask, lost, start)

    with patch.object(Elimination, "fitted", counted):
        found, known = bounded(backward, drawn)
    left = found[known].sum(axis=1)
    terms = len(backward.parts)
    each = sum(range(1, terms + 1)) - (left * (left - 1) / 2)
    assert sum(fits) < 0.2 * each.sum()


def test_few_newton_steps_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each term that leaves: those of the fit without it, and few more to tell which it is."""
    backward = procedure("p")._backward
    drawn = weights(backward.matrix.shape[0])
    calls = [
        count_calls(monkeypatch, f"vertebrisk.kernels.elimination.{module}", "information")
        for module in ("refits", "step")
    ]
    found, known = bounded(backward, drawn)
    made = sum(call[2].shape[0] for each in calls for call in each.arguments)
    left = (~found[known]).sum()
    assert made < 5.3 * left


def test_bounds_hold_the_ratio() -> None:
    """Every bounded ratio, fitted: between its bounds, which are near."""
    backward = procedure("p")._backward
    drawn = weights(backward.matrix.shape[0])
    original = Step._bound
    seen: list[FloatArray] = []

    def checked(
        self: Step, rows: IntArray, terms: IntArray, upper: FloatArray, lower: FloatArray
    ) -> None:
        original(self, rows, terms, upper, lower)
        high, low = upper[rows, terms].copy(), lower[rows, terms].copy()
        exact_upper, exact_lower = upper.copy(), lower.copy()
        guesses = np.full((drawn.shape[0], *self.of.of_term.shape), np.nan)
        self._fit(np.column_stack([rows, terms]), exact_upper, exact_lower, guesses)
        exact = exact_lower[rows, terms]
        seen.append(np.column_stack([low, exact, high]))

    with patch.object(Step, "_bound", checked):
        bounded(backward, drawn)
    low, exact, high = np.concatenate(seen).T
    # a fit stops within 1e-12 of its maximum; P values then agree to the root of that
    assert (low <= exact + 1e-6).all()
    assert (exact <= high + 1e-6).all()
    assert np.median(high - low) < 0.05
