"""From printed tables to the question, and every reason why it cannot be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from tests.evidence.feasibility.papers import number, variable

from vertebrisk.evidence.feasibility.margins import Distribution, allowed
from vertebrisk.evidence.feasibility.model import NotCheckable, Sample, feasibility_problem
from vertebrisk.evidence.feasibility.readings import Problem
from vertebrisk.evidence.printed_tables import Coefficient, PaperModel
from vertebrisk.evidence.published import PaperVariable

SAMPLES = (Sample(number("40"), True), Sample(number("160"), False))
ROWS = (
    {"term": "cleft", "level": "Yes", "estimate": "1.100"},
    {"term": "segments", "estimate": "0.40"},
    {"term": "constant", "estimate": "-2.20"},
)
VARIABLES = {"cleft": variable(("No", "Yes")), "segments": variable(most=3)}


def cells(*texts: str) -> tuple[Any, ...]:
    return tuple(number(text) for text in texts)


def cleft(no: Sequence[str] = ("25", "140"), yes: Sequence[str] = ("15", "20")) -> Distribution:
    return Distribution("cleft", {"No": cells(*no), "Yes": cells(*yes)})


SEGMENTS = Distribution("segments", mean=cells("1.42", "1.12"), sd=cells("0.71", "0.55"))


def asked(
    rows: Sequence[Mapping[str, Any]] = ROWS,
    distributions: Sequence[Distribution] = (cleft(), SEGMENTS),
    samples: Sequence[Sample] = SAMPLES,
    variables: Mapping[str, PaperVariable] = VARIABLES,
    procedure: str | None = None,
    **keys: Any,
) -> Problem | NotCheckable:
    model = PaperModel(
        id="final",
        kind="logistic",
        place="Table 2",
        procedure=procedure,
        coefficient=tuple(
            Coefficient.model_validate(
                {
                    name: number(text) if text and name in ("estimate", "ratio") else text
                    for name, text in row.items()
                }
            )
            for row in rows
        ),
    )
    return feasibility_problem(model, samples, distributions, variables, **keys)


def problem(**changed: Any) -> Problem:
    found = asked(**changed)
    assert isinstance(found, Problem), found.reason
    return found


def reason(**changed: Any) -> str:
    found = asked(**changed)
    assert isinstance(found, NotCheckable)
    return found.reason


def test_patterns_are_all_combinations_and_margins_are_those_printed() -> None:
    found = problem()
    assert found.names == ("constant", "cleft = Yes", "segments")
    np.testing.assert_array_equal(
        found.patterns.design, [[1, level, value] for level in (0, 1) for value in range(4)]
    )
    np.testing.assert_array_equal(found.patterns.events[:, :2], [[40, 15], [40, 15]])
    np.testing.assert_array_equal(found.patterns.others[:, :2], [[160, 20], [160, 20]])
    # Sums about 1: 40 times 0.42, which may have been cut off or rounded twice.
    assert found.patterns.events[0, 2] == pytest.approx(40 * (0.42 - 0.0055))
    assert found.patterns.events[1, 2] == pytest.approx(40 * (0.42 + 0.01))
    assert found.assumptions == ("segments has values from 0 to 3",)


def test_sums_of_squares_allow_both_divisors() -> None:
    low, high = problem().patterns.events[:, 3]
    for ss in (39 * 0.71**2, 40 * 0.71**2):
        assert low < ss + 40 * 0.42**2 < high


def test_what_was_cut_off_or_rounded_twice_is_allowed() -> None:
    assert allowed(number("1.34")) == pytest.approx((1.3345, 1.35))
    assert allowed(number("-1.34")) == pytest.approx((-1.35, -1.3345))
    assert allowed(number("0.00")) == pytest.approx((-0.01, 0.01))


def test_a_ratio_stands_for_its_logarithm_over_its_units() -> None:
    rows = [{"term": "cleft", "level": "Yes", "ratio": "3.00"}, ROWS[1]]
    column = problem(rows=rows).columns[0]
    assert column.value == pytest.approx(np.log(3))
    assert (column.low, column.high) == pytest.approx((np.log(2.9945), np.log(3.01)))
    inverse = {"term": "cleft", "level": "Yes", "ratio": "3.00", "per": -1.0}
    column = problem(rows=[inverse, ROWS[1]]).columns[0]
    assert (column.low, column.high) == pytest.approx((-np.log(3.01), -np.log(2.9945)))


def test_limits_that_are_given_take_the_place_of_the_print() -> None:
    column = problem(replaced={("cleft", "Yes"): (1.5, 1.7)}).columns[0]
    assert (column.value, column.low, column.high) == pytest.approx((1.6, 1.5, 1.7))


def test_missing_values_loosen_every_margin() -> None:
    found = problem(
        rows=[ROWS[0], ROWS[2]], distributions=[cleft(no=("23", "140")), Distribution("sex", {
            "Male": cells("19", "80"), "Female": cells("20", "80")})],
    )  # fmt: skip
    # Two patients lack the cleft and may be in with any value; one lacks the sex and may be out.
    np.testing.assert_array_equal(found.patterns.events, [[37, 22, 14], [40, 25, 17]])
    np.testing.assert_array_equal(found.patterns.others, [[160, 140, 20], [160, 140, 20]])
    assert "missing in up to 3 patients" in found.assumptions[0]


def test_one_level_is_the_rest_of_the_group() -> None:
    alone = Distribution("cleft", {"Yes": cells("15", "20")}, {"Yes": cells("37.5", "12.5")})
    assert problem(distributions=[alone, SEGMENTS]).patterns.events[0, 1] == 15
    known = Distribution("cleft", {"Yes": cells("15", "20")}, {"Yes": cells("42.9", "12.5")})
    assert "percentages are not of the group" in reason(distributions=[known, SEGMENTS])
    assert "no value of cleft" in reason(distributions=[alone, SEGMENTS], incomplete=True)


def test_a_level_named_by_itself_is_that_of_a_coefficient_without_one() -> None:
    alone = Distribution("cleft", {"Yes": cells("15", "20")})
    rows = [{"term": "cleft", "estimate": "1.10"}, ROWS[2]]
    found = problem(rows=rows, distributions=[alone], variables={})
    assert found.columns[0].key == ("cleft", "Yes")
    assert found.references == {"cleft": "not Yes"}


def test_a_reference_row_is_no_coefficient() -> None:
    rows = [{"term": "cleft", "level": "No", "ratio": "1.00"}, *ROWS]
    assert problem(rows=rows).references == {"cleft": "No"}
    empty = [{"term": "cleft", "level": "No"}, *ROWS]
    assert problem(rows=empty).references == {"cleft": "No"}


def test_the_constant_of_sampled_controls_is_left_open() -> None:
    found = problem(case_control=True)
    assert found.constant is None
    assert "left open" in found.assumptions[-1]


@pytest.mark.parametrize(
    ("procedure", "match"),
    [
        ("Firth's penalized logistic regression", "says 'Firth'"),
        ("conditional logistic regression of matched pairs", "says 'conditional'"),
        ("multivariable model after multiple imputation", "says 'imput'"),
        ("multivariable model, adjusted for age and sex", "coefficients are not printed"),
        ("Univariable logistic regression", "models of their own"),
        ("单因素 Logistic 回归", "models of their own"),
    ],
)
def test_another_procedure_is_not_checkable(procedure: str, match: str) -> None:
    assert match in reason(procedure=procedure)


@pytest.mark.parametrize(
    "procedure",
    [
        "Unconditional multivariable logistic regression",
        "Multivariable regression of what differed in the univariable analysis",
        "非条件多因素 Logistic 回归",
    ],
)
def test_plain_procedures_are_checkable(procedure: str) -> None:
    problem(procedure=procedure)


def row(place: int, **changed: Any) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = list(ROWS)
    rows[place] = {**rows[place], **changed}
    return rows


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"rows": [ROWS[2]]}, "has no terms"),
        ({"rows": [ROWS[0], {"term": "segments"}]}, "coefficient of segments is not printed"),
        ({"rows": row(0, level="Maybe")}, "'Maybe', a level of cleft in the model, is not"),
        ({"rows": row(0, level="")}, "To which level of cleft"),
        ({"rows": [*ROWS, ROWS[0]]}, "more than one coefficient"),
        ({"rows": row(1, level="2")}, "segments has levels in the model"),
        ({"rows": row(0, estimate="<1.1")}, "Only a bound is printed for the coefficient of cleft"),
        ({"rows": row(0, estimate="19.83")}, "stopped"),
        ({"rows": row(0, estimate=None, ratio="0.0")}, "has too few digits"),
        ({"rows": [ROWS[0]]}, "may have been adjusted for others"),
        ({"distributions": [cleft()]}, "How segments is distributed"),
        ({"distributions": [cleft(), cleft(), SEGMENTS]}, "compared more than once"),
        ({"distributions": [cleft(yes=("16", "20")), SEGMENTS]}, "more than the patients"),
        ({"distributions": [cleft(yes=("14", "20")), SEGMENTS]}, "no value of segments"),
        ({"distributions": [cleft(yes=("15.5", "20")), SEGMENTS]}, "not whole numbers"),
        ({"distributions": [cleft(), Distribution("segments")]}, "mean of segments"),
        ({"variables": {"cleft": VARIABLES["cleft"]}}, "Which values segments can have"),
        ({"variables": {**VARIABLES, "segments": variable(most=200)}}, "too many values"),
        ({"variables": {**VARIABLES, "cleft": variable(most=2)}}, "counted in classes"),
        ({"variables": {**VARIABLES, "cleft": variable(("No", "Yes", "?"))}}, "but one reference"),
        ({"samples": [SAMPLES[0]]}, "not compared with those without"),
        ({"samples": [SAMPLES[0], Sample(None, False)]}, "sizes of the groups"),
        ({"n": 190}, "have 200 patients, the model's sample 190"),
        ({"n_events": 39}, "have 40 events, the model's sample 39"),
    ],
)
def test_what_cannot_be_asked_is_told(changed: dict[str, Any], match: str) -> None:
    assert match in reason(**changed)


def test_a_mean_that_no_values_have_is_told() -> None:
    beyond = Distribution("segments", mean=cells("3.42", "1.12"), sd=cells("0.71", "0.55"))
    assert "No patients have the printed counts" in reason(distributions=[cleft(), beyond])


def test_rows_that_are_what_each_variable_gives_alone_are_not_one_model() -> None:
    # The crude odds ratio is (15 * 140) / (25 * 20) = 4.2.
    rows = [{"term": "cleft", "level": "Yes", "ratio": "4.20"}, ROWS[1]]
    assert "in a model of its own, too" in reason(rows=rows)
    rows[0] = {"term": "cleft", "level": "Yes", "ratio": "4.30"}
    problem(rows=rows)
