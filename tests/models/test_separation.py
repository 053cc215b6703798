"""Separation by a linear programme: found or not, complete or not, and by what."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference.loader import frame

from vertebrisk._types import FloatArray
from vertebrisk.design.build import build_design
from vertebrisk.design.formulas import parse_formula
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.models.separation import Separation, find_separation


def found(formula: str, data: pl.DataFrame) -> Separation | None:
    parsed = parse_formula(formula)
    design, codes = build_design(data, parsed.terms, None)
    event = parsed.outcome.rule(data).to_numpy().astype(np.float64)
    return find_separation(design, design.matrix(codes), event)


BASE = pl.DataFrame({"y": [True, True, False, False] * 10, "a": np.arange(40.0) % 9}).with_columns(
    b=(pl.int_range(40) * 7 % 11).cast(pl.Float64),
    sure=pl.when(pl.col("y") & (pl.int_range(40) < 8)).then(pl.lit("yes")).otherwise(pl.lit("no")),
    kind=pl.when(pl.col("y"))
    .then(pl.Series(["p", "q"] * 20))
    .otherwise(pl.Series(["o", "q"] * 20)),
    marker=pl.col("y").cast(pl.Float64),
)


@pytest.mark.parametrize(
    ("right", "complete", "alone"),
    [
        ("a + C(sure)", False, ("sure = yes",)),
        ('a + C(sure, ref="yes")', False, ("sure = yes",)),
        ("C(kind) + b", False, ("kind = o", "kind = p")),
        ("a + marker", True, ("marker",)),
        ("C(sure) + C(kind)", False, ("sure = yes", "kind = o", "kind = p")),
    ],
)
def test_terms_and_levels_are_named(right: str, complete: bool, alone: tuple[str, ...]) -> None:
    separation = found(f"y ~ {right}", BASE)
    assert separation == Separation(complete, alone)


def test_terms_that_separate_only_together() -> None:
    rng = np.random.default_rng(4)
    data = pl.DataFrame({name: rng.normal(size=80) for name in "abcd"})
    data = data.with_columns(y=pl.col("a") + pl.col("c") > 0.2)
    assert found("y ~ a + b + c + d", data) == Separation(True, (), ("a", "c"))
    separation = found("y ~ a + c", data)
    assert separation is not None
    assert separation.text == "a, c together separate"


def test_overlap_is_no_separation() -> None:
    assert found("y ~ a + b", BASE) is None
    assert found("pain == 1 ~ cleft + fascia + C(muscle) + cement", frame("pvp")) is None


def test_quasi_complete_separation_with_a_tie() -> None:
    data = pl.DataFrame({"x": [1.0, 2.0, 3.0, 3.0, 4.0, 5.0], "y": [0, 0, 0, 1, 1, 1]})
    assert found("y ~ x", data) == Separation(False, ("x",))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(8, 40), size=st.integers(1, 4))
def test_the_programme_agrees_with_newton(seed: int, n: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    columns: FloatArray = rng.integers(0, 4, (n, size)).astype(np.float64)
    event = (rng.random(n) < 0.3).astype(np.float64)
    event[:2] = 0.0, 1.0
    data = pl.DataFrame({f"x{k}": column for k, column in enumerate(columns.T)})
    data = data.with_columns(y=pl.Series(event))
    varying = [name for name in data.columns[:-1] if data[name].n_unique() > 1]
    if not varying:
        return
    matrix = np.column_stack([np.ones(n), data.select(varying).to_numpy()])
    newton = fit_logistic_batch(matrix, event, np.ones((1, n)))
    separation = found("y == 1 ~ " + " + ".join(varying), data)
    assert (separation is not None) == bool(newton.separated[0])
