"""Studies with imputed predictors, from the protocol to every artefact."""

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

from vertebrisk.errors import ProtocolError
from vertebrisk.models.imputation.pooled import PooledFit
from vertebrisk.models.logistic.fitting import fit_logistic
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol import load_protocol
from vertebrisk.study.analysis import run_study
from vertebrisk.study.options import RunOptions
from vertebrisk.study.output import write_run
from vertebrisk.study.steps import StudyRun

pytestmark = pytest.mark.usefixtures("undrawn")

VARIABLES: dict[str, dict[str, Any]] = {
    "npreg": {"label": {"en": "Pregnancies", "zh": "妊娠次数"}},
    "glu": {"label": "Glucose", "unit": "mg/dl"},
    "bmi_group": {"label": "Body mass", "levels": ["normal", "overweight", "obese"]},
    "parous": {"label": "Parous", "levels": ["no", "yes"]},
    "ratio": {"label": "Glucose by pregnancies", "derive": "glu / (npreg + 1)"},
    "noise1": {"label": "Noise"},
}
DIABETES = {
    "name": "diabetes",
    "label": {"en": "Diabetes", "zh": "糖尿病"},
    "event": 'type == "Yes"',
    "time_point": "at the visit",
}
IMPUTED = {"method": "imputation", "imputations": 6, "iterations": 3}


def patients(shares: dict[str, float], only: str = "") -> pl.DataFrame:
    """Pima women some of whose values are missing; `only` of one outcome, where it is named."""
    noise = reference_frame("pima_noise").select("noise1")
    data = pl.concat([reference_frame("pima_groups"), noise], how="horizontal")
    random = np.random.default_rng(4)
    for name, share in shares.items():
        gap = random.random(data.height) < share
        if only:
            gap &= (data["type"] == only).to_numpy()
        data = data.with_columns(
            pl.when(pl.Series(gap)).then(None).otherwise(pl.col(name)).alias(name)
        )
    return data


def study(folder: Path, data: pl.DataFrame, missing: dict[str, Any], **analysis: Any) -> Path:
    data.write_csv(folder / "patients.csv")
    return write_study(
        folder,
        variables=VARIABLES,
        outcome=DIABETES,
        validation={"resamples": 6},
        analysis={"compare": ["npreg", "glu", "bmi_group"], **analysis},
        missing=missing,
    )


def run(path: Path, **options: Any) -> StudyRun:
    return run_study(load_protocol(path), RunOptions(**options))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyRun, Path]:
    folder = tmp_path_factory.mktemp("imputed")
    data = patients({"glu": 0.15, "bmi_group": 0.2})
    path = study(folder, data, {**IMPUTED, "auxiliary": ["noise1"]})
    text = path.read_text(encoding="utf-8").replace("instability = false", "instability = true")
    path.write_text(text, encoding="utf-8")
    found = run(path)
    write_run(found, folder / "out")
    return found, folder / "out"


def codes(found: StudyRun) -> set[str]:
    return {each.code for each in found.result.findings}


def test_nobody_leaves_and_the_incomplete_are_counted(made: tuple[StudyRun, Path]) -> None:
    found, _ = made
    result, imputed = found.result, found.result.imputed
    assert isinstance(found.fit, PooledFit)
    assert imputed is not None
    assert result.flow.n == 200
    frame = found.cohort.frame
    lacking = frame.select(
        pl.any_horizontal(pl.col("glu", "bmi_group").is_null())
    ).to_series()  # fmt: skip
    assert result.flow.n_imputed == imputed.n_incomplete == lacking.sum() > 0
    assert all(step.kind != "predictor-missing" for step in result.flow.steps)
    assert "complete-case-loss" not in codes(found)


def test_the_stability_of_the_predictions_is_that_of_the_pooled_fit(
    made: tuple[StudyRun, Path],
) -> None:
    found, out = made
    assert isinstance(found.fit, PooledFit)
    unstable = found.result.instability
    assert unstable is not None
    again = found.fit.instability(6, unstable.seed or 0)
    assert_allclose(again.risks, unstable.risks)
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"on average {100 * unstable.mape:.1f} percentage points off" in page


def test_estimates_are_those_of_the_pooled_fit(made: tuple[StudyRun, Path]) -> None:
    found, out = made
    assert isinstance(found.fit, PooledFit)
    table = found.fit.coefficients()
    rows = [row for row in found.result.multivariable if row.kind == "estimate"]
    assert [row.estimate for row in rows] == table["estimate"].to_list()[1:]
    assert [row.p_value for row in rows] == table["p_value"].to_list()[1:]
    joint = next(row for row in found.result.multivariable if row.kind == "overall")
    assert joint.p_value == found.fit.term_tests().filter(term="bmi_group")["wald_p_value"][0]
    model = RiskModel.load(out / "model.json")
    assert_allclose(model.beta, found.fit.slopes)
    assert model.interval_kind == "model-based"
    alone = next(row for row in found.result.univariable if row.term == "glu")
    assert alone.n == 200
    assert alone.lr_p_value is None


