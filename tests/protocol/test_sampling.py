"""Sampled controls, as a protocol states them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.protocols import write_study

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import Protocol, load_protocol, protocol_schema

VARIABLES = {"age": {"unit": "years"}, "sex": {"levels": ["Female", "Male"]}}


def loaded(folder: Path, sampling: dict[str, Any], **study: str) -> Protocol:
    return load_protocol(
        write_study(
            folder,
            study={"design": "case-control", **study},
            variables=VARIABLES,
            analysis={"compare": ["age", "sex"]},
            sampling=sampling,
        )
    )


@pytest.mark.parametrize(
    "sampling",
    [
        {"sampled": "chosen == 'Yes'"},
        {"controls_per_case": 2, "seed": 0},
        {"matched": ["age", "sex"]},
        {"sampled": "chosen", "matched": ["age"]},
        {"prevalence": 0.054},
        {"prevalence": 0.054, "population": 1120},
        {"population_cases": 61, "population_controls": 1059},
        {"population_cases": 61, "population": 1120},
        {"controls_per_case": 1, "seed": 7, "prevalence": 0.054},
    ],
)
def test_every_way_of_sampling_is_read(tmp_path: Path, sampling: dict[str, Any]) -> None:
    read = loaded(tmp_path, sampling).sampling
    assert read is not None
    for key, value in sampling.items():
        assert getattr(read, key) == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("sampling", "message"),
    [
        ({}, "[sampling]: give 'prevalence', or 'population_cases'"),
        ({"sampled": "a", "controls_per_case": 1, "seed": 1}, "exclude each other"),
        ({"controls_per_case": 1}, "'controls_per_case' and 'seed' belong together"),
        ({"seed": 1, "prevalence": 0.1}, "'controls_per_case' and 'seed' belong together"),
        ({"controls_per_case": 0, "seed": 1}, "is 0; it must be at least 1."),
        ({"controls_per_case": 1, "seed": 1, "matched": ["age"]}, "draws at random"),
        ({"matched": ["age"], "prevalence": 0.1}, "no prevalence gives a risk"),
        ({"prevalence": 0.1, "population_cases": 3, "population": 30}, "follows from"),
        ({"population_controls": 3}, "goes with 'population_cases' alone"),
        ({"population_cases": 3}, "give 'population_controls' or 'population'"),
        ({"population": 3}, "give 'prevalence' or 'population_cases' with 'population'"),
        ({"population": 3, "population_cases": 3}, "must be more than 'population_cases'"),
        ({"prevalence": 5.4}, "is 5.4; it must be less than 1."),
        ({"prevelence": 0.1, "matched": ["sex"]}, "Did you mean 'prevalence'?"),
        ({"matched": ["aeg"]}, "'aeg' in 'matched' of [sampling] is not described in [variables]. "
         "Did you mean 'age'?"),
        ({"sampled": "chosen = 1"}, "write '=='"),
    ],
)  # fmt: skip
def test_each_problem_is_one_clear_line(
    tmp_path: Path, sampling: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        loaded(tmp_path, sampling)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_sampling_belongs_to_patients_of_a_case_control_study(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match='belongs to design = "case-control"'):
        loaded(tmp_path, {"prevalence": 0.1}, design="cohort")
    with pytest.raises(ProtocolError, match='needs unit = "patient"'):
        loaded(tmp_path, {"prevalence": 0.1}, unit="vertebra", patient="id")


def test_the_schema_has_the_table() -> None:
    assert "controls_per_case" in protocol_schema()["$defs"]["Sampling"]["properties"]
