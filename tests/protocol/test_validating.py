"""`[validation]` of a protocol: methods, and what they do not go with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.protocols import write_study

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import load_protocol

PLAIN: dict[str, Any] = {
    "variables": {"age": {"label": "Age"}, "sex": {"label": "Sex", "levels": ["F", "M"]}},
    "analysis": {"compare": ["age", "sex"]},
}


def load(folder: Path, **tables: Any) -> Any:
    return load_protocol(write_study(folder, **{**PLAIN, **tables}))


def test_methods_and_what_belongs_to_them(tmp_path: Path) -> None:
    assert load(tmp_path).validation.method == "optimism-bootstrap"
    crossed = {"method": "cross-validation", "resamples": None, "folds": 5}
    plan = load(tmp_path, validation=crossed).validation
    assert (plan.method, plan.folds, plan.repeats, plan.leaves_out) == (
        "cross-validation",
        5,
        None,
        True,
    )
    assert not load(tmp_path, validation={"method": "632+"}).validation.leaves_out


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        ({"validation": {"method": "bootsrap"}}, "'method' in [validation] is 'bootsrap'; allowed"),
        (
            {"validation": {"method": "crossvalidation"}},
            "Did you mean 'cross-validation'?",
        ),
        (
            {"validation": {"folds": 5}},
            '\'folds\' belongs to method = "cross-validation"; this one is "optimism-bootstrap"',
        ),
        (
            {"validation": {"method": "leave-one-out", "resamples": None, "repeats": 2}},
            "'repeats' belongs to method = \"cross-validation\"",
        ),
        (
            {"validation": {"method": "cross-validation"}},
            "'resamples' belongs to a bootstrap; this method is \"cross-validation\": write",
        ),
        (
            {"validation": {"method": "cross-validation", "resamples": None, "folds": 1}},
            "'folds' in [validation] is 1; it must be at least 2.",
        ),
        (
            {
                "validation": {
                    "method": "leave-one-out",
                    "resamples": None,
                    "interval": "percentile",
                }
            },
            "'interval' belongs to a bootstrap; this method is \"leave-one-out\", which gives none",
        ),
        (
            {
                "validation": {"method": "632+"},
                "study": {"design": "case-control"},
                "sampling": {"prevalence": 0.1},
            },
            'method = "632+" in [validation] does not go with [sampling]',
        ),
        (
            {
                "validation": {"method": "simple-bootstrap"},
                "analysis": {"compare": ["age", "sex"], "shrinkage": "bootstrap"},
            },
            'write shrinkage = "heuristic"',
        ),
    ],
)
def test_what_does_not_go_together_is_one_line(
    tables: dict[str, Any], line: str, tmp_path: Path
) -> None:
    with pytest.raises(ProtocolError) as caught:
        load(tmp_path, **tables)
    lines = str(caught.value).splitlines()
    assert any(line in each for each in lines), lines
    assert len(lines) <= 2