def test_complete_cases_stand_beside(made: tuple[StudyRun, Path]) -> None:
    found, _ = made
    assert found.result.imputed is not None
    complete = found.result.imputed.complete
    assert complete is not None
    known = found.cohort.frame.with_columns(event=pl.Series(found.cohort.event)).drop_nulls(
        ["glu", "bmi_group"]
    )
    own = fit_logistic("event ~ npreg + glu + bmi_group", known).coefficients()
    assert complete.n == known.height
    assert complete.n_events == known["event"].sum()
    rows = [row for row in complete.rows if row.kind == "estimate"]
    assert_allclose([float(row.estimate or 0) for row in rows], own["estimate"][1:], rtol=1e-8)


def test_the_document_holds_its_schema_and_no_patient(made: tuple[StudyRun, Path]) -> None:
    found, out = made
    document = json.loads((out / "results.json").read_text(encoding="utf-8"))
    validate_results(document)
    told = document["imputed"]
    assert all(row["n"] >= 5 or row["missing"] is None for row in told["patterns"])
    assert sum(row["n"] for row in told["patterns"]) == 200
    of_glucose = [row for row in told["densities"] if row["variable"] == "glu"]
    step = of_glucose[1]["at"] - of_glucose[0]["at"]
    assert_allclose(sum(row["observed"] for row in of_glucose) * step, 1.0, atol=0.02)
    shares = [row for row in told["densities"] if row["variable"] == "bmi_group"]
    assert_allclose(sum(row["imputed"] for row in shares), 1.0)
    assert {row["variable"] for row in told["convergence"]} == {"glu", "bmi_group"}
    assert found.result.model_summary["imputations"] == 6


def test_a_variable_missing_in_few_shows_no_drawn_value(tmp_path: Path) -> None:
    data = patients({"glu": 0.2}).with_columns(
        bmi_group=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("bmi_group")
    )
    imputed = run(study(tmp_path, data, IMPUTED)).result.imputed
    assert imputed is not None
    assert set(imputed.convergence["variable"]) == set(imputed.densities["variable"]) == {"glu"}
    assert imputed.patterns.filter(pl.col("missing").is_null())["n"].to_list() == [3]


def test_the_report_tells_of_the_imputation(made: tuple[StudyRun, Path]) -> None:
    _, out = made
    page = (out / "report.html").read_text(encoding="utf-8")
    for text in (
        "6 completed tables of",
        "Missing information (%)",
        "Imputed and complete-case model",
        "figure-missing_patterns",
        "figure-convergence",
        "figure-imputed_values",
    ):
        assert text in page
    assert "no value was imputed" not in page
    assert "can do without one of several inputs" in page


