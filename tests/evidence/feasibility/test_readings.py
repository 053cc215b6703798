"""Readings of tables whose answer is known: two papers, and cohorts made for it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.evidence.feasibility.papers import honest_paper

from vertebrisk.evidence.audit.regression.possible_fit import subject_problem
from vertebrisk.evidence.audit.subject import subject_of
from vertebrisk.evidence.feasibility.programme import Verdict
from vertebrisk.evidence.feasibility.readings import (
    Feasibility,
    Problem,
    check_feasibility,
    printed_reading,
)
from vertebrisk.evidence.library import find_study


@cache
def found(study: str, constant: bool = True) -> Feasibility:
    return check_feasibility(asked(study, constant))


def asked(study: str, constant: bool = True) -> Problem:
    entry = find_study(study)
    table = entry.model[0]
    if not constant:
        rows = tuple(row for row in table.coefficient if row.term != "constant")
        table = table.model_copy(update={"coefficient": rows})
    problem = subject_problem(subject_of(entry), table)
    assert isinstance(problem, Problem)
    return problem


def test_one_reading_alone_of_li2021_is_possible() -> None:
    result = found("li2021")
    # Five signs, and a constant of any of 2 x 2 x 3 x 2 levels.
    assert len(result.readings) == 2**5 * 24
    assert result.complete
    assert result.printed.verdict == "impossible"
    assert [reading.label for reading in result.possible] == [
        "'cement_distribution' with its sign turned and the constant that of patients with "
        "'cement_distribution = Blocky'"
    ]
    consistent = result.consistent
    assert consistent is not None
    assert consistent["cement_distribution", "Blocky"] == pytest.approx(0.8)
    assert consistent["constant", ""] == pytest.approx(-3.361 - 0.8)
    assert consistent["goutallier", "3-4"] == pytest.approx(2.622)


def test_the_sign_that_the_odds_ratio_of_li2021_wants_predicts_too_many_events() -> None:
    turned = next(
        reading
        for reading in found("li2021").readings
        if reading.label == "'cement_distribution' with its sign turned"
    )
    assert turned.verdict == "impossible"
    # 51.9 over all patients' margins; those of each group by itself leave less room.
    assert 51.9 < turned.events_low < turned.events_high
    assert found("li2021").observed == (37.0, 37.0)


def test_without_its_constant_the_table_of_li2021_still_needs_the_sign_turned() -> None:
    result = found("li2021", constant=False)
    assert result.printed.verdict == "impossible"
    turned = [{term for term, _ in reading.turned} for reading in result.possible]
    cement = "cement_distribution"
    assert turned == [{cement}, {cement, "ivc"}, {cement, "fascia_oedema"}]
    assert result.needed is not None
    assert result.needed.turned == ((cement, "Blocky"),)
    assert result.consistent is None


def test_every_possible_reading_of_anonymous2020_turns_the_number_of_fractures() -> None:
    result = found("anonymous2020")
    assert result.printed.verdict == "impossible"
    assert "fractures" in result.conflicting
    assert len(result.readings) == 16
    assert result.needed is not None
    assert result.needed.label == "'fractures' with its sign turned"
    turned = [{term for term, _ in reading.turned} - {"fractures"} for reading in result.possible]
    assert turned == [
        set(),
        {"tfi"},
        {"liquefaction"},
        {"cement_distribution"},
        {"liquefaction", "cement_distribution"},
    ]
    assert result.consistent is None
    assert result.assumptions == ("fractures has values from 1 to 3",)


def test_the_result_serialises_whole() -> None:
    document = json.loads(json.dumps(found("li2021").to_dict(), allow_nan=False))
    assert document["readings"] == 768
    assert len(document["possible"]) == 1
    assert document["needed"]["label"] == document["possible"][0]["label"]
    assert ["constant", "", pytest.approx(-4.161)] in document["consistent"]
    free = json.loads(json.dumps(found("anonymous2020").to_dict(), allow_nan=False))
    assert free["printed"]["events_low"] is None


def test_only_the_printed_reading_is_tried_if_that_suffices() -> None:
    problem = asked("li2021", constant=False)
    columns = tuple(
        replace(column, value=0.8, low=0.79, high=0.81)
        if column.term == "cement_distribution"
        else column
        for column in problem.columns
    )
    result = check_feasibility(replace(problem, columns=columns), every=False)
    assert [reading.label for reading in result.readings] == ["as printed"]
    assert result.printed.verdict == "possible"
    assert not result.complete
    assert result.needed is None


def verdicts(seed: int, papers: int) -> tuple[list[Verdict], list[Verdict]]:
    """Verdicts of honest papers as printed, and with the sign of one coefficient turned."""
    honest: list[Verdict] = []
    damaged: list[Verdict] = []
    for each in range(papers):
        rng = np.random.default_rng([seed, each])
        paper = honest_paper(rng)
        problem = paper.problem if paper is not None else None
        if paper is None or problem is None:
            continue
        honest.append(printed_reading(problem).verdict)
        signs = [row.estimate is not None and row.estimate.value != 0 for row in
                 paper.model.coefficient if row.term != "constant"]  # fmt: skip
        if any(signs):
            turned = paper.turned(int(rng.choice(np.flatnonzero(signs))))
            problem = turned.problem
            assert problem is not None
            damaged.append(printed_reading(problem).verdict)
    return honest, damaged


def test_the_fit_of_a_cohort_is_never_called_impossible() -> None:
    honest, damaged = verdicts(1, 25)
    assert len(honest) >= 12
    assert "impossible" not in honest
    assert damaged.count("impossible") > len(damaged) / 3


@pytest.mark.slow
def test_the_fit_of_many_cohorts_is_never_called_impossible() -> None:
    honest, damaged = verdicts(2, 600)
    assert len(honest) >= 300
    assert "impossible" not in honest
    share = damaged.count("impossible") / len(damaged)
    print(f"{share:.0%} of {len(damaged)} turned signs are proven impossible")
    assert share > 0.4
