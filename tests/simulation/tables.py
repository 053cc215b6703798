"""The page's tables as Markdown: every number with its Monte Carlo standard error in brackets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from tests.simulation.measures import Measured
from tests.simulation.results import Results, Row, count, lost, measured
from tests.simulation.scenarios import PREDICTORS, SCENARIOS, Scenario

LABELS = {each.name: each.label for each in PREDICTORS}
ML, FIRTH = "maximum likelihood", "Firth"
WAYS = (
    ("before deletion", ML, "wald", "nothing missing"),
    ("complete cases", ML, "wald", "complete cases"),
    ("complete cases", FIRTH, "profile", "complete cases, Firth"),
    ("imputed without the outcome", ML, "rubin", "imputed without the outcome"),
    ("imputed", ML, "rubin", "imputed"),
    ("imputed", FIRTH, "rubin", "imputed, Firth"),
)
MODELS = (
    "maximum likelihood",
    "Firth, intercept as it comes",
    "Firth with FLIC",
    "Firth with FLAC",
    "Firth",
    "shrunken by the heuristic factor",
    "shrunken by the bootstrap slope",
    "ridge",
)


def study(scenario: Scenario) -> str:
    """What a scenario is called on the page."""
    model = "logistic" if scenario.kind == "logistic" else "Cox"
    return f"{model}, {scenario.events} of {scenario.n}"


def estimates_table(results: Results) -> str:
    """Bias, spread and coverage where nothing is missing."""
    head = [
        "Study", "Predictor", "Method", "Bias", "Bias, %", "SD of the estimates",
        "Standard error stated", "Wald covers, %", "Profile covers, %", "Width",
    ]  # fmt: skip
    rows = []
    for scenario in SCENARIOS:
        for name in ("steroids", "oedema", "t_score", "male"):
            for method in (ML, FIRTH):
                wald = results.effect(scenario.name, name, method, "wald")
                profile = results.effect(scenario.name, name, method, "profile")
                rows.append([
                    study(scenario), LABELS[name], method,
                    number(measured(wald, "bias")),
                    percent(measured(wald, "relative_bias")),
                    number(measured(wald, "empirical_se")),
                    number(measured(wald, "model_se")),
                    share(measured(wald, "coverage")),
                    share(measured(profile, "coverage")),
                    number(measured(profile, "width")),
                ])  # fmt: skip
    return _table(head, rows, texts=3)


def separation_table(results: Results) -> str:
    """How often maximum likelihood has no answer."""
    head = ["Study", "Data sets", "Without a finite estimate, %", "Complete cases only, %",
            "Imputed, %"]  # fmt: skip
    rows = []
    for scenario in SCENARIOS:
        whole = results.effect(scenario.name, "age", ML, "wald")
        kept = results.effect(scenario.name, "age", ML, "wald", "complete cases")
        filled = results.effect(scenario.name, "age", ML, "rubin", "imputed")
        rows.append([
            study(scenario), str(count(whole, "samples")),
            *(share(_lost(row)) for row in (whole, kept, filled)),
        ])  # fmt: skip
    return _table(head, rows, texts=1)


def missing_table(results: Results, missing: str = "by outcome and age") -> str:
    """What is made of missing values: the effects of age and of the T-score."""
    head = ["Study", "Way", "No answer, %", "Age: bias", "Age: covers, %", "T-score: bias",
            "T-score: covers, %", "T-score: width"]  # fmt: skip
    rows = []
    for scenario in SCENARIOS:
        for data, method, intervals, label in WAYS:
            if missing == "by chance" and "without" in data:
                continue
            age, score = (
                results.effect(scenario.name, name, method, intervals, data, missing)
                for name in ("age", "t_score")
            )
            rows.append([
                study(scenario), label, share(_lost(age)),
                number(measured(age, "bias")), share(measured(age, "coverage")),
                number(measured(score, "bias")), share(measured(score, "coverage")),
                number(measured(score, "width")),
            ])  # fmt: skip
    return _table(head, rows, texts=2)


def predictions_table(results: Results) -> str:
    """Mean risk, calibration slope and C-index."""
    head = ["Study", "Model", "No model, %", "Mean risk less share of events, points",
            "Slope in new patients (median)", "Distance from 1", "C-index"]  # fmt: skip
    rows = []
    for scenario in SCENARIOS:
        true = results.prediction(scenario.name, "the true model")
        rows.append([study(scenario), "the true model", "", "", "1", "",
                     number(measured(true, "c_index"), 3)])  # fmt: skip
        known = {str(row["method"]) for row in results.predictions
                 if row["scenario"] == scenario.name}  # fmt: skip
        for model in MODELS:
            if model in known:
                row = results.prediction(scenario.name, model)
                excess = measured(row, "excess")
                rows.append([
                    study(scenario), model, share(_lost(row)), percent_points(excess),
                    number(measured(row, "slope")), number(measured(row, "distance")),
                    number(measured(row, "c_index"), 3),
                ])  # fmt: skip
    return _table(head, rows, texts=2)


def every_effect(results: Results) -> Iterator[tuple[str, str]]:
    """All rows of effects: a heading and a table for each study and state of the data."""
    head = ["Data", "Method", "Limits", "Predictor", "Data sets", "With estimate", "Bias",
            "Median bias", "SD", "SE stated", "Covers, %", "Width"]  # fmt: skip
    for scenario in SCENARIOS:
        for missing in ("", "by outcome and age", "by chance"):
            rows = [
                [
                    str(row["data"]), str(row["method"]), str(row["intervals"]),
                    LABELS[str(row["predictor"])], str(row["samples"]), str(row["estimates"]),
                    number(measured(row, "bias")), number(measured(row, "median_bias")),
                    number(measured(row, "empirical_se")), number(measured(row, "model_se")),
                    share(measured(row, "coverage")), number(measured(row, "width")),
                ]
                for row in results.effects
                if row["scenario"] == scenario.name and row.get("missing", "") == missing
            ]  # fmt: skip
            state = f"missing {missing}" if missing else "nothing missing"
            yield f"{study(scenario)}: {state}", _table(head, rows, texts=4)


def number(one: Measured, digits: int = 2) -> str:
    """A number with its error; nothing where there is none."""
    if not np.isfinite(one.value):
        return ""
    text = _rounded(one.value, digits)
    return f"{text} ({one.error:.{digits}f})" if np.isfinite(one.error) and one.error else text


def percent(one: Measured) -> str:
    """A percentage with its error."""
    return number(one, 0)


def percent_points(one: Measured) -> str:
    """A difference of risks in percentage points."""
    return number(Measured(100.0 * one.value, 100.0 * one.error))


def share(one: Measured) -> str:
    """A share in percent with its error."""
    return number(Measured(100.0 * one.value, 100.0 * one.error), 1)


def _lost(row: Row) -> Measured:
    found = lost(row) / 100.0
    samples = count(row, "samples")
    return Measured(found, float(np.sqrt(found * (1.0 - found) / samples)))


def _rounded(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0.0 else text.replace("-", "\u2212")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int) -> str:
    """A pipe table; the first `texts` columns are words, and a study is named once."""
    rules = ["---"] * texts + ["--:"] * (len(head) - texts)
    lines = [head, rules]
    previous = ""
    for row in rows:
        lines.append(["" if row[0] == previous and texts > 1 else row[0], *row[1:]])
        previous = row[0]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
