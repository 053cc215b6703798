"""Outcomes that are followed up, as a protocol states them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.protocols import write_study

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import Protocol, TimeToEventOutcome, load_protocol, protocol_schema

VARIABLES = {
    "age": {"label": "Age", "unit": "years"},
    "site": {"levels": ["A", "B"]},
    "cement": {"unit": "ml", "timing": "intraoperative"},
}
LEAKAGE = {
    "name": "leakage",
    "label": "Cement leakage",
    "kind": "time-to-event",
    "event": "state == 1",
    "time": "months",
    "time_unit": "months",
    "horizons": [12, 6],
    "time_point": "12 months",
}


def loaded(
    folder: Path,
    outcome: dict[str, Any] | None = None,
    analysis: dict[str, Any] | None = None,
    study: dict[str, Any] | None = None,
) -> Protocol:
    return load_protocol(
        write_study(
            folder,
            variables=VARIABLES,
            outcome={**LEAKAGE, **(outcome or {})},
            analysis={"compare": ["age", "site"], **(analysis or {})},
            study=study,
        )
    )


def test_an_outcome_that_is_followed_up_is_read(tmp_path: Path) -> None:
    protocol = loaded(
        tmp_path,
        {"competing": "state == 2", "entry": "entered"},
        {"strata": ["site"]} | {"model": "cox"},
    )
    outcome = protocol.outcome
    assert isinstance(outcome, TimeToEventOutcome)
    assert (outcome.time, outcome.time_unit, outcome.horizons) == ("months", "months", (12.0, 6.0))
    assert protocol.outcome_names == ("state", "months", "entered")
    assert protocol.candidates == ("age",)  # a stratum is compared, but is no candidate
    assert protocol.to_dict()["outcome"]["competing"] == "state == 2"


def test_the_model_follows_the_outcome(tmp_path: Path) -> None:
    assert loaded(tmp_path).analysis.model == "cox"
    assert loaded(tmp_path, {"competing": "state == 2"}).analysis.model == "fine-gray"
    assert loaded(tmp_path, {"competing": "state == 2"}, {"model": "cox"}).analysis.model == "cox"
    beside = loaded(tmp_path, analysis={"beside": "logistic", "ties": "breslow"}).analysis
    assert (beside.model, beside.beside, beside.ties) == ("cox", "logistic", "breslow")


@pytest.mark.parametrize(
    ("outcome", "analysis", "message"),
    [
        ({"time": None}, {}, "[outcome] lacks 'time', which is never optional."),
        ({"time_unit": None}, {}, "[outcome] lacks 'time_unit'"),
        ({"horizons": None}, {}, "[outcome] lacks 'horizons'"),
        ({"time_point": None}, {}, "[outcome] lacks 'time_point'"),
        ({"time_unit": "month"}, {}, "Did you mean 'months'?"),
        ({"horizons": []}, {}, "at least one time is needed"),
        ({"horizons": [12, 12]}, {}, "the horizon 12 stands there twice"),
        ({"horizons": [12, 0]}, {},
         "'horizons' in [outcome], item 2 is 0; it must be more than 0."),
        ({"horizons": 12}, {}, "'horizons' in [outcome] is 12; a list in [...] is needed."),
        ({"tiem": "x"}, {}, "Unknown key 'tiem' in [outcome]. Did you mean 'time'?"),
        ({"time": "months +"}, {}, "'time' in [outcome]"),
        ({"competing": "state == 1"}, {}, "'competing' is the rule of 'event'"),
        ({"kind": "survival"}, {}, "'kind' in [outcome]: it is 'survival'; allowed are binary"),
        ({"kind": "binary"}, {"model": "logistic"},
         "'time' in [outcome] belongs to kind = \"time-to-event\""),
        ({}, {"model": "logistic"}, "is for a binary outcome"),
        ({}, {"model": "fine-gray"}, "needs 'competing' in [outcome]"),
        ({"competing": "state == 2", "entry": "entered"}, {}, "'entry' in [outcome] goes with"),
        ({"competing": "state == 2"}, {"ties": "efron"}, "'ties' in [analysis] belongs to model"),
        ({"competing": "state == 2"}, {"strata": ["site"]}, "'strata' in [analysis] belongs to"),
        ({}, {"estimator": "firth", "select": {"method": "backward", "approximate": True}},
         'goes with model = "logistic" or "cox" and estimator = "ml"; these are "cox" and "firth"'),
        ({}, {"ties": "exact"}, "allowed are efron, breslow"),
        ({}, {"intervals": "profile"}, 'belongs to model = "logistic"'),
        ({}, {"strata": ["sight"]}, "'sight' in 'strata' of [analysis] is not described"),
        ({}, {"strata": ["site"], "candidates": ["site"]}, "'site' is a stratum and a candidate"),
        ({}, {"strata": ["cement"]}, "is an intraoperative variable"),
        ({"event": "site == 'A'"}, {"strata": ["site"]}, "cannot be a stratum"),
        ({"time": "age"}, {"candidates": ["age"]}, "'age' decides the outcome"),
        ({}, {"beside": "cox"}, "'beside' in [analysis] is 'cox'; allowed are logistic."),
    ],
)  # fmt: skip
def test_each_problem_is_one_clear_line(
    tmp_path: Path, outcome: dict[str, Any], analysis: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        loaded(tmp_path, outcome, analysis)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        ({"model": "cox"}, 'needs an outcome of kind = "time-to-event"'),
        ({"beside": "logistic"}, "the model of this one is logistic already"),
        ({"ties": "efron"}, 'belongs to model = "cox"; this one is "logistic"'),
    ],
)
def test_a_binary_outcome_takes_none_of_it(
    tmp_path: Path, analysis: dict[str, Any], message: str
) -> None:
    with pytest.raises(ProtocolError) as caught:
        load_protocol(
            write_study(tmp_path, variables=VARIABLES, analysis={"compare": ["age"], **analysis})
        )
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_controls_are_not_sampled_from_times(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="samples controls of a binary outcome"):
        loaded(tmp_path, study={"design": "case-control"})


def test_the_schema_knows_both_kinds_of_outcome() -> None:
    schema = protocol_schema()
    kinds = schema["properties"]["outcome"]["anyOf"]
    assert [each["$ref"].rpartition("/")[2] for each in kinds] == ["Outcome", "TimeToEventOutcome"]
    assert "default" not in schema["$defs"]["Analysis"]["properties"]["model"]
