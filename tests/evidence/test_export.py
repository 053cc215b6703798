"""Models from printed tables: what is read, what is refused, and intercepts that are solved."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from vertebrisk.errors import ArgumentError, DataError, PaperError
from vertebrisk.evidence.coefficients import ReadTerm
from vertebrisk.evidence.export import find_model, published_model
from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.margins import Moments, Share, Stratum, over_margins, whole_numbers
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.protocol.toml_files import frozen

LI = {
    ("ivc", "Yes"): 1.332,
    ("fascia_oedema", "Yes"): 1.377,
    ("goutallier", "2"): 1.758,
    ("goutallier", "3-4"): 2.622,
    ("cement_distribution", "Blocky"): 0.8,
}


def betas(model: RiskModel) -> dict[tuple[str, str], float]:
    columns = [(column.term, column.level) for column in model.design.columns]
    return dict(zip(columns, model.beta.tolist(), strict=True))


def changed(study_id: str, **design: Any) -> PublishedStudy:
    document = library_study(study_id).to_dict()
    document["design"] |= design
    return PublishedStudy.model_validate(frozen(document))


def with_rows(
    study_id: str, rows: list[dict[str, Any]], *, compared: bool = True
) -> PublishedStudy:
    """The study with another regression table, and with the groups compared or without."""
    document = library_study(study_id).to_dict()
    document["compared"] *= compared
    document["model"] = [{"id": "final", "kind": "logistic", "place": "T", "coefficient": rows}]
    return PublishedStudy.model_validate(frozen(document))


def test_the_consistent_reading_solves_for_the_models_own_terms() -> None:
    made = published_model(library_study("li2021"))
    # blocky's constant is -3.361, so that of spongy cement is -3.361 - 0.800
    assert_allclose(made.model.intercept, -4.161, rtol=1e-12)
    assert betas(made.model) == pytest.approx(LI, rel=1e-12)
    assert made.model.interval_kind == "none"
    assert any("constant is read as the constant of blocky" in note for note in made.notes)
    patient = {"ivc": ["Yes"], "fascia_oedema": ["No"], "goutallier": ["2"]}
    risk = made.model.predict(pl.DataFrame(patient | {"cement_distribution": ["Spongy"]}))
    assert_allclose(risk["risk"][0], expit(-4.161 + 1.332 + 1.758), rtol=1e-12)
    assert risk["conf_low"][0] is None


def test_the_printed_reading_is_had_for_the_asking_and_says_so() -> None:
    made = published_model(library_study("li2021"), reading="printed")
    assert made.model.intercept == -3.361
    assert betas(made.model)["cement_distribution", "Blocky"] == -0.8
    assert betas(made.model)["fascia_oedema", "Yes"] == 1.337
    assert any("is taken as printed" in note for note in made.notes)


def test_a_model_survives_its_own_json() -> None:
    made = published_model(library_study("li2021")).model
    again = RiskModel.from_dict(made.to_dict())
    assert again.to_dict() == made.to_dict()
    assert again.nomogram().points.height == 9
    assert "li2021" in again.provenance.study


@pytest.mark.parametrize(
    ("study_id", "options", "told"),
    [
        ("anonymous2020", {}, "does not print an intercept; a case-control study has no intercept"),
        ("anonymous2020", {}, "61 events in 1120 patients"),
        ("anonymous2021", {"reading": "printed"}, "the abstract does not print an intercept"),
        ("anonymous2021", {}, "contradicts itself without a recorded reading"),
        ("anonymous2024", {}, "the coefficients of bmd, fascia_injury = Yes, ivc = Yes"),
        ("chen2025", {}, "severity with its level.* nor a baseline survival"),
        ("li2021", {"model": "abstract"}, "does not print an intercept"),
        ("li2021", {"model": "finale"}, "prints no model 'finale'.*Did you mean 'final'"),
    ],
)
def test_what_is_missing_is_said(study_id: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(PaperError, match=told):
        published_model(library_study(study_id), **options)


def test_the_constant_of_a_case_control_study_is_not_a_populations() -> None:
    population = {"text": "All", "place": "T", "n": "2000", "n_events": "37"}
    sampled = changed("li2021", kind="case-control", population=population)
    with pytest.raises(PaperError, match="has no intercept of its population"):
        published_model(sampled)
    solved = published_model(sampled, prevalence=0.05, distribution="paper")
    assert solved.model.intercept < -4.161
    assert any("weighing by the prevalence" in note for note in solved.notes)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"prevalence": 0.054}, "A prevalence alone gives no intercept"),
        ({"distribution": "paper"}, "needs the prevalence"),
        ({"prevalence": 5.4, "distribution": "paper"}, "between 0 and 1"),
        (
            {"prevalence": 0.05, "distribution": "paper", "patients": pl.DataFrame()},
            "not both",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        published_model(library_study("anonymous2020"), **options)


def test_the_intercept_gives_the_prevalence_over_a_cohort() -> None:
    rng = np.random.default_rng(3)
    patients = pl.DataFrame(
        {
            "tfi": rng.choice(["No", "Yes"], 400, p=[0.7, 0.3]),
            "liquefaction": rng.choice(["No", "Yes"], 400, p=[0.8, 0.2]),
            "fractures": rng.integers(1, 4, 400),
            "cement_distribution": rng.choice(["Dissatisfied", "Satisfied"], 400),
        }
    ).with_columns(fractures=pl.when(pl.int_range(400) < 7).then(None).otherwise("fractures"))
    made = published_model(library_study("anonymous2020"), prevalence=0.054, patients=patients)
    risks = made.model.predict(patients)["risk"].drop_nulls()
    assert risks.len() == 393
    assert risks.mean() == pytest.approx(0.054, rel=1e-9)
    assert "7 rows lack a predictor and were left out." in made.notes


def test_the_intercept_gives_the_prevalence_over_the_printed_distributions() -> None:
    """Patients drawn from the printed margins have the prevalence as their mean risk."""
    made = published_model(library_study("anonymous2020"), prevalence=0.054, distribution="paper")
    rng = np.random.default_rng(5)
    size = 400_000
    event = rng.random(size) < 0.054

    def level(cases: int, controls: int) -> Any:
        return rng.random(size) < np.where(event, cases / 61, controls / 61)

    counts = {True: whole_numbers(2.41, 0.74, (1, 3)), False: whole_numbers(1.33, 0.57, (1, 3))}
    fractures = np.zeros(size)
    for group, (values, shares) in counts.items():
        fractures[event == group] = rng.choice(values, int((event == group).sum()), p=shares)
    linear = (
        made.model.intercept
        + 1.682 * level(44, 16)
        + 1.810 * level(38, 15)
        + 2.319 * fractures
        - 1.376 * level(28, 42)
    )
    # Monte Carlo: the SD of the risks is about 0.12, so the mean is known to 0.0002
    assert expit(linear).mean() == pytest.approx(0.054, abs=6e-4)


def test_a_cohorts_own_share_of_events_nearly_gives_its_own_intercept() -> None:
    # The printed constant belongs to the true joint distribution, this one to independence
    # within groups, which the paper's four factors come near to.
    made = published_model(library_study("li2021"), prevalence=37 / 268, distribution="paper")
    assert made.model.intercept == pytest.approx(-4.161, abs=0.1)


def test_a_distribution_file_is_read_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "population.toml"
    text = """
