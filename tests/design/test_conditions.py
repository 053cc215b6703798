"""Rules about predictors as trees: the truth that the rules' own evaluation gives."""

from __future__ import annotations

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vertebrisk.design.build import build_design
from vertebrisk.design.conditions import Condition
from vertebrisk.design.encode import encode
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import parse_terms
from vertebrisk.errors import ExpressionError

ROWS = pl.DataFrame(
    {
        "before": [10.0, 12.0, 0.0, None, 8.0, -3.0],
        "after": [12.0, 11.0, 0.0, 5.0, None, 4.0],
        "cleft": pl.Series(["Yes", "No", None, "Yes", "No", "Yes"], dtype=pl.Enum(["No", "Yes"])),
    }
)
DESIGN, _ = build_design(ROWS.drop_nulls(), parse_terms(("before", "after", "cleft")))

RULES = [
    "after >= before",
    "not (after < before) or cleft == 'No'",
    "cleft == 'Yes' and before > 0 and after > 0",
    "cleft != 'Yes'",
    "cleft in ['Yes', 'No']",
    "cleft not in ['Yes']",
    "before is missing or after is not missing",
    "after / before <= 1.2",
    "log(before) > 1",
    "sqrt(after) ** 2 - after < 1e-9",
    "abs(before - after) <= max(before, after, 1) / 2",
    "mean(before, after) - min(before, after) < 5 * 2 - 9",
    "-before < 0",
    "(after > 5) == (before > 5)",
    "(after > 5) + (before > 5) >= 1",
    "exp(before) > 1e300 or 3 < 4",
    "true",
    "'Yes' == cleft",
]


@pytest.mark.parametrize("rule", RULES)
def test_the_truth_is_that_of_the_rule_on_a_table(rule: str) -> None:
    condition = Condition.of(rule, DESIGN)
    found = condition.truth(encode(DESIGN, ROWS).codes)
    expected = Expression.parse(rule).rule(ROWS)
    assert [None if math.isnan(each) else bool(each) for each in found] == expected.to_list()
    assert json.loads(json.dumps(condition.tree)) == condition.tree


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.sampled_from(
            ["before < after", "cleft == 'Yes'", "before >= 8", "after is missing", "cleft != 'No'"]
        ),
        lambda inner: st.one_of(
            inner.map(lambda each: f"not ({each})"),
            st.lists(inner, min_size=2, max_size=3).map(lambda all_: f"({' and '.join(all_)})"),
            st.lists(inner, min_size=2, max_size=3).map(lambda all_: f"({' or '.join(all_)})"),
        ),
        max_leaves=8,
    )
)
def test_what_is_missing_leaves_open_what_it_decides(rule: str) -> None:
    found = Condition.of(rule, DESIGN).truth(encode(DESIGN, ROWS).codes)
    expected = Expression.parse(rule).rule(ROWS)
    assert [None if math.isnan(each) else bool(each) for each in found] == expected.to_list()


def test_who_breaks_a_rule_is_known_to() -> None:
    broken = Condition.of("after >= before", DESIGN).broken(encode(DESIGN, ROWS).codes)
    assert broken.tolist() == [False, True, False, False, False, False]


def test_a_level_that_nobody_had_equals_nobody() -> None:
    codes = {name: np.array([1.0]) for name in DESIGN.variables}
    assert Condition.of("cleft == 'Gas'", DESIGN).truth(codes).tolist() == [0.0]
    assert Condition.of("cleft != 'Gas'", DESIGN).truth(codes).tolist() == [1.0]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("age > 4", "reads 'age', which is no predictor"),
        ("cleft", "neither; compare it"),
        ("before", "neither; compare it"),
        ("before and after > 3", "neither; compare it"),
        ("cleft > 'No'", "by == and != alone"),
        ("cleft == before", "by == and != alone"),
        ("cleft + 1 > 2", "holds levels, and arithmetic needs numbers"),
        ("before > 'many'", "'many' is a text"),
        ("before:after > 2", "terms of a formula"),
        ("system(before) > 2", "system\\(\\) is not understood"),
        ("log(before, after) > 2", "log\\(\\) is not understood"),
        ("(before + 1) is missing", "neither; compare it"),
    ],
)
def test_what_no_tree_is_made_of(rule: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=told):
        Condition.of(rule, DESIGN)
