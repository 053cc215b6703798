"""The R script: what it says, that nothing can be smuggled into it, and that R agrees."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.report.example import example_result
from tests.reproducing import needs_r

from vertebrisk.design.syntax import parse_expression
from vertebrisk.errors import ArgumentError, ExpressionError
from vertebrisk.models.tables import RegressionRow
from vertebrisk.nomogram.results import NomogramAxis
from vertebrisk.report.reproduction.model import compare_bootstrap
from vertebrisk.report.reproduction.plan import PlanVariable, ReproducePlan
from vertebrisk.report.reproduction.r_code import r_code, r_names, r_number, r_string
from vertebrisk.report.reproduction.script import reproduce_script
from vertebrisk.report.results.study import StudyResult
from vertebrisk.validation.results import Estimate

NAMES = {"age": "age", "vas_mean": "vas_mean", "sex": "sex", "椎体 高度": "column_4"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("vas_mean >= 4", "(vas_mean >= 4)"),
        ("age > -2.5", "(age > (-2.5))"),
        ('sex == "Male" and not age < 60', '((sex == "Male") & !(age < 60))'),
        ('sex in ["a", "b"]', '(sex == "a" | sex == "b")'),
        ('sex not in ["a"]', '!(sex == "a")'),
        ("age is missing", "is.na(age)"),
        ("age is not missing or sex", "(!is.na(age) | (sex == 1))"),
        ("200 * age / (vas_mean + 1)", "(200 * age / (vas_mean + 1))"),
        ("mean(age, vas_mean)", "((age + vas_mean) / 2)"),
        ("max(age, 3)", "pmax(age, 3)"),
        ("log(age)**2", "(log(age)^2)"),
        ("-(age + 1)", "(-(age + 1))"),
        ("`椎体 高度` < 1", "(column_4 < 1)"),
        ("true", "TRUE"),
    ],
)
def test_expressions_become_r(source: str, expected: str) -> None:
    assert r_code(parse_expression(source), NAMES) == expected


def test_unknown_names_and_functions_are_refused() -> None:
    with pytest.raises(ExpressionError, match="no column 'system'"):
        r_code(parse_expression("system > 1"), NAMES)
    with pytest.raises(ExpressionError, match=r"system\(\) has no form in R"):
        r_code(parse_expression("system(age)"), NAMES)


def test_texts_cannot_leave_their_quotes() -> None:
    hostile = '"); system("rm -rf ~"); ("\\\n# 椎'
    assert r_string(hostile) == '"\\"); system(\\"rm -rf ~\\"); (\\"\\\\\\u000a# \\u690e"'
    assert r_string("a\x00b") == '"ab"'


def test_names_are_plain_and_distinct() -> None:
    names = r_names(["age", "if", "a b", "column_2", "T"])
    assert names == {
        "age": "age",
        "if": "column_2_",
        "a b": "column_3",
        "column_2": "column_2",
        "T": "column_5",
    }


@pytest.mark.parametrize("value", [0.1, 1 / 3, -2.5e-17, 123456789.0, 1e300])
def test_numbers_survive(value: float) -> None:
    assert float(r_number(value)) == value


PLAN = ReproducePlan(
    data_file="patients.csv",
    data_format="csv",
    variables=(
        PlanVariable("vas_1", "number", missing=("99",)),
        PlanVariable("vas_2", "number"),
        PlanVariable("t score", "number"),
        PlanVariable("cement", "level", (("1", "Spongy"), ("2", "Blocky"))),
        PlanVariable("grade", "level", (("0", "0-1"), ("2", "2"), ("3", "3-4"))),
        PlanVariable("age", "number"),
    ),
    derivations=(("vas_mean", "mean(vas_1, vas_2)"),),
    include=("`t score` <= -2.5",),
    exclude=("age < 40",),
    event="vas_mean >= 4",
    formula_terms=("cement", "grade", "age"),
    outcome="residual_pain",
    resamples=40,
    seed=7,
)


def test_script_is_ascii_and_carries_the_numbers() -> None:
    result = example_result()
    terms = tuple(row.term for row in result.multivariable if row.kind == "estimate")
    plan = replace(
        PLAN,
        formula_terms=tuple(dict.fromkeys(terms)),
        variables=(
            *PLAN.variables[:3],
            *(PlanVariable(t, "level") for t in dict.fromkeys(terms)),
            PlanVariable("age", "number"),
        ),
    )
    script = reproduce_script(result, plan)
    assert script.isascii()
    for row in result.multivariable:
        if row.kind == "estimate":
            assert r_number(float(row.estimate or 0)) in script
    assert 'compare("Corrected slope"' in script
    slope = next(line for line in script.splitlines() if '"Corrected slope"' in line)
    assert slope.endswith("NA, absolute = TRUE)"), "separated resamples: shown, not judged"


def test_a_short_bootstrap_is_shown_but_not_judged() -> None:
    result = example_result()
    judged = {}
    for resamples in (199, 200):
        fixed = replace(result.validation, resamples=resamples, n_separated=0)
        lines = compare_bootstrap(replace(result, validation_fixed=fixed), "")
        judged[resamples] = any("allowed * " in line for line in lines)
    assert judged == {199: False, 200: True}


def test_a_column_named_twice_is_refused() -> None:
    plan = replace(PLAN, variables=(*PLAN.variables, PlanVariable("age", "number")))
    with pytest.raises(ArgumentError, match="more than once"):
        reproduce_script(example_result(), plan)


def _patients(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A small file written to `path`; design with constant, and outcome, of who is eligible."""
    rng = np.random.default_rng(5)
    n = 260
    cement, grade = rng.integers(1, 3, n), rng.choice([0, 2, 3], n)
    age, score = rng.integers(30, 90, n), np.round(rng.normal(-3.2, 0.8, n), 1)
    base = 2.0 + 0.8 * (cement == 2) + 0.7 * (grade == 2) + 1.2 * (grade == 3) + 0.01 * age
    first = np.clip(np.round(base + rng.normal(0, 1.2, n)), 0, 10)
    second = np.clip(np.round(base + rng.normal(0, 1.2, n)), 0, 10)
    first[:4] = 99
    lines = ["vas_1,vas_2,t score,cement,grade,age"]
    lines += [
        ",".join(f"{value:g}" for value in row)
        for row in zip(first, second, score, cement, grade, age, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    kept = (score <= -2.5) & ~(age < 40) & (first != 99)
    design = np.column_stack(
        [np.ones(n), cement == 2, grade == 2, grade == 3, age.astype(float)]
    ).astype(float)[kept]
    return design, (((first + second) / 2) >= 4)[kept].astype(float)


def _fitted(design: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        risk = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (risk * (1 - risk))[:, None])
        beta = beta + np.linalg.solve(information, design.T @ (event - risk))
    return beta, np.sqrt(np.diag(np.linalg.inv(information))), risk


def _small_result(design: np.ndarray, event: np.ndarray) -> StudyResult:
    beta, errors, risk = _fitted(design, event)
    labels = (("cement", "Blocky"), ("grade", "2"), ("grade", "3-4"), ("age", ""))
    rows = tuple(
        RegressionRow("estimate", term, term, level, "", beta[k], errors[k], ratio=np.exp(beta[k]))
        for k, (term, level) in enumerate(labels, start=1)
    )
    constant = RegressionRow("intercept", "", "", "", "", beta[0], errors[0])
    cases, controls = risk[event == 1], risk[event == 0]
    order = cases[:, None] - controls[None, :]
    auc = float(((order > 0) + 0.5 * (order == 0)).mean())
    likelihood = float(np.sum(event * np.log(risk) + (1 - event) * np.log(1 - risk)))
    share = event.mean()
    null = len(event) * float(share * np.log(share) + (1 - share) * np.log(1 - share))
    r2 = (1 - np.exp(2 * (null - likelihood) / len(event))) / (1 - np.exp(2 * null / len(event)))
    span = abs(beta[4]) * (np.ceil(design[:, 4].max() / 5) - np.floor(design[:, 4].min() / 5)) * 5
    unit = 100 / max(span, abs(beta[1]), beta[3])
    axes = (
        NomogramAxis(
            "cement", "Cement", "", True, ("Spongy", "Blocky"), None, np.array([0, beta[1]]) * unit
        ),
        NomogramAxis(
            "grade",
            "Grade",
            "",
            True,
            ("0-1", "2", "3-4"),
            None,
            np.array([0, beta[2], beta[3]]) * unit,
        ),
    )
    example = example_result()
    # The corrected values are those of the example: only their arrival in R is tested here.
    table = example.validation.table.with_columns(pl.lit(1.0).alias("mc_error"))
    return replace(
        example,
        facts=replace(example.facts, data_kind="simulated"),
        flow=replace(example.flow, n=len(event), n_events=int(event.sum())),
        multivariable=(*rows, constant),
        model_summary={
            "log_likelihood": likelihood,
            "lr_statistic": 2 * (likelihood - null),
            "aic": 10 - 2 * likelihood,
            "r2": float(r2),
            "brier": float(np.mean((risk - event) ** 2)),
        },
        c_index=Estimate(auc),
        nomogram=replace(example.nomogram, axes=axes),
        validation_fixed=replace(example.validation, table=table, n_separated=0),
    )


@pytest.mark.slow
@pytest.mark.parametrize("spoiled", [False, True], ids=["agrees", "differs"])
def test_r_agrees_and_notices(tmp_path: Path, spoiled: bool) -> None:
    needs_r()
    design, event = _patients(tmp_path / "patients.csv")
    result = _small_result(design, event)
    if spoiled:
        first = result.multivariable[0]
        wrong = replace(first, estimate=float(first.estimate or 0) + 1e-4)
        result = replace(result, multivariable=(wrong, *result.multivariable[1:]))
    (tmp_path / "reproduce.R").write_text(reproduce_script(result, PLAN), encoding="ascii")
    done = subprocess.run(
        ["Rscript", "--vanilla", "reproduce.R"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == (1 if spoiled else 0), done.stdout + done.stderr
    assert f"{int(spoiled)} of " in done.stdout
    assert done.stdout.count("DIFFERS") == int(spoiled)
