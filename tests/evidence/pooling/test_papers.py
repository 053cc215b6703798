"""Studies pooled from their papers: the numbers are those of `pool` on the print."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.evidence.pooling.papers import RESIDUAL_PAIN, residual_pain, with_rows

from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.evidence.library import library_study
from vertebrisk.evidence.pooling.asymmetry import egger
from vertebrisk.evidence.pooling.factors import house_factors
from vertebrisk.evidence.pooling.papers import PooledPapers, pool_papers
from vertebrisk.evidence.pooling.pooling import pool
from vertebrisk.evidence.pooling.proportions import pool_proportions
from vertebrisk.evidence.pooling.regression import meta_regression
from vertebrisk.evidence.pooling.subsets import leave_one_out, pool_subgroups

EVENTS, SIZES = [14, 18, 61, 37], [150, 120, 1120, 268]
LOGITS = [math.log(x / (n - x)) for x, n in zip(EVENTS, SIZES, strict=True)]
ERRORS = [math.sqrt(1 / x + 1 / (n - x)) for x, n in zip(EVENTS, SIZES, strict=True)]
# The same function on the same numbers, up to the last bit of a logarithm.
SAME = 1e-10


def pooled(measure: Any = "incidence", **options: Any) -> PooledPapers:
    return pool_papers(RESIDUAL_PAIN, measure, **options)


def codes(result: PooledPapers) -> set[str]:
    return {finding.code for finding in result.findings}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "DL"},
        {"method": "PM", "prediction_df": "k-2"},
        {"method": "FE"},
        {"hartung_knapp": False},
        {"model": "binomial-normal"},
    ],
)
def test_the_incidence_is_that_of_the_printed_counts(options: dict[str, Any]) -> None:
    found, expected = pooled(**options).pooled, pool_proportions(EVENTS, SIZES, **options)
    for name in ("estimate", "conf_low", "conf_high", "tau2", "i2", "q"):
        assert_allclose(getattr(found, name), getattr(expected, name), rtol=SAME, err_msg=name)
    assert (found.method, found.prediction_df) == (expected.method, expected.prediction_df)


def test_a_factor_is_pooled_on_the_log_scale() -> None:
    found = pooled("odds-ratio", factor="fascia_injury").pooled
    expected = pool([1.682, 1.377], [0.584, 0.602], scale="log")
    assert_allclose(found.estimate, expected.estimate, rtol=SAME)
    assert_allclose(found.conf_high, expected.conf_high, rtol=SAME)
    # two nearly equal weights by hand: the mean of 1.682 and 1.377 weighted by 1 / SE^2
    weights = [1 / 0.584**2, 1 / 0.602**2]
    by_hand = (1.682 * weights[0] + 1.377 * weights[1]) / sum(weights)
    assert_allclose(found.estimate, by_hand, rtol=SAME)
    assert_allclose(found.natural().estimate, math.exp(by_hand), rtol=SAME)


def test_two_studies_warn_and_one_is_refused_with_the_reason_of_each() -> None:
    assert "two-studies" in codes(pooled("odds-ratio", factor="cement_distribution"))
    with pytest.raises(DataError) as raised:
        pooled("odds-ratio", factor="intravertebral_cleft")
    message = str(raised.value)
    assert message.startswith("Only Li 2021 gives a usable odds ratio of 'Intravertebral vacuum")
    assert "Anonymous 2020: 'liquefaction' is not it" in message
    assert "\n" not in message
    with pytest.raises(DataError, match="No study gives a usable odds ratio"):
        pooled("odds-ratio", factor="low_bone_density")


def test_studies_that_are_not_pooled_are_a_finding_with_their_reasons() -> None:
    result = pooled("odds-ratio", factor="fascia_injury")
    told = next(each for each in result.findings if each.code == "studies-not-pooled")
    assert "Anonymous 2024" in told.message
    assert "Anonymous 2021" in told.message
    assert {each.study for each in result.evidence.unused} == {"anonymous2024", "anonymous2021"}


def test_groups_are_pooled_apart() -> None:
    result = pooled(subgroup="time_point")
    groups = ["1 month", "6 months", "2 days to 1 month", "1 month"]
    expected = pool_subgroups(LOGITS, ERRORS, groups, scale="logit")
    assert result.subgroups is not None
    assert [each.group for each in result.subgroups.groups] == [
        each.group for each in expected.groups
    ]
    assert_allclose(result.subgroups.q or 0, expected.q or 1, rtol=SAME)
    assert [each.study for each in result.members("1 month")] == ["anonymous2024", "li2021"]
    mixed = pooled(subgroup="time_point", model="binomial-normal").subgroups
    assert mixed is not None
    assert mixed.q is None
    by_hand = pool_proportions([14, 37], [150, 268], model="binomial-normal")
    assert_allclose(mixed.groups[0].pooled.estimate, by_hand.estimate, rtol=SAME)


def test_leaving_out_regression_and_eggers_test_are_the_librarys() -> None:
    result = pooled(without_each=True, moderator="n_events")
    assert result.omitted is not None
    expected = leave_one_out(LOGITS, ERRORS, studies=RESIDUAL_PAIN)
    assert_allclose(result.omitted["estimate"], expected["estimate"], rtol=SAME)
    assert result.omitted["omitted"].to_list() == list(RESIDUAL_PAIN)
    regressed = meta_regression(LOGITS, ERRORS, {"n_events": EVENTS})
    assert result.regression is not None
    assert_allclose(
        [each.estimate for each in result.regression.coefficients],
        [each.estimate for each in regressed.coefficients],
        rtol=SAME,
    )
    tested = egger(LOGITS, ERRORS)
    assert result.egger is not None
    assert_allclose(result.egger.p_value or 0, tested.p_value or 1, rtol=SAME)
    assert "egger-few-studies" in codes(result)
    mixed = pooled(without_each=True, model="binomial-normal").omitted
    assert mixed is not None
    rest = pool_proportions(EVENTS[1:], SIZES[1:], model="binomial-normal")
    assert_allclose(mixed["estimate"][0], rest.estimate, rtol=SAME)


def test_a_property_in_words_is_a_moderator_too() -> None:
    result = pooled(moderator="design")
    assert result.regression is not None
    assert [each.level for each in result.regression.coefficients] == ["", "cohort"]


def test_a_table_adds_studies_and_its_columns_are_groups(tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("study,events,n,time_point\nkim2020,9,80,1 month\n", encoding="utf-8")
    result = pooled(table=path, subgroup="time_point")
    expected = pool_proportions([*EVENTS, 9], [*SIZES, 80])
    assert_allclose(result.pooled.estimate, expected.estimate, rtol=SAME)
    assert [each.study for each in result.members("1 month")][-1] == "kim2020"
    message = next(f.message for f in result.findings if f.code == "time-points-differ")
    assert "1 month (Anonymous 2024, Li 2021, Kim 2020)" in message
    path.write_text("study,events,n\nli2021,9,80\n", encoding="utf-8")
    with pytest.raises(DataError, match="'li2021' is both a paper and a row of the table"):
        pooled(table=path)


def test_a_table_alone_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "aucs.csv"
    path.write_text("study,auc,auc_se\na,0.70,0.04\nb,0.75,0.03\n", encoding="utf-8")
    found = pool_papers([], "c-statistic", table=path).pooled
    estimates = [math.log(0.7 / 0.3), math.log(3)]
    expected = pool(estimates, [0.04 / 0.21, 0.03 / 0.1875], scale="logit")
    assert_allclose(found.estimate, expected.estimate, rtol=SAME)


def test_crude_and_adjusted_can_be_groups() -> None:
    studies = [
        library_study("li2021"),
        with_rows("anonymous2020", [{"term": "liquefaction", "level": "Yes"}], alone=False),
    ]
    result = pool_papers(studies, "odds-ratio", factor="fascia_injury", subgroup="source")
    assert result.subgroups is not None
    assert [each.group for each in result.subgroups.groups] == ["adjusted", "crude"]
    assert "sources-mixed" in codes(result)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"subgroup": "treshold"}, DataError, "Did you mean 'threshold'"),
        ({"subgroup": "outcome"}, DataError, "all studies are of one group, 'residual_pain'"),
        ({"moderator": "year"}, DataError, "it is not stated of Anonymous 2021, Anonymous 2020"),
        ({"measure": "auc"}, ArgumentError, "measure is 'auc'; allowed are incidence"),
        ({"method": "reml"}, ArgumentError, "method is 'reml'"),
        (
            {"measure": "odds-ratio", "factor": "tfi", "model": "binomial-normal"},
            ArgumentError,
            "binomial-normal is of an incidence",
        ),
        ({"model": "binomial-normal", "moderator": "n"}, ArgumentError, "--moderator goes with"),
    ],
)
def test_options_that_cannot_be_are_one_line(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        pooled(**options)


def test_no_paper_and_two_studies_without_each() -> None:
    with pytest.raises(ArgumentError, match="No paper is given"):
        pool_papers([], "incidence")
    with pytest.raises(DataError, match="--leave-one-out needs three studies"):
        pool_papers(["li2021", "anonymous2024"], "incidence", without_each=True)


def test_studies_may_be_given_as_they_are() -> None:
    assert_allclose(
        pool_papers(residual_pain(), "incidence").pooled.estimate, pooled().pooled.estimate
    )


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tables_rows_of_another_kind_are_listed_and_not_pooled(tmp_path: Path) -> None:
    text = "study,ratio,conf_low,conf_high,source\na,2,1,4,adjusted\nb,3,1,9,Crude\nc,2,1,4,\n"
    path = table(tmp_path, text)
    result = pooled("odds-ratio", factor="fascia_injury", table=path, source="adjusted")
    assert [each.study for each in result.evidence.estimates] == [
        "anonymous2020", "li2021", "a", "c",
    ]  # fmt: skip
    reasons = {each.study: each.reason for each in result.evidence.unused}
    assert reasons["b"] == "table.csv, row 2 is crude, and adjusted is pooled"
    assert "source-not-told" in codes(result)
    both = pooled("odds-ratio", factor="fascia_injury", table=path)
    assert "sources-mixed" in codes(both)


def test_performance_of_two_kinds_is_never_pooled_together(tmp_path: Path) -> None:
    text = "study,auc,auc_se,source\na,.7,.04,external\nb,.8,.04,apparent\nc,.71,.03,external\n"
    path = table(tmp_path, text)
    result = pool_papers([], "c-statistic", table=path)
    assert [each.study for each in result.evidence.estimates] == ["a", "c"]
    assert "studies-not-pooled" in codes(result)
    with pytest.raises(DataError, match=r"Only B gives|Only b gives"):
        pool_papers([], "c-statistic", table=path, performance="apparent")


def test_a_table_of_a_known_factor_has_its_name(tmp_path: Path) -> None:
    path = table(tmp_path, "study,estimate,std_error\na,1,0.4\nb,0.8,0.3\n")
    result = pool_papers([], "odds-ratio", table=path, factor="fascia_injury")
    assert result.evidence.title.text("en") == "Thoracolumbar fascia injury"
    with pytest.raises(ArgumentError, match="--factor goes with odds ratios"):
        pool_papers([], "slope", table=path, factor="fascia_injury")


@given(st.permutations(RESIDUAL_PAIN))
def test_the_order_of_the_papers_changes_nothing(order: list[str]) -> None:
    found, expected = pool_papers(order, "incidence").pooled, pooled().pooled
    for name in ("estimate", "conf_low", "prediction_high", "tau2"):
        # sums in another order; REML stops at a relative change of about 1e-10
        assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-6, err_msg=name)


@given(st.sampled_from(["fascia_injury", "cement_distribution", "female_sex"]), st.booleans())
def test_a_factor_turned_round_is_the_ratio_inverted(name: str, crude: bool) -> None:
    source: Any = "crude" if crude or name == "female_sex" else "adjusted"
    turned = house_factors()[name].model_copy(
        update={
            "name": tuple(
                each.model_copy(update={"level": each.reference, "reference": each.level})
                for each in house_factors()[name].name
            )
        }
    )
    one = pooled("odds-ratio", factor=name, source=source).pooled
    other = pooled("odds-ratio", factor="turned", factors={"turned": turned}, source=source).pooled
    assert_allclose(other.estimate, -one.estimate, rtol=1e-9, atol=1e-12)
    assert_allclose(other.conf_high, -one.conf_low, rtol=1e-9)
