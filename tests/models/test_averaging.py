"""Risks averaged over missing inputs: against exact mixtures, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import integrate, optimize, special
from tests.models.cases import quiet_fit, simulated
from tests.reference import loader

import vertebrisk as vr
from vertebrisk.errors import ArgumentError, ModelError
from vertebrisk.kernels.imputation.sweeps import DRAWS
from vertebrisk.models.averaging.inputs import InputModel, MissingInputs
from vertebrisk.models.averaging.learning import learnt
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.portable.risk_model import RiskModel

# Sums of the same numbers in another order.
TIGHT = 1e-12


def people(n: int = 400) -> pl.DataFrame:
    """Numbers, one of them skewed and one of three values, a category and a truth."""
    frame = simulated(n, 6)
    noise = pl.Series(np.random.default_rng(9).normal(size=n))
    return frame.with_columns(
        c=(pl.col("a") * 0.4 + noise * 0.5).exp() + 1,
        e=pl.col("b") + 0.3 * pl.col("a") > 0,
        f=(pl.col("b") * 1.5).round().clip(-1, 1),
    )


PEOPLE = people()


@cache
def fitted() -> LogisticFit:
    return quiet_fit("y ~ a + c + C(e) + f + g", PEOPLE)


@cache
def averaging() -> RiskModel:
    return fitted().model.with_missing_inputs(fitted(), ordered=["g"])


def inputs_of(model: RiskModel) -> MissingInputs:
    assert model.missing_inputs is not None
    return model.missing_inputs


def without(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, dtype=frame.schema[name]).alias(name) for name in names)


def rows_of(patient: dict[str, Any], name: str, values: Any) -> pl.DataFrame:
    return pl.DataFrame([{**patient, name: value} for value in values])


def conditional_of(model: RiskModel, patients: pl.DataFrame, name: str) -> tuple[InputModel, Any]:
    """The model of one input, and its linear predictors without constants."""
    inputs, design = inputs_of(model), model.design
    place = design.variables.index(name)
    codes = {
        each.name: np.array([each.code(value) for value in patients[each.name]])
        for each in design.predictors
    }
    own = model.conditionals[place]
    return inputs.inputs[place], inputs.columns(design, codes) @ own.slopes.T


PATIENTS = PEOPLE.filter(pl.col("a").abs() < 1.9, pl.col("c").is_between(1.3, 3.0)).head(12)


def test_one_missing_level_gives_the_exact_mixture_of_two() -> None:
    """Each level has its share of the 1019 draws to the nearest whole one."""
    model = averaging()
    found = model.predict(without(PATIENTS, "e"))
    one, linear = conditional_of(model, PATIENTS, "e")
    share = special.expit(one.constants + linear)[:, 0]
    both = [
        model.predict(PATIENTS.with_columns(e=pl.lit(truth)))["risk"].to_numpy()
        for truth in (False, True)
    ]
    exact = (1.0 - share) * both[0] + share * both[1]
    error = np.abs(both[1] - both[0]) / DRAWS
    assert (np.abs(found["risk"].to_numpy() - exact) <= error).all()
    assert error.max() < 0.0003
    assert (found["flags"] == "averaged over: e").all()
    assert found["linear_predictor"].null_count() == found["total_points"].null_count() == 12


def test_the_interval_of_one_missing_level_is_that_of_the_mixture() -> None:
    model = averaging()
    found = model.predict(without(PATIENTS, "e"))
    one, linear = conditional_of(model, PATIENTS, "e")
    share = special.expit(one.constants + linear)[:, 0]
    known = [model.predict(PATIENTS.with_columns(e=pl.lit(t))) for t in (False, True)]
    means = np.array([each["linear_predictor"].to_numpy() for each in known])
    ends = np.array([special.logit(each["conf_high"].to_numpy()) for each in known])
    sds = (ends - means) / 1.959963984540054
    for place in range(PATIENTS.height):
        parts = np.array([1.0 - share[place], share[place]])

        def below(q: float, parts: Any = parts, place: int = place) -> float:
            return float(parts @ special.ndtr((q - means[:, place]) / sds[:, place]))

        for key, tail in (("conf_low", 0.025), ("conf_high", 0.975)):
            limit = float(special.logit(found[key][place]))
            # The share is right to half a draw.
            assert abs(below(limit) - tail) < 0.5 / DRAWS
            exact = optimize.brentq(lambda q, t=tail: below(q) - t, -30, 30)
            assert abs(special.expit(exact) - found[key][place]) < 0.02


@pytest.mark.parametrize("name", ["a", "c"])
def test_one_missing_number_gives_the_integral(name: str) -> None:
    """The rule of 1019 midpoints of the unit against adaptive quadrature of the clipped normal."""
    model = averaging()
    found = model.predict(without(PATIENTS, name))["risk"].to_numpy()
    one, linear = conditional_of(model, PATIENTS, name)
    assert one.scale is not None
    assert bool(one.scale.side) == (name == "c")
    limits = model.design.predictor(name).limits
    assert limits is not None
    low, high = (float(one.scale.column(np.array([each]))[0]) for each in limits)
    for place, patient in enumerate(PATIENTS.drop("y").to_dicts()):
        centre = float(one.constants[0] + linear[place, 0])

        grid = np.linspace(low, high, 41)
        values = one.scale.number(grid).tolist()
        risks = model.predict(rows_of(patient, name, values))["risk"].to_numpy()
        z = (grid - centre) / one.sd
        density = np.exp(-0.5 * z * z) / one.sd / np.sqrt(2 * np.pi)
        inner = integrate.simpson(risks * density, x=grid)
        tails = special.ndtr((low - centre) / one.sd), special.ndtr((centre - high) / one.sd)
        exact = inner + tails[0] * risks[0] + tails[1] * risks[-1]
        # Simpson's rule on 40 parts of a smooth curve leaves 1e-5; midpoints less.
        assert abs(found[place] - exact) < 5e-5


def test_an_ordered_input_of_few_values_gives_the_exact_mixture() -> None:
    model = averaging()
    for name, values in (("f", [-1.0, 0.0, 1.0]), ("g", list(model.design.predictor("g").levels))):
        one, linear = conditional_of(model, PATIENTS, name)
        assert one.kind == "ordered"
        below = np.column_stack([special.expit(one.constants - linear), np.ones(12)])
        shares = np.diff(below, axis=1, prepend=0.0)
        risks = np.array([
            model.predict(PATIENTS.with_columns(pl.lit(value).alias(name)))["risk"].to_numpy()
            for value in values
        ])  # fmt: skip
        found = model.predict(without(PATIENTS, name))["risk"].to_numpy()
        assert_allclose(found, (shares.T * risks).sum(axis=0), atol=2.0 * np.ptp(risks) / DRAWS)


def test_the_interval_of_coefficient_draws_is_that_of_all_pairs() -> None:
    """Each draw meets some of the patient's draws; all pairs leave the percentiles near."""
    plain = averaging()
    size = plain.beta.size + 1
    assert plain.covariance is not None
    noise = np.random.default_rng(2).multivariate_normal(np.zeros(size), plain.covariance, 400)
    model = plain.with_draws(np.array([plain.intercept, *plain.beta]) + noise)
    found = model.predict(without(PATIENTS, "e"))
    exact = plain.predict(without(PATIENTS, "e"))
    one, linear = conditional_of(model, PATIENTS, "e")
    shares = special.expit(one.constants + linear)[:, 0]
    matrices = [
        model.design.matrix(
            {
                each.name: np.array([each.code(value) for value in known[each.name]])
                for each in model.design.predictors
            }
        )
        for known in (PATIENTS.with_columns(e=pl.lit(truth)) for truth in (False, True))
    ]
    assert model.draws is not None
    for place, share in enumerate(shares):
        values = [model.draws @ np.array([1.0, *matrix[place]]) for matrix in matrices]
        weights = np.repeat([1.0 - share, share], 400)
        both = np.concatenate(values)
        order = np.argsort(both)
        below = np.cumsum(weights[order]) / 400
        for key, tail in (("conf_low", 0.025), ("conf_high", 0.975)):
            limit = special.expit(both[order][np.searchsorted(below, tail)])
            # A 400th of the share lies between neighbours; the tails have 10 of them.
            assert abs(found[key][place] - limit) < 0.03
    assert found["risk"].to_list() == pytest.approx(exact["risk"].to_list(), rel=TIGHT)


