"""Selection repeated on stored resamples against R, and screens that name what they find."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from tests.models.cases import quiet_fit, reference_frame, simulated
from tests.reference import loader

from vertebrisk.errors import ArgumentError, DataError, ExpressionError, VertebriskError
from vertebrisk.kernels.resamples import weights_from_indices
from vertebrisk.models.development import Selection
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.penalised.penalty import Penalty
from vertebrisk.models.selection.screening import screen_univariable

REFERENCE = loader.load("selection")
STUDIES: dict[str, dict[str, Any]] = REFERENCE["studies"]
METHODS = {
    "screen": Selection("univariable", alpha=0.05),
    "backward_p": Selection("backward", alpha=0.05, criterion="p"),
    "backward_aic": Selection("backward", criterion="aic"),
}
matrix = pytest.mark.parametrize(
    ("name", "method"), [(name, method) for name in STUDIES for method in METHODS]
)


def selected(name: str, method: str) -> LogisticFit:
    study = STUDIES[name]
    categories = REFERENCE["categories"] if name == "pima_groups" else {}
    frame = reference_frame({**study, "categories": categories})
    formula = f"{study['event']} ~ {' + '.join(study['candidates'])}"
    return quiet_fit(formula, frame, select=METHODS[method])


@matrix
def test_selection_on_all_patients(name: str, method: str) -> None:
    expected = STUDIES[name]["full"][method]
    fit = selected(name, method)
    # R lists them in the order of the candidates
    assert [term.name for term in fit.design.terms] == expected["kept"]
    assert_allclose([fit.intercept, *fit.beta], expected["coef"], rtol=1e-8)
    assert_allclose(fit.summary().aic, expected["aic"], rtol=1e-10)
    assert_allclose(fit.summary().c_index, expected["auc_training"], rtol=1e-12)


@matrix
def test_selection_on_every_resample(name: str, method: str) -> None:
    study = STUDIES[name]
    fit = selected(name, method)
    resamples = study[method]
    index = np.asarray(study["index"])[: len(resamples)]
    weights = weights_from_indices(index, fit.event.size)
    chosen = fit.development.select(weights)
    names = np.array([term.name for term in fit.development.design.terms])
    for row, expected in zip(chosen, resamples, strict=True):
        assert names[row].tolist() == expected["kept"]


@pytest.mark.parametrize("name", list(STUDIES))
def test_screen_p_values(name: str) -> None:
    study = STUDIES[name]
    fit = selected(name, "screen")
    weights = weights_from_indices(np.asarray(study["index"]), fit.event.size)
    found = fit.development.screen_p_values(weights)
    expected = [list(each["p_value"].values()) for each in study["screen"]]
    assert_allclose(found, expected, rtol=1e-7, atol=1e-300)  # a tail of a converged statistic


@pytest.mark.parametrize("name", list(STUDIES))
def test_validation_of_the_whole_procedure(name: str) -> None:
    study = STUDIES[name]
    fit = selected(name, "screen")
    found = fit.validate(indices=np.asarray(study["index"]))
    assert found.procedure == "whole procedure"
    row = found.table.filter(pl.col("measure") == "c_index").row(0, named=True)
    # separated resamples end where R's iterations do, in the order of risks if not in size
    assert_allclose(row["optimism"], study["screen_optimism"], atol=1e-4)
    if name == "pima_noise":
        assert_allclose(row["optimism"], study["screen_optimism"], rtol=1e-6)
    frequency = dict(found.selected.iter_rows())
    assert frequency == pytest.approx(study["selected_frequency"], abs=1e-12)
    assert found.selected["frequency"].is_sorted(descending=True)


def test_models_of_resamples_are_told_in_the_final_columns() -> None:
    """A resample that chose the final terms keeps its own coefficients."""
    name = "pima_groups"
    fit = selected(name, "backward_p")
    index = np.asarray(STUDIES[name]["index"])[:10]
    weights = weights_from_indices(index, fit.event.size)
    developed = fit.development(weights, fit.chosen)
    assert developed.coefficients.shape == (10, fit.beta.size + 1)
    same = (developed.selected == fit.chosen).all(axis=1)
    assert same.any()
    for position in np.flatnonzero(same):
        expected = STUDIES[name]["backward_p"][position]["coef"]
        assert_allclose(developed.coefficients[position], expected, rtol=1e-7)
    # one that chose others: its fitted risks regressed on the final columns
    other = int(np.flatnonzero(~same)[0])
    linear = developed.linear[other, developed.patterns.of]
    own = fit.matrix @ developed.coefficients[other, 1:] + developed.coefficients[other, 0]
    risk, approximated = (1 / (1 + np.exp(-eta)) for eta in (linear, own))
    columns = np.column_stack([np.ones(fit.n), fit.matrix])
    score = columns.T @ (weights[other] * (risk - approximated))
    assert_allclose(score / np.abs(columns).sum(axis=0), 0.0, atol=1e-7)


def test_nothing_selected_is_the_mean_risk() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"x": rng.normal(size=100), "y": np.arange(100) % 4 == 0})
    fit = quiet_fit("y ~ x", frame, select=Selection("univariable", alpha=1e-6))
    assert fit.design.terms == ()
    assert_allclose(fit.intercept, np.log(0.25 / 0.75), rtol=1e-12)
    assert_allclose(fit.risk, 0.25, rtol=1e-12)
    assert fit.summary().df == 0
    assert fit.summary().p_value == 1.0
    assert_allclose(fit.model.predict(frame.head(3))["risk"], 0.25, rtol=1e-12)


def test_selection_is_a_finding() -> None:
    fit = selected("pima_noise", "screen")
    finding = next(each for each in fit.findings if each.code == "univariable-screening")
    assert finding.message.startswith("7 of 11 candidates were chosen")
    assert fit.model.interval_kind == "none"
    assert quiet_fit("y ~ a", simulated(100, 1)).model.interval_kind == "model-based"


def test_comparison_as_the_screen() -> None:
    frame = simulated(200, 2)
    tests: Any = {"a": "welch", "b": "mannwhitney", "g": "pearson"}
    fit = quiet_fit(
        "y ~ a + b + g", frame, select=Selection("univariable", test="comparison", tests=tests)
    )
    p = fit.development.screen_p_values(np.ones((1, 200)))[0]
    assert [term.name for term in fit.design.terms] == [
        name for name, value in zip("abg", p, strict=True) if value < 0.05
    ]


def test_comparison_without_its_tests_is_refused() -> None:
    with pytest.raises(VertebriskError, match="test"):
        quiet_fit("y ~ a", simulated(60, 2), select=Selection("univariable", test="comparison"))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"method": "stepwise"}, "method is 'stepwise'; allowed are prespecified, univariable"),
    ({"method": "backwards"}, "Did you mean 'backward'"),
    ({"criterion": "cp"}, "criterion is 'cp'; allowed are p, aic, bic"),
    ({"penalty": 0.1}, "penalty belongs to method='lasso', and the method is 'prespecified'"),
    ({"method": "lasso", "penalty": Penalty(mix=0.5)}, "the lasso, which has no mix"),
    ({"method": "lasso", "penalty": Penalty(rule="aic")}, "use rule 'min' or '1se'"),
    ({"method": "lasso", "penalty": -1.0}, "The penalty is -1.0; it is glmnet's lambda"),
    ({"test": "wald"}, "test is 'wald'; allowed are lr, comparison"),
    ({"alpha": 0.0}, "alpha is 0.0; a number between 0 and 1"),
    ({"alpha": 5}, "alpha is 5; a number between 0 and 1"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_selections_that_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Selection(**options)


def test_interactions_are_not_selected() -> None:
    with pytest.raises(ArgumentError, match="Candidates with interactions cannot be selected"):
        quiet_fit("y ~ a*b", simulated(60, 2), select="backward")


# ------------------------------------------------------------------ the univariable table


def test_screen_of_an_empty_cell_keeps_its_likelihood_ratio() -> None:
    frame = pl.DataFrame({"cleft": ["no"] * 40 + ["yes"] * 25, "y": [1] * 12 + [0] * 28 + [0] * 25})
    row = screen_univariable(frame, "y", ["cleft"]).row(0, named=True)
    null = 12 * np.log(12 / 65) + 53 * np.log(53 / 65)
    expected = 2 * (12 * np.log(0.3) + 28 * np.log(0.7) - null)
    assert_allclose(row["lr_statistic"], expected, rtol=1e-8)
    assert row["odds_ratio"] == 0.0
    assert row["std_error"] is None
    assert row["p_value"] is None
    assert row["note"] == "no finite estimate"


def test_screen_takes_each_variable_on_its_own_rows() -> None:
    frame = pl.DataFrame(
        {
            "y": [0, 1, 0, 1, 0, 1, 1, None],
            "x": [1.0, 2.0, None, 3.0, 2.5, 1.5, 4.0, 5.0],
            "same": [1.0] * 8,
            "late": [None, 1.0, None, 2.0, None, 3.0, 4.0, 1.0],
        }
    )
    table = screen_univariable(frame, "y", ["x", "same", "late"])
    rows = {row["term"]: row for row in table.to_dicts()}
    assert (rows["x"]["n"], rows["x"]["n_events"]) == (6, 4)
    assert rows["same"]["note"] == "the same in all patients"
    assert rows["same"]["estimate"] is None
    assert rows["late"]["note"] == "only one outcome among the patients who have a value"


def test_screen_of_odd_names_and_terms() -> None:
    frame = simulated(120, 7).rename({"a": "bone density (HU)"})
    table = screen_univariable(frame, "y", ["bone density (HU)", "rcs(b, 3)", "g"])
    assert table["term"].unique(maintain_order=True).to_list() == [
        "bone density (HU)",
        "rcs(b, 3)",
        "g",
    ]
    assert table.filter(pl.col("term") == "g")["level"].to_list() == ["middle", "high"]


def test_screen_errors() -> None:
    frame = simulated(60, 1)
    with pytest.raises(DataError, match=r"There is no column 'aa'.*Did you mean 'a'"):
        screen_univariable(frame, "y", ["aa"])
    with pytest.raises(DataError, match="There is no column 'z'"):
        screen_univariable(frame, "z", ["a"])
    with pytest.raises(ArgumentError, match="variables is one text; give a list"):
        screen_univariable(frame, "y", "a")
    with pytest.raises(ArgumentError, match="level is 2"):
        screen_univariable(frame, "y", ["a"], level=2)
    with pytest.raises(ExpressionError, match="'a' holds numbers other than 0 and 1"):
        screen_univariable(frame, "a", ["b"])


def test_screen_level() -> None:
    frame = simulated(100, 1)
    table = screen_univariable(frame, "y", ["a"], level=0.5)
    reach = table["conf_high"][0] - table["estimate"][0]
    assert_allclose(reach, 0.6744897501960817 * table["std_error"][0], rtol=1e-12)
    assert_allclose(np.log(table["or_high"][0]), table["conf_high"][0], rtol=1e-12)
