"""The plot of standardised differences shows those of its comparison, the largest on top."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.report.drawn_texts import figure_of, line

from vertebrisk.comparison import compare_groups
from vertebrisk.comparison.results import Comparison
from vertebrisk.comparison.specs import VariableSpec
from vertebrisk.errors import ArgumentError
from vertebrisk.report.figures import WORDS, plot_balance
from vertebrisk.report.figures.fitting import fits


def comparison(variables: int = 5, groups: int = 2) -> Comparison:
    rng = np.random.default_rng(12)
    by = rng.integers(0, groups, 200).astype(str)
    columns = {f"Measured {k}": rng.normal(0.1 * k * (by == "1"), 1.0) for k in range(variables)}
    specs = [VariableSpec(name) for name in columns]
    return compare_groups(pl.DataFrame({"by": by, **columns}), by="by", variables=specs)


def test_differences_are_those_of_the_comparison_the_largest_on_top() -> None:
    found = comparison()
    ax = plot_balance(found)
    values = sorted(abs(each.smd) for each in found.variables if each.smd is not None)[::-1]
    large, small = (np.asarray(line(ax, gid).get_xydata()) for gid in ("large", "small"))
    drawn = np.concatenate([large, small])
    assert_allclose(drawn[np.argsort(drawn[:, 1]), 0], values)
    assert large[:, 0].min() >= 0.1 > small[:, 0].max()
    assert np.asarray(line(ax, "guide").get_xdata())[0] == 0.1
    largest = max(found.variables, key=lambda each: abs(each.smd or 0.0))
    assert ax.get_yticklabels()[0].get_text() == largest.label


@pytest.mark.parametrize("width", [85.0, 174.0])
def test_forty_variables_can_be_read(width: float) -> None:
    for words in WORDS.values():
        ax = plot_balance(comparison(40), width_mm=width, words=words, label="Simulated data")
        assert fits(figure_of(ax))


def test_more_than_two_groups_have_no_difference() -> None:
    with pytest.raises(ArgumentError, match="two groups"):
        plot_balance(comparison(groups=3))