def test_the_report_in_chinese(made: tuple[StudyRun, Path], tmp_path: Path) -> None:
    path = made[1].parent / "protocol.toml"
    write_run(run(path, language="zh", resamples=3), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "共6个插补表" in page
    assert "完整病例" in page


def test_derived_numbers_stay_what_they_are_computed_from(tmp_path: Path) -> None:
    analysis = {"compare": ["ratio", "bmi_group"]}
    found = run(study(tmp_path, patients({"glu": 0.2}), IMPUTED, **analysis))
    assert isinstance(found.fit, PooledFit)
    data = found.fit.imputations
    assert {each.name: each.method for each in data.variables} == {
        "ratio": "passive",
        "bmi_group": "polytomous",
        "glu": "pmm",
        "npreg": "pmm",
    }
    for table in data.frames():
        assert_allclose(table["ratio"], table["glu"] / (table["npreg"] + 1))
    imputed = found.result.imputed
    assert imputed is not None
    assert dict(imputed.variables.select("variable", "role").iter_rows())["glu"] == "source"


def test_selection_is_repeated_and_told(tmp_path: Path) -> None:
    path = study(
        tmp_path,
        patients({"glu": 0.15}),
        IMPUTED,
        compare=["npreg", "glu", "noise1"],
        select="backward",
    )
    found = run(path)
    assert "noise1" not in [term.name for term in found.fit.design.terms]
    assert found.result.validation.procedure == "whole procedure"
    assert found.result.validation_fixed is not None
    assert found.result.validation.selected.height == 3
    selected = {row.term: row.selected for row in found.result.univariable}
    assert selected == {"npreg": True, "glu": True, "noise1": False}


def test_nothing_selected_is_a_model_without_predictors(tmp_path: Path) -> None:
    path = study(
        tmp_path, patients({"noise1": 0.2}), IMPUTED, compare=["noise1"], select="backward"
    )
    found = run(path, resamples=4)
    write_run(found, tmp_path / "out")
    assert not found.fit.design.terms
    assert "nothing-selected" in codes(found)
    assert_allclose(found.model.intercept, np.log(68 / 132))
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Patients with complete data allow no model" not in page


@pytest.mark.parametrize(
    ("shares", "only", "more", "told"),
    [
        ({"glu": 0.6}, "", {}, {"many-incomplete", "mostly-missing"}),
        ({"glu": 0.4}, "Yes", {}, {"missing-in-one-group"}),
        ({"glu": 0.2}, "", {}, {"few-imputations", "no-auxiliary"}),
    ],
)
def test_findings(
    tmp_path: Path, shares: dict[str, float], only: str, more: dict[str, Any], told: set[str]
) -> None:
    path = study(tmp_path, patients(shares, only), {**IMPUTED, **more})
    assert told <= codes(run(path, resamples=2))


def test_nearly_all_missing_is_an_error_finding(tmp_path: Path) -> None:
    found = run(study(tmp_path, patients({"glu": 0.93}), IMPUTED), resamples=2)
    share = found.cohort.frame["glu"].null_count() / 200
    severities = {each.severity for each in found.result.findings if each.code == "mostly-missing"}
    assert severities == ({"error"} if share >= 0.95 else {"warning"})


def test_enough_imputations_raise_nothing(made: tuple[StudyRun, Path], tmp_path: Path) -> None:
    assert "few-imputations" in codes(made[0])
    assert "no-auxiliary" not in codes(made[0])
    path = study(tmp_path, patients({"glu": 0.04}), {**IMPUTED, "imputations": 7})
    assert {"few-imputations", "many-incomplete"}.isdisjoint(codes(run(path, resamples=2)))


def test_nothing_missing_is_the_ordinary_study(tmp_path: Path) -> None:
    found = run(study(tmp_path, patients({}), IMPUTED), resamples=3)
    assert "nothing-to-impute" in codes(found)
    assert found.result.imputed is None


def test_complete_cases_point_to_the_imputation(tmp_path: Path) -> None:
    found = run(study(tmp_path, patients({"glu": 0.2}), {"method": "complete-cases"}))
    loss = next(each for each in found.result.findings if each.code == "complete-case-loss")
    assert "[missing]" in loss.remedy
    assert found.result.flow.n < 200
    assert found.result.flow.n_imputed == 0


def test_defaults_of_the_protocol(tmp_path: Path) -> None:
    path = study(tmp_path, patients({"glu": 0.1}), {"method": "imputation"})
    protocol = load_protocol(path)
    assert (protocol.missing.imputations, protocol.missing.iterations) == (20, 10)
    assert protocol.validation.resamples == 6  # as written
    text = path.read_text(encoding="utf-8").replace("resamples = 6\n", "")
    path.write_text(text, encoding="utf-8")
    assert load_protocol(path).validation.resamples == 200
    path.write_text(text.replace('"imputation"', '"complete-cases"'), encoding="utf-8")
    assert load_protocol(path).validation.resamples == 1000


@pytest.mark.parametrize(
    ("missing", "analysis", "line"),
    [
        ({"imputations": 5}, {}, "'imputations' in [missing] belongs to method"),
        ({"method": "mean"}, {}, "method"),
        ({**IMPUTED, "imputations": 1}, {}, "at least 2"),
        ({**IMPUTED, "auxiliary": ["nois1"]}, {}, "Did you mean 'noise1'?"),
        ({**IMPUTED, "methods": {"bmi_group": "pmm"}}, {}, "holds levels"),
        ({**IMPUTED, "methods": {"glu": "mean"}}, {}, "glu"),
        (IMPUTED, {"estimator": "lasso"}, 'goes with estimator = "ml", "firth" or "auto"'),
        (IMPUTED, {"intervals": "profile"}, "Rubin's rules"),
        (IMPUTED, {"intervals": "profile", "estimator": "auto"}, "by profiles where Firth's"),
        (IMPUTED, {"select": "lasso"}, 'has no select = "lasso"'),
        (IMPUTED, {"shrinkage": "bootstrap"}, "knows no 'shrinkage'"),
        (
            IMPUTED,
            {"select": {"method": "backward", "criterion": "aic"}},
            "P values of pooled tests",
        ),
    ],
)
def test_bad_protocols_get_a_line(
    tmp_path: Path, missing: dict[str, Any], analysis: dict[str, Any], line: str
) -> None:
    path = study(tmp_path, patients({"glu": 0.1}), missing, **analysis)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(path)
    assert line in str(caught.value)


@pytest.mark.slow
def test_mice_agrees_within_its_own_chance(made: tuple[StudyRun, Path]) -> None:
    _, out = made
    reproduced(out.parent, "mice")
