"""Matched sets, as a protocol names them, and what does not go with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.protocols import write_study

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import Protocol, load_protocol

VARIABLES = {"age": {"unit": "years"}, "sex": {"levels": ["Female", "Male"]}}
PLAIN = {"thresholds": None, "threshold_range": None}


def loaded(folder: Path, **tables: Any) -> Protocol:
    return load_protocol(
        write_study(
            folder,
            study={"design": "case-control", **tables.pop("study", {})},
            variables=tables.pop("variables", VARIABLES),
            analysis={"compare": ["age", "sex"], **tables.pop("analysis", {})},
            validation={**PLAIN, **tables.pop("validation", {})},
            sampling={"set": "pair", **tables.pop("sampling", {})},
            **tables,
        )
    )


def test_sets_are_named_with_or_without_what_they_are_matched_on(tmp_path: Path) -> None:
    assert loaded(tmp_path).matched_set == "pair"
    read = loaded(tmp_path, sampling={"matched": ["age"], "sampled": "chosen == 'Yes'"})
    assert read.sampling is not None
    assert read.sampling.by_matching
    whole = loaded(tmp_path, study={"unit": "vertebra", "patient": "id"})
    assert whole.study.unit == "vertebra"


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"sampling": {"set": ""}}, "'set' is empty; name the column"),
        ({"sampling": {"prevalence": 0.1}}, "no prevalence gives a risk"),
        ({"sampling": {"controls_per_case": 1, "seed": 1}}, "draws at random"),
        ({"sampling": {"set": "age"}}, "'age' is the 'set' of [sampling], so it can be neither"),
        ({"sampling": {"set": "vas"}}, "'vas' decides the outcome"),
        ({"study": {"design": "cohort"}}, 'belongs to design = "case-control"'),
        ({"analysis": {"estimator": "ridge"}}, 'which has no estimator = "ridge"; allowed are'),
        ({"analysis": {"select": {"method": "backward", "approximate": True}}},
         "its backward elimination refits the model at each step"),
        ({"analysis": {"select": "lasso"}}, 'which has no select = "lasso"; allowed are'),
        ({"analysis": {"select": {"method": "univariable", "test": "comparison"}}},
         "screens candidates by the conditional likelihood-ratio test"),
        ({"analysis": {"estimator": "firth", "mean_risk": "flic"}}, "which has no mean risk"),
        ({"analysis": {"shrinkage": "bootstrap"}}, "knows no 'shrinkage'"),
        ({"analysis": {"intervals": "profile"}}, "with Wald intervals"),
        ({"analysis": {"tests": {"numeric": "welch"}}}, "take the tests of [analysis] out"),
        ({"variables": {**VARIABLES, "sex": {"levels": ["F", "M"], "test": "fisher"}}},
         "take the tests of [variables.sex] out"),
        ({"validation": {"thresholds": [0.2]}}, "no risk that 'thresholds' in [validation]"),
        ({"missing": {"method": "imputation", "imputations": 5}}, "is not joined with"),
    ],
)  # fmt: skip
def test_each_problem_is_said(tmp_path: Path, tables: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        loaded(tmp_path, **tables)
    assert message in str(caught.value)


def test_followed_outcomes_have_no_matched_sets(tmp_path: Path) -> None:
    outcome = {"kind": "time-to-event", "time": "months", "event": "pain == 1", "horizons": [12]}
    timed = {**outcome, "time_unit": "months"}
    with pytest.raises(ProtocolError, match='which belongs to model = "logistic"'):
        loaded(tmp_path, outcome=timed)