@given(
    a=st.floats(-2, 2), c=st.floats(1.2, 4), f=st.sampled_from([-1.0, 0.0, 1.0]),
    g=st.sampled_from(["low", "middle", "high"]), gaps=st.sets(st.sampled_from("acfg"), max_size=3),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_an_average_over_a_level_lies_between_its_risks(
    a: float, c: float, f: float, g: str, gaps: set[str]
) -> None:
    """With the level known, the rest averaged: a mean over the level cannot lie outside."""
    patient = pl.DataFrame({"a": [a], "c": [c], "e": [True], "f": [f], "g": [g]})
    rest = without(patient, *gaps)
    model = averaging()
    average = model.predict(without(rest, "e"))
    risk = float(average["risk"][0])
    assert 0.0 <= average["conf_low"][0] < risk < average["conf_high"][0] <= 1.0
    if not gaps:
        known = [
            float(model.predict(rest.with_columns(e=pl.lit(t)))["risk"][0]) for t in (False, True)
        ]
        assert min(known) - TIGHT <= risk <= max(known) + TIGHT


def test_who_is_not_known_has_a_wider_interval() -> None:
    model = averaging()
    found = model.predict(without(PATIENTS, "a", "g"))
    whole = model.predict(PATIENTS)
    width = found["conf_high"] - found["conf_low"]
    assert (width > 1.2 * (whole["conf_high"] - whole["conf_low"])).all()


def test_averages_have_the_mean_risk_of_the_cohort() -> None:
    """Fitted shares are the observed ones, so averaging moves the mean risk by little."""
    model = averaging()
    known = model.predict(PEOPLE)["risk"].to_numpy().mean()
    for names in (("e",), ("g",), ("a",), ("e", "f"), ("a", "e", "g")):
        mean = model.predict(without(PEOPLE, *names))["risk"].to_numpy().mean()
        # Half of the standard error of a mean risk in 400 patients.
        assert abs(mean - known) < 0.5 * np.sqrt(known * (1 - known) / 400)


def test_a_patient_alone_is_that_patient_among_others() -> None:
    frame = pl.concat(
        [without(PATIENTS.slice(2 * k, 2), *names) for k, names in
         enumerate([(), ("a",), ("a", "e"), ("f", "g", "c"), ("a", "c", "e", "f"), ("g",)])]
    )  # fmt: skip
    whole = averaging().predict(frame)
    turned = averaging().predict(frame.reverse()).reverse()
    alone = pl.concat([averaging().predict(row) for row in frame.iter_slices(1)])
    assert_frame_equal(whole, turned, rel_tol=TIGHT, abs_tol=TIGHT)
    assert_frame_equal(whole, alone, rel_tol=TIGHT, abs_tol=TIGHT)


def test_the_units_of_an_input_do_not_matter() -> None:
    turned = PEOPLE.with_columns(pl.col("a") * 1000 + 5, pl.col("c") / 7)
    fit = quiet_fit("y ~ a + c + C(e) + f + g", turned)
    model = fit.model.with_missing_inputs(fit, ordered=["g"])
    for names in (("a",), ("c", "g"), ("e",)):
        risks = [
            each.predict(without(frame.head(20), *names))["risk"].to_numpy()
            for each, frame in ((averaging(), PEOPLE), (model, turned))
        ]
        # The search for the shift without skewness ends at 1e-6 of its logarithm, and an
        # estimate of Newton's at a relative change of the likelihood of 1e-10.
        assert_allclose(risks[0], risks[1], rtol=1e-5)


def test_what_cannot_be_averaged_is_asked_for() -> None:
    model = averaging()
    nobody = model.predict(without(PATIENTS, "a", "c", "e", "f", "g"))
    assert nobody["risk"].null_count() == 12
    assert nobody["flags"][0] == "missing: a; missing: c; missing: e; missing: f; missing: g"
    strange = without(PATIENTS, "a").with_columns(g=pl.lit("severe"))
    found = model.predict(strange)
    assert found["risk"].null_count() == 12
    assert found["flags"][0] == "missing: a; unknown level: g"
    asking = fitted().model.predict(without(PATIENTS, "a"))
    assert asking["risk"].null_count() == 12
    assert (asking["flags"] == "missing: a").all()


def test_known_inputs_are_still_checked() -> None:
    found = averaging().predict(without(PATIENTS, "e").with_columns(a=pl.lit(9.0)))
    assert found["risk"].null_count() == 0
    assert found["flags"].unique().to_list() == ["extrapolation: a; averaged over: e"]


def test_a_stratum_is_asked_for_and_no_draw() -> None:
    frame = loader.frame("gbsg")
    fit = vr.fit_cox("Surv(rfstime, status) ~ age + nodes + strata(grade)", frame)
    model = fit.model.with_missing_inputs(fit)
    found = model.predict(without(frame.head(4), "age", "grade"))
    assert found["risk"].null_count() == 4
    assert (found["flags"] == "averaged over: age; missing: grade").all()
    one = model.predict(without(frame.head(4), "age"))
    assert one["risk"].null_count() == 0
    assert "averaged over: age" in one["flags"][0]


def test_complete_patients_are_scored_as_before() -> None:
    assert_frame_equal(averaging().predict(PEOPLE), fitted().model.predict(PEOPLE))


def test_it_knows_neither_outcome_nor_anything_that_is_not_asked() -> None:
    turned = fitted()
    other = quiet_fit("y ~ a + c + C(e) + f + g", PEOPLE.with_columns(y=~pl.col("y")))
    again = other.model.with_missing_inputs(other, ordered=["g"])
    assert inputs_of(again).to_dict() == inputs_of(averaging()).to_dict()
    names = [each["name"] for each in inputs_of(averaging()).to_dict()["inputs"]]
    assert tuple(names) == turned.design.variables


def test_it_holds_no_value_of_a_patient() -> None:
    def numbers(value: Any) -> list[float]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [x for each in value for x in numbers(each)]
        return [float(value)] if isinstance(value, int | float) else []

    held = numbers(inputs_of(averaging()).to_dict())
    values = np.concatenate([PEOPLE["a"].to_numpy(), PEOPLE["c"].to_numpy()])
    assert not [each for each in held if np.isclose(values, each, rtol=1e-9, atol=0).any()]
    assert len(held) < 80


def test_sampled_controls_count_as_in_their_population() -> None:
    source = vr.SourcePopulation(0.05)
    fit = quiet_fit("y ~ a + C(e) + g", PEOPLE, source=source)
    model = fit.model.with_missing_inputs(fit)
    event = PEOPLE["y"].cast(pl.Float64).to_numpy()
    assert fit.sampling is not None
    weights = fit.sampling.weights(event)
    expected = np.average(PEOPLE["e"].cast(pl.Float64).to_numpy(), weights=weights)
    one, linear = conditional_of(model, PEOPLE, "e")
    fitted_share = special.expit(one.constants + linear)[:, 0]
    # Newton's last step: the likelihood promises less than 1e-8.
    assert_allclose(np.average(fitted_share, weights=weights), expected, rtol=1e-6)


def test_imputed_tables_are_averaged() -> None:
    frame = loader.frame("pima_missing")
    found = vr.impute("type == 'Yes' ~ glu + skin + bmi", frame, imputations=3, iterations=2)
    fit = vr.fit_imputed("type == 'Yes' ~ glu + skin + bmi", found)
    inputs = inputs_of(fit.model.with_missing_inputs(fit))
    parts = [learnt(each.design, [each.development.codes], np.ones(each.n)) for each in fit.fits]
    for place, one in enumerate(inputs.inputs):
        # Each table alone has a scale of its own, so the regressions are compared by what they
        # fit: all three scales are near, and their mean is nearer.
        alone = np.mean([each.inputs[place].slopes for each in parts], axis=0)
        assert_allclose(one.slopes, alone, atol=0.02)
        assert 0.5 < one.sd < 1.0
    model = fit.model.with_missing_inputs(fit)
    risks = model.predict(frame.filter(pl.col("skin").is_null()).head(40))
    assert risks["risk"].null_count() == 0
    assert risks["flags"].str.contains("averaged over: skin").all()


def test_every_kind_of_fit_takes_them_along() -> None:
    gbsg = loader.frame("gbsg")
    for fit in (
        quiet_fit("y ~ a + C(e) + g", PEOPLE, estimator="firth"),
        quiet_fit("y ~ a + C(e) + g", PEOPLE, estimator="ridge", penalty=0.05),
        quiet_fit("y ~ a + C(e) + g + c", PEOPLE, select="backward"),
        vr.fit_cox("Surv(rfstime, status) ~ age + nodes + C(grade)", gbsg, estimator="firth"),
    ):
        model = fit.model.with_missing_inputs(fit)
        again = RiskModel.from_dict(json.loads(json.dumps(model.to_dict())))
        frame = PEOPLE if "a" in fit.design.variables else gbsg
        gaps = without(frame.head(5), fit.design.variables[0])
        assert model.predict(gaps)["risk"].null_count() == 0
        assert_frame_equal(model.predict(gaps), again.predict(gaps))


def test_what_has_no_inputs_to_average_is_refused() -> None:
    alone = quiet_fit("y ~ a", PEOPLE)
    with pytest.raises(ModelError, match="fewer than two inputs cannot average"):
        alone.model.with_missing_inputs(alone)
    with pytest.raises(ModelError, match="other predictors than the model"):
        fitted().model.with_missing_inputs(alone)
    with pytest.raises(ArgumentError, match="names 'h', which is no input"):
        fitted().model.with_missing_inputs(fitted(), ordered=["h"])
    with pytest.raises(ArgumentError, match="names 'e', which has not three levels"):
        fitted().model.with_missing_inputs(fitted(), ordered=["e"])
    matched = replace(fitted().model.population, design="case-control", matched=("age",))
    model = replace(fitted().model, population=matched)
    with pytest.raises(ModelError, match="controls were matched"):
        model.with_missing_inputs(fitted())


Damage = Callable[[dict[str, Any]], object]
DAMAGED: list[tuple[str, Damage, str]] = [
    ("another predictor", lambda d: d["inputs"][0].update(name="h"), "are not its predictors"),
    ("one fewer", lambda d: d["inputs"].pop(), "are not its predictors"),
    ("no list", lambda d: d.update(inputs=3), "damaged"),
    ("no slopes", lambda d: d["inputs"][0].pop("slopes"), "damaged: it has no 'slopes'"),
    ("short slopes", lambda d: d["inputs"][0]["slopes"][0].pop(), "damaged"),
    ("no number", lambda d: d["inputs"][0].update(constants=["1"]), "'a' that is no number"),
    ("truth", lambda d: d["inputs"][0].update(sd=True), "'a' that is no number"),
    ("nan", lambda d: d["inputs"][0].update(sd=float("nan")), "'a' that is not finite"),
    ("sd below 0", lambda d: d["inputs"][0].update(sd=-1.0), "an SD of 'a' below 0"),
    ("kind", lambda d: d["inputs"][0].update(kind="donors"), "a way that it does not have"),
    ("normal levels", lambda d: d["inputs"][2].update(kind="normal"), "a way that it does not"),
    ("levels of a number", lambda d: d["inputs"][0].update(kind="levels"), "levels that it does"),
    ("thresholds", lambda d: d["inputs"][4]["constants"].reverse(), "of 'g' that are not in order"),
    ("no scale", lambda d: d["inputs"][0].update(scale=None), "does not suit 'a'"),
    ("scale of levels", lambda d: d["inputs"][2].update(scale=d["inputs"][0]["scale"]), "suit 'e'"),
    ("spread", lambda d: d["inputs"][0]["scale"].update(spread=0.0), "of 'a' that is none"),
    ("side", lambda d: d["inputs"][0]["scale"].update(side=2.0), "of 'a' that is none"),
    ("shift", lambda d: d["inputs"][1]["scale"].update(shift=1e6), "of 'c' short of its range"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "told"), [each[1:] for each in DAMAGED],
                         ids=[each[0] for each in DAMAGED])  # fmt: skip
def test_a_damaged_document_is_refused_in_one_line(damage: Damage, told: str) -> None:
    document = copy.deepcopy(averaging().to_dict())
    damage(document["missing_inputs"])
    with pytest.raises(ModelError, match=told) as raised:
        RiskModel.from_dict(document)
    assert "\n" not in str(raised.value)


def test_a_typical_level_that_is_none_is_the_reference() -> None:
    document = averaging().to_dict()
    for each in document["design"]["predictors"]:
        if each["name"] == "g":
            each["adjust_to"] = "none of them"
    model = RiskModel.from_dict(document)
    gaps = without(PATIENTS, "e", "g")
    # Twelve sweeps forget where they began, but for a few draws at the edge of a level.
    assert_allclose(model.predict(gaps)["risk"], averaging().predict(gaps)["risk"], atol=0.002)


def test_a_document_without_them_asks() -> None:
    document = averaging().to_dict()
    del document["missing_inputs"]
    assert RiskModel.from_dict(document).missing_inputs is None