note = "A register"
[variables]
tfi = { levels = { No = 0.8, Yes = 0.2 } }
liquefaction = { levels = { No = 0.9, Yes = 0.1 } }
fractures = { values = { 1 = 0.7, 2 = 0.2, 3 = 0.1 } }
cement_distribution = { levels = { Satisfied = 0.6, Dissatisfied = 0.4 } }
"""
    path.write_text(text, encoding="utf-8")
    study = library_study("anonymous2020")
    made = published_model(study, prevalence=0.1, distribution=path)
    total = 0.0
    for tfi, p in ((0, 0.8), (1.682, 0.2)):
        for liquefaction, q in ((0, 0.9), (1.810, 0.1)):
            for number, r in ((1, 0.7), (2, 0.2), (3, 0.1)):
                for cement, s in ((-1.376, 0.6), (0, 0.4)):
                    linear = made.model.intercept + tfi + liquefaction + 2.319 * number + cement
                    total += p * q * r * s * expit(linear)
    assert_allclose(total, 0.1, rtol=1e-9)
    for old, new, told in (
        ("Yes = 0.2", "Ja = 0.2", "'Ja' in the distribution of 'tfi' is not a level"),
        ("Yes = 0.2", "Yes = 0.4", "add up to 1.2"),
        ("liquefaction =", "liquefactions =", "says nothing of 'liquefaction'.*Did you mean"),
        ("levels = { No = 0.8, Yes = 0.2 }", "mean = 0.2, sd = 0.1", "needs 'levels', not a mean"),
        ("levels = { No = 0.8", "level = { No = 0.8", "Unknown key 'level'.*Did you mean 'levels'"),
        ("{ 1 = 0.7,", "{ one = 0.7,", "'one' among the values is not a number"),
    ):
        path.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises((PaperError, ArgumentError), match=told):
            published_model(study, prevalence=0.1, distribution=path)


def test_a_paper_without_distributions_cannot_be_its_own_population() -> None:
    with pytest.raises(PaperError, match="prints no distribution of bmi, adjacent_fracture"):
        published_model(
            library_study("anonymous2021"), reading="printed", prevalence=0.15, distribution="paper"
        )


def test_the_normal_part_of_a_distribution_is_integrated() -> None:
    terms = [ReadTerm("bmi", (), (0.21,)), ReadTerm("ivc", ("No", "Yes"), (1.1,))]
    margins: dict[str, Moments | Share] = {
        "bmi": Moments(24.0, 3.5),
        "ivc": Share({"No": 0.75, "Yes": 0.25}),
    }
    linear = over_margins(terms, [Stratum(1.0, margins)])

    def mean(shift: float) -> float:
        def integrand(z: float) -> float:
            return float(expit(-7 + shift + 0.21 * (24 + 3.5 * z)) * norm.pdf(z))

        return float(quad(integrand, -10, 10, epsabs=1e-13)[0])

    assert_allclose(linear.mean_risk(-7), 0.75 * mean(0) + 0.25 * mean(1.1), rtol=1e-9)


@settings(max_examples=15)
@given(
    mean=st.floats(1.2, 4.8), sd=st.floats(0.6, 1.3), prevalence=st.floats(0.001, 0.999),
    beta=st.floats(-3, 3),
)  # fmt: skip
def test_a_solved_intercept_has_its_prevalence(
    mean: float, sd: float, prevalence: float, beta: float
) -> None:
    values, shares = whole_numbers(mean, sd, (0, 6))
    assert_allclose(shares @ values, mean, atol=1e-3)
    assert_allclose(math.sqrt(shares @ values**2 - (shares @ values) ** 2), sd, atol=1e-3)
    margins = {"fractures": Moments(mean, sd, (0, 6))}
    linear = over_margins([ReadTerm("fractures", (), (beta,))], [Stratum(1.0, margins)])
    assert_allclose(linear.mean_risk(linear.intercept_for(prevalence)), prevalence, rtol=1e-8)


def test_impossible_whole_numbers_are_refused() -> None:
    with pytest.raises(ArgumentError, match="No distribution of whole numbers from 1 to 3"):
        whole_numbers(2.9, 0.9, (1, 3))


def test_the_level_without_a_row_is_the_reference() -> None:
    rows = [
        {"term": "ivc", "level": "No", "estimate": "-1.332"},
        {"term": "constant", "estimate": "-2.829"},
    ]
    model = published_model(with_rows("li2021", rows, compared=False)).model
    assert model.design.predictor("ivc").levels == ("Yes", "No")
    assert betas(model) == {("ivc", "No"): -1.332}


def test_a_ratio_stands_in_for_a_coefficient_and_must_agree_with_it() -> None:
    constant = {"term": "constant", "estimate": "-2.0"}
    row = {"term": "ivc", "level": "Yes", "ratio": "3.790"}
    model = published_model(with_rows("li2021", [row, constant], compared=False)).model
    assert_allclose(model.beta, math.log(3.79), rtol=1e-12)
    study = with_rows("li2021", [row | {"estimate": "1.132"}, constant], compared=False)
    with pytest.raises(PaperError, match=r"B 1\.132 and the ratio 3\.790 are not of one number"):
        published_model(study)
    assert published_model(study, reading="printed").model.beta.tolist() == [1.132]


def test_levels_without_coefficients_are_named() -> None:
    rows = [
        {"term": "goutallier", "level": "3-4", "estimate": "2.622"},
        {"term": "constant", "estimate": "-2.0"},
    ]
    with pytest.raises(PaperError, match="does not print the coefficient of goutallier = 2"):
        published_model(with_rows("li2021", rows))


def test_a_model_is_found_by_path_or_library_id(tmp_path: Path) -> None:
    made = published_model(library_study("li2021")).model
    made.save(tmp_path / "model.json")
    assert find_model(tmp_path / "model.json")[0].to_dict() == made.to_dict()
    model, notes = find_model("li2021")
    assert model.intercept == made.intercept
    assert notes
    with pytest.raises(DataError, match="Did you mean 'li2021'"):
        find_model("li2012")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"n": "37"}, {"n": "0"}, "prints a group of no patients"),
        ({"count": ["14", "6"]}, {"count": ["14", "-6"]}, "of ivc is no distribution"),
    ],
)
def test_print_that_is_no_distribution_is_refused(
    old: dict[str, Any], new: dict[str, Any], told: str
) -> None:
    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            hit = all(value.get(key) == each for key, each in old.items())
            return {k: replaced(v) for k, v in (value | new if hit else value).items()}
        return [replaced(each) for each in value] if isinstance(value, list) else value

    document = replaced(library_study("li2021").to_dict())
    study = PublishedStudy.model_validate(frozen(document))
    with pytest.raises(PaperError, match=told):
        published_model(study, prevalence=0.1, distribution="paper")


def test_a_table_without_terms_is_no_model() -> None:
    study = with_rows("li2021", [{"term": "constant", "estimate": "-2.0"}])
    with pytest.raises(PaperError, match="does not print any coefficient"):
        published_model(study)
