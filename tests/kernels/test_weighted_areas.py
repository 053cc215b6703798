"""The weighted area under the ROC curve, run by run, against that of all pairs of rows."""

from __future__ import annotations

from functools import partial, reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertebrisk._types import FloatArray
from vertebrisk.kernels.streamed.weighted_areas import ranked, ranked_together

SAME = 1e-12


def of_all_pairs(score: FloatArray, cases: FloatArray, others: FloatArray) -> float:
    gap = score[:, None] - score[None, :]
    won = np.where(np.abs(gap) <= SAME, 0.5, gap > 0.0)
    return float(cases @ won @ others / (cases.sum() * others.sum()))


@given(st.integers(0, 10_000), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_runs_add_up_to_the_area_of_all_pairs(seed: int, length: int) -> None:
    rng = np.random.default_rng(seed)
    score = np.sort(rng.integers(0, 5, 20) + 1e-14 * rng.random(20))
    cases = rng.random(20) * (rng.random(20) < 0.4)
    others = rng.random(20) * (rng.random(20) < 0.6) * (cases == 0.0)
    cases[3], others[3], cases[11], others[11] = 0.5, 0.0, 0.0, 0.7
    runs = [slice(first, first + length) for first in range(0, 20, length)]
    found = [ranked(score[run], cases[run], others[run], SAME) for run in runs]
    whole = reduce(partial(ranked_together, same=SAME), found)
    back = found[-1]
    for each in reversed(found[:-1]):
        back = ranked_together(each, back, SAME)
    assert whole is not None
    assert back is not None
    # sums of twenty products in another order
    assert whole.area == pytest.approx(of_all_pairs(score, cases, others), rel=1e-12)
    assert back.area == pytest.approx(whole.area, rel=1e-12)


def test_rows_without_weight_are_no_run() -> None:
    nothing = np.zeros(3)
    assert ranked(np.arange(3.0), nothing, nothing, SAME) is None
    assert ranked_together(None, None, SAME) is None
