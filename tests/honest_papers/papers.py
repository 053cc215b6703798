"""Honest papers: everything printed is true of patients that were simulated for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tests.honest_papers.cohorts import Cohort, Column, draw_cohort
from tests.honest_papers.compared import comparison, split_comparison
from tests.honest_papers.model_tables import Layout, model_table, quoted, univariable_table
from tests.honest_papers.nomograms import decision_curve, nomogram
from tests.honest_papers.performance import statistics, tried
from tests.honest_papers.printing import Style
from tests.honest_papers.regressions import Regression, firth, fit

from vertebrisk._types import BoolArray, Json
from vertebrisk.evidence.audit.subject import Comparison, Group, Level, Row, Subject, subject_of
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import PublishedStudy

_CELLS = (
    "mean", "sd", "median", "lower_quartile", "upper_quartile", "minimum", "maximum",
    "missing", "sizes",
)  # fmt: skip
_IN_STUDY = ("mean", "sd", "median", "lower_quartile", "upper_quartile")


@dataclass(frozen=True, slots=True)
class Paper:
    """A printed paper. `document` holds every printed number as text, and may be damaged.

    `pasted` says that it comes as tables alone, without what a library entry knows of it.
    """

    document: Json
    pasted: bool

    def subject(self) -> Subject:
        """What an audit reads."""
        study = PublishedStudy.model_validate(_frozen(_study(self.document)))
        comparisons = tuple(_comparison(each) for each in self.document["comparisons"])
        subject = replace(subject_of(study), comparisons=comparisons)
        if not self.pasted:
            return subject
        return replace(subject, variables={}, statistics=(), statements=(), study=None)


def honest_paper(rng: np.random.Generator) -> Paper:
    """A paper about a random cohort, printed in a random style."""
    everyone, cohort, training = _split(draw_cohort(rng), rng)
    style = Style.draw(rng)
    table = comparison(cohort, style, rng)
    document: Json = {
        "comparisons": [table],
        "design": _design(cohort),
        "variables": {column.name: _variable(column) for column in cohort.columns},
        "methods": {},
        "model": [],
        "statistic": [],
        "statement": _compared_claims(cohort, rng) + _tested_claims(table, rng),
    }
    if training is not None:
        document["comparisons"].append(split_comparison(everyone, training, style, rng))
    document["methods"] = _methods(document["comparisons"], rng)
    final = _final_model(cohort, rng)
    if final is not None:
        fitted, columns = final
        layout = Layout.draw(rng, cohort.time is not None)
        if cohort.time is None and rng.random() < 0.05:
            fitted, layout = firth(fitted), replace(layout, profile=False, ratio_tests=False)
            document["methods"]["estimator"] = {"value": "firth", "place": "Methods"}
        document["model"].append(model_table("final", fitted, columns, layout, style))
        if rng.random() < 0.3:
            quote = quoted(document["model"][0], rng)
            document["model"] += [quote] if quote is not None else []
        document["statistic"] += statistics(cohort, fitted, style, rng)
        if training is not None and fitted.time is None:
            document["statistic"] += tried(everyone.take(~training), fitted, columns, style, rng)
        document["statement"] += _model_claims(fitted, columns, rng)
        if rng.random() < 0.3:
            document["nomogram"] = nomogram(fitted, columns, rng)
        if fitted.time is None and rng.random() < 0.3:
            document["statistic"] += decision_curve(fitted, style)
        if fitted.event.size < cohort.n:
            document["methods"]["missing"] = {"value": "complete-case", "place": "Methods"}
    if rng.random() < 0.4:
        layout = Layout.draw(rng, cohort.time is not None)
        alone = replace(layout, constant=False)
        univariable = univariable_table(cohort, list(cohort.columns), alone, style)
        document["model"] += [univariable] if univariable is not None else []
    return Paper(document, pasted=bool(rng.random() < 0.2))


def _split(cohort: Cohort, rng: np.random.Generator) -> tuple[Cohort, Cohort, BoolArray | None]:
    """All patients, those of whom the paper tells, and which of all these are, if not all."""
    if rng.random() < 0.15 and cohort.n >= 120:
        training = rng.random(cohort.n) < 0.7
        part = cohort.take(training)
        if 8 <= part.event.sum() < part.n - 8 and not cohort.case_control:
            return cohort, part, training
    return cohort, cohort, None


def _final_model(
    cohort: Cohort, rng: np.random.Generator
) -> tuple[Regression, list[Column]] | None:
    """One to six variables that can be fitted together."""
    for _ in range(8):
        size = int(rng.integers(1, min(6, len(cohort.columns)) + 1))
        chosen = [cohort.columns[int(each)] for each in rng.permutation(len(cohort.columns))[:size]]
        fitted = fit(cohort, chosen)
        if fitted is not None and bool((fitted.errors < 300).all()):
            return fitted, chosen
    return None


def _compared_claims(cohort: Cohort, rng: np.random.Generator) -> list[Json]:
    """What differs between the groups, in words; of two levels or a number."""
    claims = []
    for column in cohort.columns:
        if len(column.levels) > 2 or rng.random() > 0.15:
            continue
        with_event = column.values[cohort.event & column.known]
        others = column.values[~cohort.event & column.known]
        if min(with_event.size, others.size) < 2:
            continue
        difference = float(with_event.mean() - others.mean())
        if abs(difference) > 1e-9:
            claims.append(_claim(column.name, difference > 0, "with the outcome"))
    return claims


def _tested_claims(table: Json, rng: np.random.Generator) -> list[Json]:
    """What differs significantly and what does not, in words, by the exact P as printed."""
    claims: list[Json] = []
    for row in table["rows"]:
        if "p_value" not in row or rng.random() > 0.15:
            continue
        low, high = Printed.parse(row["p_value"]).interval
        if high < 0.049 or low > 0.051:
            differs = high < 0.05
            claims.append({
                "text": f"{row['variable']} {'differed' if differs else 'did not differ'}",
                "place": "Results", "variable": row["variable"],
                "p_value": "<0.05" if differs else ">0.05",
                "direction": "different" if differs else "same",
            })  # fmt: skip
    return claims


def _model_claims(
    fitted: Regression, columns: list[Column], rng: np.random.Generator
) -> list[Json]:
    claims = []
    for column in columns:
        if len(column.levels) > 2 or rng.random() > 0.3:
            continue
        beta = float(fitted.beta[fitted.spans[column.name].start])
        claims.append(_claim(column.name, beta > 0, "in the multivariable model"))
    return claims


def _claim(variable: str, higher: bool, where: str) -> Json:
    direction = "higher" if higher else "lower"
    text = f"{variable} is {direction} {where}"
    return {"text": text, "place": "Results", "variable": variable, "direction": direction}


def _design(cohort: Cohort) -> Json:
    events = int(cohort.event.sum())
    design: Json = {
        "kind": "case-control" if cohort.case_control else "cohort",
        "model": "logistic" if cohort.time is None else "cox",
        "n": {"value": str(cohort.n), "place": "Abstract"},
        "n_events": {"value": str(events), "place": "Abstract"},
    }
    if cohort.population is not None:
        n, with_event = cohort.population
        design["population"] = {
            "text": "All patients treated", "place": "Methods",
            "n": str(n), "n_events": str(with_event),
        }  # fmt: skip
    return design


def _methods(tables: list[Json], rng: np.random.Generator) -> Json:
    """Tests and estimator as the methods name them: every test that was used, or its kind."""
    used = {row["used"] for table in tables for row in table["rows"] if "used" in row}
    numbers = sorted(used & {"student", "welch", "mannwhitney", "anova", "kruskal"})
    categories = sorted(used - set(numbers))
    if rng.random() < 0.3:
        numbers = ["t" if each in ("student", "welch") else each for each in numbers]
    if rng.random() < 0.5:
        plain = {"fisher": "fisher"}
        categories = sorted({plain.get(each, "chi-square") for each in categories})
    told: Json = {"estimator": "ml"}
    told |= {"test_numbers": numbers} if numbers else {}
    told |= {"test_categories": categories} if categories else {}
    return {
        name: {"value": value, "place": "Methods"}
        for name, value in told.items()
        if rng.random() < 0.6
    }


def _variable(column: Column) -> Json:
    known: Json = {"label": column.name, "timing": "preoperative"}
    if column.levels:
        return known | {"levels": list(column.levels)}
    known |= {"whole": True} if column.kind == "whole" else {"decimals": column.decimals}
    return known | {"plausible": list(column.limits)} if column.limits else known


# ---------------------------------------------------------------- from text to values


def _study(document: Json) -> Json:
    """The paper as a file of the library would hold it."""
    table = document["comparisons"][0]
    by_outcome = [place for place, each in enumerate(table["groups"]) if each["event"] is not None]
    groups = [
        {name: table["groups"][place][name] for name in ("name", "n", "event")}
        | {"place": table["place"]}
        for place in by_outcome
    ]
    compared = [_compared(row, by_outcome) for row in table["rows"]] if groups else []
    timed = document["design"]["model"] == "cox"
    return {
        "schema_version": 1,
        "id": "simulated2020",
        "citation": {"title": "A simulated paper", "language": "en", "source": "paper"},
        "design": document["design"],
        "outcome": {
            "name": "residual_pain", "label": "Residual pain", "place": "Methods",
            "kind": "time-to-event" if timed else "binary", "definition": "VAS of 4 or more",
        },
        "methods": document.get("methods", {}),
        "variables": document["variables"],
        "groups": groups,
        "compared": [row for row in compared if row is not None],
        "model": document["model"],
        "nomogram": document.get("nomogram", []),
        "statistic": document["statistic"],
        "statement": document["statement"],
    }  # fmt: skip


def _compared(row: Json, places: list[int]) -> Json | None:
    """One row; None where it has standard errors or empty cells, which a file cannot say."""

    def picked(cells: list[str | None]) -> list[str | None]:
        return [cells[place] for place in places] if cells else []

    lists = {name: picked(row[name]) for name in _IN_STUDY if name in row}
    levels = {
        level: {name: picked(each) for name, each in cells.items()}
        for level, cells in row.get("levels", {}).items()
    }
    shown = [*lists.values(), *(each for cells in levels.values() for each in cells.values())]
    if row.get("spread") == "se" or any(cell is None for cells in shown for cell in cells):
        return None
    rest = {
        name: row[name] for name in ("variable", "place", "test", "statistic", "p_value")
        if row.get(name)
    }  # fmt: skip
    return rest | lists | ({"levels": levels} if levels else {})


def _comparison(table: Json) -> Comparison:
    return Comparison(
        table["id"],
        table["place"],
        tuple(
            Group(each["name"], table["place"], Printed.parse(each["n"]), each["event"],
                  each["total"])
            for each in table["groups"]
        ),
        tuple(_row(each) for each in table["rows"]),
        table["missing_told"],
    )  # fmt: skip


def _row(row: Json) -> Row:
    return Row(
        variable=row["variable"],
        place=row["place"],
        levels=tuple(
            Level(name, _parsed(cells["count"]), _parsed(cells["percent"]))
            for name, cells in row.get("levels", {}).items()
        ),
        **{name: _parsed(row.get(name, [])) for name in _CELLS},
        spread=row.get("spread", "sd"),
        test=row.get("test", ""),
        statistic=_parsed([row.get("statistic")])[0],
        p_value=_parsed([row.get("p_value")])[0],
    )


def _parsed(cells: list[str | None]) -> tuple[Printed | None, ...]:
    return tuple(None if cell is None else Printed.parse(cell) for cell in cells)


def _frozen(value: Any) -> Any:
    """Lists as tuples, as the reader of TOML files has them."""
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
