"""Which models a repeated selection chose, by hand, and the optimism that choosing costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, simulated

from vertebrisk._types import BoolArray
from vertebrisk.errors import ArgumentError
from vertebrisk.models.development import Selection
from vertebrisk.validation.choices import MOST, choices_of

NAMES = ("a", "b", "c")


def chosen(*rows: str) -> BoolArray:
    return np.array([[name in row for name in NAMES] for row in rows])


def test_models_are_counted_and_ordered() -> None:
    found = choices_of(chosen("ab", "ab", "ac", "ac", "ac", ""), NAMES, ("a", "b"))
    assert found is not None
    assert found.distinct == 3
    assert found.final == pytest.approx(2 / 6)
    assert found.models["predictors"].to_list() == [["a", "c"], ["a", "b"], []]
    assert found.models["count"].to_list() == [3, 2, 1]
    assert found.models["final"].to_list() == [False, True, False]


def test_competing_candidates() -> None:
    found = choices_of(chosen("ab", "ac", "ab", "ac"), NAMES, ("a",))
    assert found is not None
    assert found.final == 0.0
    lines = {(row["first"], row["second"]): row for row in found.pairs.iter_rows(named=True)}
    rivals = lines["b", "c"]
    assert rivals["together"] == 0.0
    assert rivals["expected"] == 0.25
    assert (rivals["first_only"], rivals["second_only"]) == (0.5, 0.5)
    assert rivals["correlation"] == pytest.approx(-1.0)
    assert lines["a", "b"]["correlation"] is None  # a was always chosen


@given(arrays(np.bool_, st.tuples(st.integers(1, 30), st.just(3))))
def test_shares_add_up_and_order_does_not_matter(selected: BoolArray) -> None:
    found = choices_of(selected, NAMES, ("a",))
    turned = choices_of(selected[::-1], NAMES, ("a",))
    assert found is not None
    assert turned is not None
    assert found.distinct <= MOST
    assert_allclose(np.array(found.models["share"]).sum(), 1.0)
    assert found.models.equals(turned.models)
    inclusion = selected.mean(axis=0)
    for row in found.pairs.iter_rows(named=True):
        first, second = NAMES.index(row["first"]), NAMES.index(row["second"])
        assert_allclose(row["together"] + row["first_only"], inclusion[first], atol=1e-12)
        assert_allclose(row["together"] + row["second_only"], inclusion[second], atol=1e-12)


def test_nothing_is_told_without_selection() -> None:
    assert choices_of(np.empty((5, 0), np.bool_), NAMES, NAMES) is None


def test_the_cost_of_selection() -> None:
    frame = simulated(200, 3)
    fit = quiet_fit("y ~ a + b + g", frame, select=Selection("backward", alpha=0.05))
    whole, fixed = fit.validate(40, 1), fit.validate(40, 1, fixed=True)
    cost = whole.cost_of_selection(fixed)
    assert cost["measure"].to_list() == ["c_index", "slope", "brier"]
    row = cost.filter(measure="c_index").row(0, named=True)
    optimism = [each.table.filter(measure="c_index")["optimism"][0] for each in (whole, fixed)]
    assert (row["whole"], row["fixed"]) == tuple(optimism)
    assert row["cost"] == optimism[0] - optimism[1]
    assert whole.choices is not None
    assert fixed.choices is None
    final = [term.name for term in fit.design.terms]
    marked = whole.choices.models.filter(final=True)["predictors"].to_list()
    assert marked in ([final], [])
    share = dict(whole.selected.iter_rows())
    pair = whole.choices.pairs.row(0, named=True)
    assert_allclose(pair["expected"], share[pair["first"]] * share[pair["second"]])


def test_two_of_a_kind_have_no_cost() -> None:
    fit = quiet_fit("y ~ a + b", simulated(100, 3), select="backward")
    whole, fixed = fit.validate(5, 1), fit.validate(5, 1, fixed=True)
    for one, other in ((whole, whole), (fixed, fixed), (fixed, whole)):
        with pytest.raises(ArgumentError, match="whole procedure with one of the model held"):
            one.cost_of_selection(other)
