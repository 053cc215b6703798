"""Studies of time to event with imputed predictors, from the protocol to every artefact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.protocols import write_study
from tests.reference.loader import frame as reference_frame
from tests.reproducing import reproduced
from tests.schemas import validate_results

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, ProtocolError
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

OUTCOME: dict[str, Any] = {
    "name": "recurrence",
    "label": {"en": "Recurrence", "zh": "复发"},
    "kind": "time-to-event",
    "event": "status == 1",
    "time": "rfstime",
    "time_unit": "days",
    "horizons": [730, 1461],
    "time_point": "2 years",
}
VARIABLES: dict[str, dict[str, Any]] = {
    "age": {"label": "Age", "unit": "years"},
    "grade": {"label": "Grade", "levels": ["1", "2", "3"]},
    "nodes": {"label": "Nodes"},
    "pgr": {"label": "Progesterone receptor"},
    "meno": {"label": "Menopause", "codes": {"0": "before", "1": "after"}},
    "entry": {"label": "Entry", "unit": "days"},
}
IMPUTED = {"method": "imputation", "imputations": 4, "iterations": 2}
SHARES = {"grade": 0.15, "nodes": 0.2}


def patients(shares: dict[str, float], only: int | None = None) -> pl.DataFrame:
    """Women of whom some values are missing; `only` of one status, where it is named."""
    data = reference_frame("gbsg").tail(400)
    random = np.random.default_rng(4)
    for name, share in shares.items():
        gap = random.random(data.height) < share
        if only is not None:
            gap &= (data["status"] == only).to_numpy()
        data = data.with_columns(
            pl.when(pl.Series(gap)).then(None).otherwise(pl.col(name)).alias(name)
        )
    return data


def study(
    folder: Path, data: pl.DataFrame, missing: dict[str, Any] | None = None, **tables: Any
) -> Path:
    data.write_csv(folder / "patients.csv")
    analysis = {"compare": ["age", "grade", "nodes"], **tables.pop("analysis", {})}
    outcome = {**OUTCOME, **tables.pop("outcome", {})}
    return write_study(
        folder,
        variables=VARIABLES,
        outcome=outcome,
        validation={"resamples": 5},
        analysis=analysis,
        study={"use_at": "postoperative"},
        missing={**IMPUTED, **(missing or {})},
        **tables,
    )


def run(path: Path, **options: Any) -> StudyRun:
    return run_study(load_protocol(path), RunOptions(**options))


def codes(found: StudyRun) -> set[str]:
    return {each.code for each in found.result.findings}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("imputed-cox")
    found = run(study(folder, patients(SHARES), {"auxiliary": ["pgr"]}))
    write_run(found, folder / "out")
    return found, folder / "out"


def pooled(found: StudyRun) -> PooledFit:
    assert isinstance(found.fit, PooledFit)
    return found.fit


def test_the_run_is_what_python_gives(made: tuple[StudyRun, Path]) -> None:
    found, _ = made
    formula = "Surv(rfstime, status == 1) ~ age + C(grade) + nodes"
    text = patients(SHARES).with_columns(pl.col("grade").cast(pl.String))
    data = vr.impute(formula, text, imputations=4, iterations=2, seed=3, auxiliary=["pgr"])
    fit = vr.fit_imputed(formula, data, horizons=[730, 1461])
    table, own = fit.coefficients(), pooled(found).coefficients()
    assert_allclose(own["estimate"], table["estimate"], rtol=1e-8)
    assert_allclose(own["df"], table["df"], rtol=1e-6)
    assert found.result.flow.n == 400
    assert found.result.c_index.estimate == pytest.approx(fit.c_index()[0])


def test_results_at_the_horizons(made: tuple[StudyRun, Path]) -> None:
    found, out = made
    survival = found.result.survival
    assert survival is not None
    assert [each.horizon for each in survival.horizons] == [730.0, 1461.0]
    for each in survival.horizons:
        assert each.calibration is not None
        assert each.decision is not None
        measures = dict(each.measures.select("measure", "apparent").iter_rows())
        assert 0.6 < measures["auc"] < 0.85
    assert survival.uno is not None
    assert survival.uno.estimate == pytest.approx(
        pooled(found).c_index(kind="uno", tau=1461.0)[0], rel=1e-12
    )
    hazards = survival.hazards
    assert hazards["term"].to_list() == ["age", "grade", "nodes", "GLOBAL"]
    assert not survival.curves.auc.is_empty()
    assert not survival.curves.residuals.is_empty()
    model = RiskModel.load(out / "model.json")
    assert model.horizons == (730.0, 1461.0)
    assert_allclose(model.beta, pooled(found).slopes)
    assert model.interval_kind == "model-based"


def test_complete_cases_stand_beside(made: tuple[StudyRun, Path]) -> None:
    found, _ = made
    imputed = found.result.imputed
    assert imputed is not None
    assert imputed.complete is not None
    known = patients(SHARES).drop_nulls(["grade", "nodes"])
    own = vr.fit_cox("Surv(rfstime, status == 1) ~ age + C(grade) + nodes", known)
    rows = [row for row in imputed.complete.rows if row.kind == "estimate"]
    assert_allclose([row.estimate or 0.0 for row in rows], own.beta, rtol=1e-8)
    assert imputed.complete.n == known.height
    assert imputed.complete.c_index.estimate == pytest.approx(own.concordance)


def test_missingness_knows_of_follow_up(made: tuple[StudyRun, Path]) -> None:
    found, _ = made
    assert found.result.imputed is not None
    row = found.result.imputed.variables.row(by_predicate=pl.col("variable") == "grade", named=True)
    gap = patients(SHARES)["grade"].is_null()
    data = patients(SHARES)
    test = vr.log_rank(data["rfstime"], data["status"] == 1, gap.cast(pl.Int64))
    assert row["test"] == "log-rank"
    assert row["p_value"] == pytest.approx(test.p_value)
    alone = data.filter(gap)
    curve = vr.kaplan_meier(alone["rfstime"], alone["status"] == 0).frame
    assert row["follow_up_missing"] == curve.filter(pl.col("survival") <= 0.5)["time"][0]


def test_the_document_and_the_page(made: tuple[StudyRun, Path]) -> None:
    _, out = made
    document = json.loads((out / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    assert document["roc"] is None
    page = (out / "report.html").read_text(encoding="utf-8")
    for text in (
        "Nelson-Aalen cumulative hazard",
        "Multivariable Cox regression, pooled over imputations",
        "Missing values by event and length of follow-up",
        "Imputed and complete-case model",
        "figure-missing_patterns",
        "figure-convergence",
        "figure-imputed_values",
        "figure-schoenfeld",
        "figure-calibration_2",
        "figure-decision_2",
        "pooled as D2",
    ):
        assert text in page, text
    assert "no value was imputed" not in page


def test_the_page_in_chinese(made: tuple[StudyRun, Path], tmp_path: Path) -> None:
    path = made[1].parent / "protocol.toml"
    write_run(run(path, language="zh", resamples=3), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Nelson-Aalen累积风险" in page
    assert "按事件与随访时间的缺失情况" in page


def test_selection_by_pooled_tests_is_repeated_and_told(tmp_path: Path) -> None:
    changes = {"select": "backward", "compare": ["age", "grade", "nodes", "meno"]}
    found = run(study(tmp_path, patients(SHARES), analysis=changes))
    terms = {term.name for term in found.fit.design.terms}
    assert "nodes" in terms
    assert terms < {"age", "grade", "nodes", "meno"}
    assert (pooled(found).wald_tests()["wald_p_value"] < 0.05).all()
    fall = next(each for each in found.result.findings if each.code == "overfitting")
    assert "imputed for this without their outcome" in fall.explanation
    rule = "pooled test of each term (D1), P < 0.05 to stay, refitted at each step"
    assert found.result.facts.selection_rule == rule
    write_run(found, tmp_path / "out")
    document = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert document["selection_cost"]
    assert document["validation"]["choices"]["models"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Models chosen most often" in page
    assert "Optimism that selection costs" in page


def test_univariable_selection(tmp_path: Path) -> None:
    changes = {"select": {"method": "univariable", "alpha": 0.05}}
    found = run(study(tmp_path, patients(SHARES), analysis=changes), resamples=2)
    assert {row.selected for row in found.result.univariable if row.term == "nodes"} == {True}


def test_shapes_are_tested_over_the_tables(tmp_path: Path) -> None:
    changes = {"terms": ["rcs(nodes, 3)"]}
    found = run(study(tmp_path, patients(SHARES), analysis=changes), resamples=2)
    shapes = found.result.shapes
    assert shapes is not None
    line = shapes.tests.filter(term="nodes", kind="nonlinear").row(0, named=True)
    coefficient = pooled(found).coefficients().filter(term="rcs(nodes, 3)").row(1, named=True)
    assert line["wald"] == pytest.approx(coefficient["statistic"] ** 2)  # one column: D1 is t²
    assert [each.variable for each in shapes.effects] == ["nodes"]


def test_strata_and_a_stratum_that_is_missing(tmp_path: Path) -> None:
    data = patients(SHARES).with_columns(
        meno=pl.when(pl.int_range(pl.len()) < 7).then(None).otherwise("meno")
    )
    found = run(study(tmp_path, data, analysis={"strata": ["meno"]}), resamples=3)
    assert found.result.flow.n == 393
    lost = next(each for each in found.result.findings if each.code == "complete-case-loss")
    assert "because a stratum is missing" in lost.message
    assert "make it a candidate" in lost.remedy
    assert found.result.flow.steps[-1].reason == "stratum missing"
    assert len(found.model.baselines) == 2
    assert found.result.imputed is not None
    roles = dict(found.result.imputed.variables.select("variable", "role").iter_rows())
    assert roles["meno"] == "stratum"
    write_run(found, tmp_path / "out")
    formula = "Surv(rfstime, status == 1) ~ nodes + strata(meno)"
    tables = vr.impute(formula, data, imputations=2, iterations=1)
    with pytest.raises(ArgumentError, match="is a stratum and missing"):
        vr.fit_imputed(formula, tables)


def test_late_entry(tmp_path: Path) -> None:
    data = patients({"nodes": 0.2}).with_columns(entry=pl.col("rfstime") * 0.2)
    found = run(study(tmp_path, data, outcome={"entry": "entry"}), resamples=3)
    formula = "Surv(entry, rfstime, status == 1) ~ age + C(grade) + nodes"
    text = data.with_columns(pl.col("grade").cast(pl.String))
    fit = vr.fit_imputed(formula, vr.impute(formula, text, imputations=4, iterations=2, seed=3))
    assert_allclose(pooled(found).slopes, fit.slopes, rtol=1e-8)
    write_run(found, tmp_path / "out")


def test_nothing_selected(tmp_path: Path) -> None:
    changes = {"select": "backward", "compare": ["pgr"]}
    random = np.random.default_rng(6)
    data = patients({}).with_columns(
        pgr=pl.Series([None if u < 0.2 else float(x) for u, x in random.random((400, 2))])
    )
    found = run(study(tmp_path, data, analysis=changes), resamples=3)
    assert not found.fit.design.terms
    assert "nothing-selected" in codes(found)
    write_run(found, tmp_path / "out")


def test_separated_resamples_are_told_once(tmp_path: Path) -> None:
    """Fourteen events: some resamples separate a table; nothing is said of one outcome only."""
    data = patients(SHARES)
    rare = pl.concat([data.filter(pl.col("status") == 1).head(14),
                      data.filter(pl.col("status") == 0).head(120)])  # fmt: skip
    found = run(study(tmp_path, rare), resamples=12)
    validation = found.result.validation
    assert 0 < validation.n_separated == validation.n_failed < 12
    assert "separated-resamples" in codes(found)
    assert "failed-resamples" not in codes(found)
    write_run(found, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "in one of their tables" in page
    assert "could not be fitted" not in page


@pytest.mark.parametrize(
    ("shares", "only", "told"),
    [
        ({"nodes": 0.6}, None, {"many-incomplete", "mostly-missing"}),
        ({"nodes": 0.5}, 1, {"missing-in-one-group"}),
        ({"nodes": 0.2}, None, {"few-imputations"}),
    ],
)
def test_findings(
    tmp_path: Path, shares: dict[str, float], only: int | None, told: set[str]
) -> None:
    assert told <= codes(run(study(tmp_path, patients(shares, only)), resamples=2))


@pytest.mark.parametrize(
    ("outcome", "analysis", "line"),
    [
        ({"competing": "status == 2"}, {}, 'this one is "fine-gray"'),
        ({}, {"beside": "logistic"}, "no logistic model beside"),
        ({}, {"select": "lasso"}, 'has no select = "lasso"'),
    ],
)
def test_what_imputation_does_not_go_with(
    tmp_path: Path, outcome: dict[str, Any], analysis: dict[str, Any], line: str
) -> None:
    path = study(tmp_path, patients(SHARES), outcome=outcome, analysis=analysis)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    assert line in str(caught.value)


@pytest.mark.slow
def test_mice_agrees_within_its_own_chance(made: tuple[StudyRun, Path]) -> None:
    _, out = made
    assert "agrees" in reproduced(out.parent, "mice")
