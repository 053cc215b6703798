"""Counts add up and percentages are theirs; what rounding and missing values give is right."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.audit.comparisons import row, subject
from tests.evidence.audit.papers import paper, statistic

from vertebrisk.evidence.audit.groups import counts
from vertebrisk.evidence.audit.subject import Row, Subject, subject_of
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.library import library_ids, library_study

LEVELS = {"levels": ("No", "Yes")}


def verdicts(made: Subject) -> dict[str, str]:
    """The verdict of every check, by its id."""
    return {check.id: check.verdict for check in counts.checks(made)}


def wrong(made: Subject) -> list[Check]:
    return [check for check in counts.checks(made) if check.verdict == "inconsistent"]


def noted(made: Subject, identity: str) -> str:
    checks = [check for check in counts.checks(made) if check.id == identity]
    return " ".join(note for check in checks for note in (check.message, *check.notes))


@pytest.mark.parametrize("name", library_ids())
def test_counts_of_the_library_hold(name: str) -> None:
    made = subject_of(library_study(name))
    assert wrong(made) == []


def test_sums_and_percentages_that_hold() -> None:
    made = subject(row({"No": ["80 (60.6)", "40 (58.8)"], "Yes": ["52 (39.4)", "28 (41.2)"]}))
    assert verdicts(made) == {"counts-add-up": "consistent", "percent-of-count": "consistent"}


# ---------------------------------------------------------------- one number off


def test_a_count_that_sum_and_percentage_outvote_is_named() -> None:
    made = subject(row({"No": ["80 (60.6)", "40 (58.8)"], "Yes": ["25 (39.4)", "28 (41.2)"]}))
    (check,) = wrong(made)
    assert check.failure == "one number"
    assert check.recomputed == "52"
    assert "52 for Yes in A" in check.message


def test_a_percentage_that_the_counts_outvote_is_named() -> None:
    made = subject(row({"No": ["80 (60.6)", "40 (58.8)"], "Yes": ["52 (34.9)", "28 (41.2)"]}))
    (check,) = wrong(made)
    assert check.id == "percent-of-count"
    assert "another percentage for Yes in A" in check.message


def test_a_count_that_the_column_of_all_outvotes_is_named() -> None:
    made = subject(
        row({"No": ["80", "40", "120"], "Yes": ["52", "23", "80"]}),
        total="200",
        sizes=("132", "68"),
    )
    (check,) = wrong(made)
    assert check.id == "groups-add-up"
    assert check.recomputed == "28"


def test_a_column_of_all_that_is_off() -> None:
    made = subject(row({"No": ["80", "40", "120"], "Yes": ["52", "28", "80"]}), total="210")
    assert [check.id for check in wrong(made)] == ["groups-add-up"]
    assert wrong(made)[0].severity == "conclusion"


def test_more_than_the_group_where_another_adds_up() -> None:
    made = subject(row({"No": ["85", "40"], "Yes": ["52", "28"]}))
    (check,) = wrong(made)
    assert check.id == "counts-add-up"


def test_a_percentage_of_all_patients_in_one_cell_is_wrong() -> None:
    made = subject(row({"No": ["80 (60.6)", "40 (58.8)"], "Yes": ["52 (26.0)", "28 (41.2)"]}))
    assert [check.id for check in wrong(made)] == ["percent-of-count"]


def test_a_percentage_of_more_than_the_group() -> None:
    made = subject(row({"Yes": ["52 (39.4)", "28 (31.2)"]}))
    assert [check.id for check in wrong(made)] == ["percent-of-count"]


# ---------------------------------------------------------------- what is honest


HONEST = {
    "of those with a value": {"No": ["80 (65.0)", "40 (58.8)"], "Yes": ["43 (35.0)", "28 (41.2)"]},
    "by row": {"No": ["80 (66.7)", "40 (33.3)"], "Yes": ["52 (65.0)", "28 (35.0)"]},
    "of all": {"No": ["80 (40.0)", "40 (20.0)"], "Yes": ["52 (26.0)", "28 (14.0)"]},
    "cut off": {"No": ["80 (60.6)", "40 (58.8)"], "Yes": ["52 (39.3)", "28 (41.1)"]},
    "adjusted": {
        "a": ["44 (33.4)", "24 (35.3)"],
        "b": ["44 (33.3)", "22 (32.4)"],
        "c": ["44 (33.3)", "22 (32.4)"],
    },
    "vertebrae": {"a": ["90", "50"], "b": ["60", "25"]},
    "several answers": {"a": ["90 (68.2)", "28 (41.2)"], "b": ["60 (45.5)", "40 (58.8)"]},
    "one level of those with a value": {"Yes": ["43 (35.0)", "28 (41.2)"]},
    "nobody": {"No": ["132 (100)", "68 (100)"], "Yes": ["0 (0)", "0 (0)"]},
    "masked": {"No": ["127", "40"], "Yes": ["5", "28"]},
}


@pytest.mark.parametrize("levels", HONEST.values(), ids=list(HONEST))
def test_habits_of_tables_are_not_errors(levels: dict[str, list[str]]) -> None:
    assert wrong(subject(row(levels))) == []


def test_row_percentages_are_told() -> None:
    made = subject(row(HONEST["by row"]))
    assert "sum of its row" in noted(made, "percent-of-count")


def test_silently_missing_values_are_not_checkable_and_counted() -> None:
    made = subject(row(HONEST["of those with a value"]))
    assert verdicts(made)["counts-add-up"] == "not checkable"
    assert "123 of 132" in noted(made, "counts-add-up")


def test_missing_values_that_are_told_are_right() -> None:
    told = subject(row(HONEST["of those with a value"], missing=["9", "0"]))
    assert verdicts(told) == {"counts-add-up": "consistent", "percent-of-count": "consistent"}
    sizes = subject(row(HONEST["of those with a value"], sizes=["123", "68"]))
    assert verdicts(sizes)["counts-add-up"] == "consistent"
    remark = subject(row(HONEST["of those with a value"]), told=True)
    assert verdicts(remark)["counts-add-up"] == "consistent"


def test_percentages_alone_add_up() -> None:
    made = subject(row({"No": ["(60.6)", "(58.8)"], "Yes": ["(39.4)", "(41.2)"]}), x=LEVELS)
    assert verdicts(made) == {"percent-adds-up": "consistent"}
    over = subject(row({"No": ["(60.6)", "(58.8)"], "Yes": ["(49.4)", "(41.2)"]}), x=LEVELS)
    assert [check.id for check in wrong(over)] == ["percent-adds-up"]
    answers = subject(row({"No": ["(60.6)", "(58.8)"], "Yes": ["(49.4)", "(41.2)"]}))
    assert wrong(answers) == []


# ---------------------------------------------------------------- the text

COMPARED = {
    "variable": "cleft",
    "place": "Table 1",
    "levels": {"No": ["34 (85.0)", "146 (91.3)"], "Yes": ["6 (15.0)", "14 (8.8)"]},
}


@pytest.mark.parametrize(
    ("name", "value", "about", "right"),
    [
        ("count", "20", {}, True),
        ("count", "21", {}, False),
        ("count", "6", {"group": "Pain"}, True),
        ("percent", "15.0", {"group": "Pain"}, True),
        ("percent", "30", {"group": "Pain"}, True),  # of those with a cleft
        ("percent", "10", {}, True),
        ("percent", "12", {}, False),
    ],
)
def test_counts_in_the_text(name: str, value: str, about: dict[str, str], right: bool) -> None:
    number = statistic(name, value, variable="cleft", level="Yes", **about)
    made = subject_of(paper(compared=[COMPARED], statistic=[number]))
    assert (wrong(made) == []) is right


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("n", "200", True), ("n", "199", False), ("n_events", "40", True),
        ("n_events", "41", False),
        ("n_without", "160", True), ("n_without", "165", False), ("event_percent", "20.0", True),
        ("event_percent", "25.0", False), ("event_percent", "20", True),
    ],
)  # fmt: skip
def test_sizes_and_rates_in_the_text(name: str, value: str, right: bool) -> None:
    made = subject_of(paper(statistic=[statistic(name, value)]))
    assert (wrong(made) == []) is right


# ---------------------------------------------------------------- random tables


def printed_share(count: int, size: int, decimals: int, rounding: str) -> str:
    share = Decimal(100 * count) / Decimal(size)
    return str(share.quantize(Decimal(1).scaleb(-decimals), rounding=rounding))


@st.composite
def honest_rows(draw: st.DrawFn) -> tuple[Row, tuple[str, str]]:
    """Counts of two groups, with values missing or not, and percentages of one kind."""
    groups = [
        draw(st.lists(st.integers(0, 90), min_size=size, max_size=size))
        for size in [draw(st.integers(2, 5))] * 2
    ]
    missing = [draw(st.integers(0, 6)) for _ in groups]
    sizes = [sum(group) + lost for group, lost in zip(groups, missing, strict=True)]
    decimals = draw(st.integers(0, 3))
    rounding = draw(st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN]))
    base = draw(st.sampled_from(["n", "known", "row", "none"]))
    levels = {}
    for code in range(len(groups[0])):
        across = sum(group[code] for group in groups)
        texts = []
        for group, size in zip(groups, sizes, strict=True):
            of = {"n": size, "known": sum(group), "row": across, "none": 0}[base]
            share = f" ({printed_share(group[code], of, decimals, rounding)})" if of else ""
            texts.append(f"{group[code]}{share}")
        levels[f"level {code}"] = texts
    kept = dict(list(levels.items())[: draw(st.sampled_from([1, len(levels)]))])
    if len(kept) == 1 and len(levels) > 2:
        kept = levels
    return row(kept), (str(sizes[0]), str(sizes[1]))


@given(honest_rows())
def test_honest_counts_are_never_inconsistent(made: tuple[Row, tuple[str, str]]) -> None:
    shown, sizes = made
    assert wrong(subject(shown, sizes=sizes)) == []


def test_counts_that_are_off_are_found_and_mended() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        sizes = rng.integers(40, 200, 2)
        yes = [int(rng.integers(5, n - 10)) for n in sizes]
        off = int(rng.integers(1, 6))
        levels = {
            name: [
                f"{k + off * (name == 'Yes' and at == 0)} ({100 * k / n:.1f})"
                for at, (k, n) in enumerate(zip(cells, sizes, strict=True))
            ]
            for name, cells in (
                ("No", [n - k for k, n in zip(yes, sizes, strict=True)]),
                ("Yes", yes),
            )
        }
        checks = wrong(subject(row(levels), sizes=[str(n) for n in sizes]))
        assert [check.recomputed for check in checks] == [str(yes[0])]
