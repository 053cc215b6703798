"""Combinations of what a protocol can ask for: each runs, or `check` refuses it in a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.protocols import protocol_text

from vertebrisk.errors import ProtocolError, VertebriskError
from vertebrisk.protocol import Protocol, load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.output import write_run

pytestmark = pytest.mark.usefixtures("undrawn")

OUTCOMES: dict[str, dict[str, Any]] = {
    "binary": {"kind": "binary", "event": "status == 1"},
    "cox": {
        "kind": "time-to-event",
        "event": "status == 1",
        "time": "months",
        "time_unit": "months",
        "horizons": [12],
    },
    "late": {
        "kind": "time-to-event",
        "event": "status == 1",
        "time": "months",
        "entry": "since",
        "time_unit": "months",
        "horizons": [12],
    },
    "fine-gray": {
        "kind": "time-to-event",
        "event": "status == 1",
        "competing": "status == 2",
        "time": "months",
        "time_unit": "months",
        "horizons": [12],
    },
}
ESTIMATORS: dict[str, dict[str, Any]] = {
    "ml": {},
    "profile": {"intervals": "profile"},
    "beside": {"beside": "logistic"},
    "strata": {"strata": ["sex"], "candidates": ["age", "cement", "cleft"]},
    "bootstrap": {"shrinkage": "bootstrap"},
    "heuristic": {"shrinkage": "heuristic"},
    "fp": {"terms": ["fp(age)"]},
    "firth": {"estimator": "firth", "intervals": "profile"},
    "flac": {"estimator": "firth", "mean_risk": "flac"},
    "auto": {"estimator": "auto"},
    "ridge": {"estimator": "ridge", "penalty": {"value": 0.05}},
    "lasso": {"estimator": "lasso", "penalty": {"folds": 3}},
    "elastic_net": {"estimator": "elastic_net", "penalty": {"factors": {"age": 0}, "folds": 3}},
}
SELECTIONS: dict[str, Any] = {
    "prespecified": "prespecified",
    "univariable": "univariable",
    "comparison": {"method": "univariable", "test": "comparison"},
    "backward": {"method": "backward", "alpha": 0.2},
    "aic": {"method": "backward", "criterion": "aic"},
    "bic": {"method": "backward", "criterion": "bic"},
    "lasso": {"method": "lasso", "penalty": {"folds": 3}},
    "stability": {"method": "stability", "stability": {"pairs": 4, "pairs_in_resamples": 2}},
}
MISSING: dict[str, dict[str, Any] | None] = {
    "complete": None,
    "imputation": {"method": "imputation", "imputations": 2, "iterations": 1},
}
SAMPLING: dict[str, dict[str, Any] | None] = {
    "none": None,
    "prevalence": {"prevalence": 0.1},
    "matched": {"matched": ["sex"]},
    "sets": {"set": "twin"},
}
NO_RISK = {"thresholds": None, "threshold_range": None}  # sets have none to decide by
UNITS = ("patient", "vertebra")
VALIDATION: dict[str, dict[str, Any]] = {
    "optimism-bootstrap": {"resamples": 3},
    "simple-bootstrap": {"resamples": 3},
    "632": {"resamples": 3},
    "632+": {"resamples": 3},
    "cross-validation": {"folds": 3, "repeats": 1},
    "leave-one-out": {},
}
N = 140


@dataclass(frozen=True)
class Asked:
    """One combination."""

    outcome: str
    estimator: str
    selection: str
    missing: str
    sampling: str
    unit: str
    validation: str = "optimism-bootstrap"

    @property
    def name(self) -> str:
        """As a test is called."""
        return "-".join(self.parts)

    @property
    def parts(self) -> tuple[str, ...]:
        """Its choices, in the order of the axes."""
        names = ("outcome", "estimator", "selection", "missing", "sampling", "unit", "validation")
        return tuple(getattr(self, name) for name in names)

    @property
    def departures(self) -> int:
        """How many of them differ from a plain study of that outcome."""
        return sum(part != plain for part, plain in zip(self.parts[1:], PLAIN, strict=True))


PLAIN = ("ml", "prespecified", "complete", "none", "patient", "optimism-bootstrap")
OTHERS = 37  # of those that depart in three ways or more one is run, by each outcome another


def grid() -> Iterator[Asked]:
    """All combinations."""
    for each in product(OUTCOMES, ESTIMATORS, SELECTIONS, MISSING, SAMPLING, UNITS, VALIDATION):
        yield Asked(*each)


def patients() -> pl.DataFrame:
    """Vertebrae of some 90 patients, 40 with the event, a tenth of the candidates' values gone."""
    random = np.random.default_rng(8)
    patient = np.sort(random.integers(0, 95, N))
    age, cement = random.normal(72, 8, N).round(1), random.normal(4, 1, N).round(1)
    cleft, sex = random.random(N) < 0.4, random.random(N) < 0.7
    risk = 1.6 * cleft + 0.09 * (age - 72)
    months = (random.exponential(30 / np.exp(risk)).round(1) + 0.1).clip(max=24)
    status = np.where(months >= 24, 0, np.where(random.random(N) < 0.75, 1, 2))
    twin = np.where(status == 1, np.cumsum(status == 1), np.cumsum(status != 1) % sum(status == 1))
    known = random.random((N, 2)) > 0.1
    return pl.DataFrame(
        {
            "patient_id": patient,
            "age": age,
            "cement": cement,
            "cleft": np.where(cleft, "Yes", "No"),
            "sex": np.where(sex, "Female", "Male"),
            "months": months,
            "status": status,
            "twin": twin,
            "since": np.where(np.arange(N) % 3 == 0, (months / 4).round(1), 0.0),
        }
    ).with_columns(
        age=pl.when(pl.Series(known[:, 0])).then("age"),
        cleft=pl.when(pl.Series(known[:, 1])).then("cleft"),
    )


VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": "Age", "unit": "years"},
    "cement": {"label": "Cement", "unit": "ml"},
    "cleft": {"label": "Cleft", "levels": ["No", "Yes"]},
    "sex": {"label": "Sex", "levels": ["Female", "Male"]},
}


def protocol_of(asked: Asked, folder: Path) -> Protocol:
    """The protocol that asks for it; raises ProtocolError where it cannot be had."""
    tables: dict[str, Any] = {
        name: table
        for name, table in (
            ("missing", MISSING[asked.missing]),
            ("sampling", SAMPLING[asked.sampling]),
        )
        if table is not None
    }
    text = protocol_text(
        study={
            "patient": "patient_id",
            "unit": asked.unit,
            "design": "cohort" if asked.sampling == "none" else "case-control",
        },
        variables=VARIABLES,
        outcome={**OUTCOMES[asked.outcome], "name": "fracture", "label": "New fracture"},
        analysis={
            "compare": list(VARIABLES),
            "model": {"binary": "logistic", "late": "cox"}.get(asked.outcome, asked.outcome),
            "select": SELECTIONS[asked.selection],
            **ESTIMATORS[asked.estimator],
        },
        validation={
            "resamples": None,
            "method": asked.validation,
            **VALIDATION[asked.validation],
            "instability": "resamples" in VALIDATION[asked.validation],
            **({} if asked.sampling != "sets" else NO_RISK),
        },
        **tables,
    )
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return load_protocol(path)


def outcome_of(asked: Asked, folder: Path) -> str:
    """What became of it: "ran", or "refused" by the protocol."""
    try:
        protocol = protocol_of(asked, folder)
    except ProtocolError as error:
        lines = str(error).splitlines()
        assert all(0 < len(line) < 400 for line in lines), asked.name
        return "refused"
    try:
        made = run_study(protocol)
    except VertebriskError as error:
        raise AssertionError(f"{asked.name} passed check, and then: {error}") from error
    if asked.departures == 2:
        write_run(made, folder / asked.name)
    return "ran"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("combinations")
    patients().write_csv(made / "patients.csv")
    return made


def test_what_departs_in_one_way_runs_or_is_refused(folder: Path) -> None:
    found = [
        outcome_of(asked, folder)
        for asked in grid()
        if asked.outcome == "binary" and asked.departures <= 1
    ]
    assert found[0] == "ran"
    assert "refused" in found


def taken(outcome: str) -> list[Asked]:
    """All that depart in one way, pairs shared among the outcomes, and some of the others."""
    place = list(OUTCOMES).index(outcome)
    every = [asked for asked in grid() if asked.outcome == outcome]
    single = [asked for asked in every if asked.departures <= 1]
    pairs = [asked for asked in every if asked.departures == 2]
    others = [asked for asked in every if asked.departures > 2 and asked.validation == PLAIN[-1]]
    return single + pairs[place :: len(OUTCOMES)] + others[place::OTHERS]


def test_every_choice_and_every_pair_occurs() -> None:
    found = {outcome: taken(outcome) for outcome in OUTCOMES}
    pairs = {each.parts[1:] for some in found.values() for each in some if each.departures == 2}
    assert pairs == {each.parts[1:] for each in grid() if each.departures == 2}
    for outcome, some in found.items():
        beyond = [each for each in some if each.departures > 2]
        assert {part for each in beyond for part in each.parts} == {
            part
            for each in grid()
            if each.outcome == outcome and each.departures > 2 and each.validation == PLAIN[-1]
            for part in each.parts
        }


@pytest.mark.slow
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_combinations_run_or_are_refused(outcome: str, folder: Path) -> None:
    found = [outcome_of(asked, folder) for asked in taken(outcome)]
    assert found[0] == "ran"
    assert found.count("ran") > 10
