"""Cases and controls compared inside their matched sets."""

from __future__ import annotations

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.comparison.results import TestResult
from vertebrisk.kernels.conditional.fitting import conditional_score_test
from vertebrisk.kernels.conditional.sets import MatchedSets, informative_rows
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.text.messages import say


def matched_values(values: FloatArray, groups: IntArray, sets: IntArray) -> TestResult:
    """Score test of a number in a conditional model; see `conditional_score_test`.

    Parameters
    ----------
    values : array, shape (n,)
        NaN is missing; such rows take no part.
    groups : int array, shape (n,)
        1 for a case, 0 for a control.
    sets : int array, shape (n,)
        Code of the matched set, -1 where it is missing.
    """
    return _tested(values[:, None], groups == 1, sets, ~np.isnan(values))


def matched_levels(codes: IntArray, groups: IntArray, sets: IntArray) -> TestResult:
    """Score test of levels; `codes` are -1 where missing. See `matched_values`."""
    columns = codes[:, None] == np.unique(codes[codes >= 0])[1:]
    return _tested(columns.astype(np.float64), groups == 1, sets, codes >= 0)


def _tested(columns: FloatArray, case: BoolArray, sets: IntArray, known: BoolArray) -> TestResult:
    known = known & (sets >= 0)
    if not np.isfinite(columns[known]).all():
        return _none(say("there are infinite values"))
    columns, case, sets = columns[known], case[known], sets[known]
    told = informative_rows(case, sets)
    if not told.any():
        return _none(say("no matched set has a case and a control with a value"))
    matched = MatchedSets.of(case[told], sets[told])
    statistic, df = conditional_score_test(columns[told], matched)
    if df == 0:
        return _none(say("the same in all members of each matched set"))
    return TestResult(
        "conditional", "chi2", statistic, float(df), None, float(chi2_upper(statistic, df))
    )


def _none(reason: str) -> TestResult:
    return TestResult(
        "conditional", "chi2", None, None, None, None, say("Not computed: {reason}", reason=reason)
    )
