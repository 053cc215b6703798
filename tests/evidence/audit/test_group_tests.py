"""Tests between groups: what any honest test gives is right, and what none gives is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import bdtrc
from tests.evidence.audit.comparisons import row, subject
from tests.evidence.audit.papers import paper
from tests.reference import loader

from vertebrisk.evidence.audit.groups import tests as group_tests
from vertebrisk.evidence.audit.groups.fitting import least_known
from vertebrisk.evidence.audit.groups.possible_moments import Box, Kind, possible
from vertebrisk.evidence.audit.groups.possible_tests import (
    Result,
    asymptotic_tests,
    exact_tests,
    one_tail,
)
from vertebrisk.evidence.audit.subject import Row, Subject, subject_of
from vertebrisk.evidence.audit.values import Check
from vertebrisk.evidence.library import library_study

REFERENCE = loader.load("comparisons")
TABLES, VALUES = REFERENCE["tables"], REFERENCE["values"]
# The same closed forms in double precision as R; Fisher's as its kernel's own tests.
RTOL = 1e-9


def made(subject: Subject) -> list[Check]:
    return list(group_tests.checks(subject))


def wrong(subject: Subject) -> list[Check]:
    return [check for check in made(subject) if check.verdict == "inconsistent"]


def only(subject: Subject) -> Check:
    (check,) = made(subject)
    return check


def results_of(counts: list[list[int]]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    table = np.array(counts)
    for each in (*asymptotic_tests(table), *exact_tests(table)):
        found.setdefault(each.test, []).append(each)
    return found


# ---------------------------------------------------------------- arithmetic against R


@pytest.mark.parametrize("name", TABLES)
def test_tables_agree_with_r(name: str) -> None:
    case = TABLES[name]
    found = results_of(case["counts"])
    names = {
        "pearson": "pearson", "likelihood": "likelihood-ratio", "yates": "yates", "wald": "wald",
        "linear": "trend", "trend": "trend",
    }  # fmt: skip
    for key, test in names.items():
        if key in case:
            pairs = [(each.statistics[0], each.p_value) for each in found[test]]
            assert any(np.allclose(pair, case[key], rtol=RTOL, atol=0) for pair in pairs), key
    assert_allclose(found["fisher"][0].p_value, case["fisher"], rtol=1e-7)
    if "ranks" in case:
        ranked = [each.p_value for each in found["mannwhitney"]]
        assert_allclose(ranked, [case["ranks"], case["ranks_corrected"]], rtol=RTOL)
        assert found["mannwhitney"][0].statistics[-1] == pytest.approx(case["kruskal"][0], rel=RTOL)
    else:
        assert_allclose(found["kruskal"][0].p_value, case["kruskal"][1], rtol=RTOL)
    if "tail" in case:
        tail = one_tail(np.array(case["counts"]))
        assert tail == pytest.approx(case["tail"], rel=1e-7)


@pytest.mark.parametrize("case", VALUES)
def test_moments_agree_with_r(case: dict[str, Any]) -> None:
    boxes = [
        Box(n, (mean, mean), (sd, sd))
        for n, mean, sd in zip(case["n"], case["mean"], case["sd"], strict=True)
    ]
    for kind, (statistic, p_value) in case["tests"].items():
        found = possible(kind, boxes)
        assert found is not None
        # The ranges enclose by a hair what their search has not ended on.
        assert_allclose(found.statistic, abs(statistic), rtol=1e-6)
        assert_allclose(found.p_value, p_value, rtol=1e-6)


KINDS: list[tuple[Kind, int]] = [
    ("student", 2), ("welch", 2), ("anova", 2), ("anova", 4), ("welch-anova", 3),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "groups"), KINDS)
def test_ranges_enclose_everything_in_the_box(kind: Kind, groups: int) -> None:
    rng = np.random.default_rng(17)
    for _ in range(25):
        n = rng.integers(3, 60, groups)
        mean, sd = rng.normal(10, 2, groups), rng.uniform(0.5, 4, groups)
        half = 10.0 ** -rng.integers(0, 3) / 2
        box = [
            Box(int(k), (m - half, m + half), (max(s - half, 0.0), s + half))
            for k, m, s in zip(n, mean, sd, strict=True)
        ]
        whole = possible(kind, box)
        assert whole is not None
        for _ in range(25):
            edge = rng.choice([0.0, 1.0, float(rng.random())], (2, groups))
            means = [
                b.mean[0] + e * (b.mean[1] - b.mean[0]) for b, e in zip(box, edge[0], strict=True)
            ]
            sds = [b.sd[0] + e * (b.sd[1] - b.sd[0]) for b, e in zip(box, edge[1], strict=True)]
            point = possible(
                kind,
                [Box(b.n, (m, m), (s, s)) for b, m, s in zip(box, means, sds, strict=True)],
            )
            assert point is not None
            for inner, outer in (
                (point.statistic, whole.statistic), (point.p_value, whole.p_value),
            ):  # fmt: skip
                assert outer[0] <= inner[0] * (1 + 1e-9) + 1e-12
                assert inner[1] <= outer[1] * (1 + 1e-9) + 1e-12


# ---------------------------------------------------------------- the library


def test_one_p_of_a_library_paper_is_no_t_test_of_its_means() -> None:
    (check,) = wrong(subject_of(library_study("anonymous2020")))
    assert check.about == "Course of disease"
    assert check.interval is not None
    assert 0.95 < check.interval[0] < 0.97 < check.interval[1] < 0.99  # R: 0.9699 as printed


@pytest.mark.parametrize("name", ["li2021", "anonymous2021", "anonymous2024", "chen2025"])
def test_the_tests_of_the_other_library_papers_hold(name: str) -> None:
    found = made(subject_of(library_study(name)))
    assert [check.about for check in found if check.verdict == "inconsistent"] == []


def test_every_test_of_one_paper_is_recomputed() -> None:
    found = made(subject_of(library_study("li2021")))
    assert {check.verdict for check in found} == {"consistent"}
    change = next(check for check in found if check.about == "Change of the Cobb angle")
    assert change.message.startswith("Welch")


# ---------------------------------------------------------------- levels

COUNTS = {"No": ["217", "31"], "Yes": ["14", "6"]}  # R: 4.7632, P 0.0291; Fisher 0.0412


@pytest.mark.parametrize(
    ("printed", "test"),
    [
        ({"statistic": "4.763", "p_value": "0.029"}, "Pearson"),
        ({"statistic": "2.18", "p_value": "0.029"}, "Pearson"),
        ({"p_value": "<0.05"}, "Pearson"),
        ({"p_value": "0.041"}, "Fisher"),
        ({"statistic": "3.41", "p_value": "0.065"}, "Yates"),
        ({"statistic": "3.85", "p_value": "0.050"}, "likelihood-ratio"),
        ({"statistic": "4.76", "p_value": "0.041"}, "Fisher"),
    ],
)
def test_the_test_that_gives_the_print_is_named(printed: dict[str, str], test: str) -> None:
    check = only(subject(row(COUNTS, **printed), sizes=("231", "37")))
    assert check.verdict == "consistent"
    assert test in check.message


def test_another_test_than_the_named_one_is_a_note() -> None:
    check = only(subject(row(COUNTS, p_value="0.041", test="pearson"), sizes=("231", "37")))
    assert check.verdict == "consistent"
    assert "not Pearson's chi-square, as the table says" in check.notes[0]
    mixed = only(subject(row(COUNTS, statistic="4.763", p_value="0.041"), sizes=("231", "37")))
    assert "The statistic is of Pearson's chi-square" in mixed.notes[0]


@pytest.mark.parametrize(
    ("printed", "hint", "severity"),
    [
        ({"statistic": "4.763", "p_value": "0.129"}, "so P is off", "conclusion"),
        ({"statistic": "7.463", "p_value": "0.029"}, "so the statistic is off", "detail"),
        ({"p_value": "0.0145"}, "half", "detail"),
        ({"p_value": "0.3"}, "No test", "conclusion"),
        ({"p_value": "<0.001"}, "No test", "detail"),
    ],
)
def test_what_no_test_gives_is_wrong(printed: dict[str, str], hint: str, severity: str) -> None:
    (check,) = wrong(subject(row(COUNTS, **printed), sizes=("231", "37")))
    assert hint in check.message
    assert check.severity == severity


def test_missing_patients_make_a_test_uncertain_unless_all_levels_are_known() -> None:
    less = {"a": ["40", "20"], "b": ["60", "33"], "c": ["20", "10"]}
    assert only(subject(row(less, p_value="0.5"))).verdict == "not checkable"
    known = {"levels": ("a", "b", "c")}
    assert wrong(subject(row(less, p_value="0.5"), x=known))
    assert not wrong(subject(row(less, p_value="0.954"), x=known))


def test_one_level_is_tested_against_the_rest() -> None:
    good = subject(row({"Yes": ["14 (6.1)", "6 (16.2)"]}, p_value="0.029"), sizes=("231", "37"))
    assert only(good).verdict == "consistent"
    off = subject(row({"Yes": ["14 (6.1)", "6 (16.2)"]}, p_value="0.67"), sizes=("231", "37"))
    assert wrong(off)
    near = subject(row({"Yes": ["14 (6.1)", "6 (16.2)"]}, p_value="0.035"), sizes=("231", "37"))
    assert only(near).verdict == "not checkable"  # with values missing


def test_matched_groups_may_have_been_tested_as_pairs() -> None:
    levels = {"No": ["30", "40"], "Yes": ["31", "21"]}
    check = only(subject(row(levels, p_value="0.005"), sizes=("61", "61")))
    assert check.verdict == "not checkable"
    assert wrong(subject(row(levels, p_value="0.005", test="pearson"), sizes=("61", "61")))


def test_p_of_two_of_three_groups() -> None:
    levels = {"No": ["20", "10", "30"], "Yes": ["30", "40", "20"]}
    made = subject(row(levels, p_value="0.029"), sizes=("50", "50", "50"), events=(None,) * 3)
    check = only(made)
    assert check.verdict == "consistent"
    assert check.notes == ("It compares A and B only.",)


# ---------------------------------------------------------------- means

MEANS: dict[str, Any] = {"mean": ["23.92", "23.66"], "sd": ["3.61", "3.27"]}
T = {"test_numbers": {"value": ["t"], "place": "Methods"}}


def means(**printed: Any) -> Subject:
    return subject(row(**(MEANS | {"test": "t"} | printed)), sizes=("231", "37"))


@pytest.mark.parametrize("printed", [
    {"statistic": "0.411", "p_value": "0.681"}, {"statistic": "-0.411"}, {"p_value": ">0.05"},
    {"statistic": "0.169", "p_value": "0.681"},
])  # fmt: skip
def test_a_t_test_of_the_means_is_right(printed: dict[str, str]) -> None:
    assert only(means(**printed)).verdict == "consistent"


@pytest.mark.parametrize("printed", [
    {"statistic": "4.11", "p_value": "0.681"}, {"statistic": "0.411", "p_value": "0.168"},
    {"p_value": "0.04"}, {"p_value": "<0.01"},
])  # fmt: skip
def test_what_no_t_test_of_the_means_gives_is_wrong(printed: dict[str, str]) -> None:
    assert [check.id for check in wrong(means(**printed))] == ["test-of-means"]


def test_without_a_named_test_ranks_may_have_been_tested() -> None:
    assert only(means(p_value="0.35", test="")).verdict == "not checkable"
    assert only(means(p_value="0.35", test="mannwhitney")).verdict == "not checkable"
    off = means(statistic="0.411", p_value="0.168", test="")
    assert wrong(off), "P is not that of the statistic, whatever the test"


def test_fewer_patients_can_explain_a_greater_p_but_no_smaller_one() -> None:
    spread = {"mean": ["6.41", "6.80"], "sd": ["0.834", "0.847"]}
    assert only(means(**spread, p_value="0.022")).verdict == "not checkable"
    assert only(means(**spread, p_value="0.022", sizes=["231", "37"])).verdict == "inconsistent"
    assert only(means(**spread, p_value="0.0001")).verdict == "inconsistent"


@pytest.mark.parametrize("size", [8, 20, 61, 231, 3000])
def test_no_more_values_are_missing_silently_than_15_percent_and_chance(size: int) -> None:
    lost = size - least_known(size)
    assert bdtrc(lost, size, 0.15) < 1e-4  # four standard deviations
    assert lost < 0.15 * size + 2 * size**0.5


def test_errors_printed_as_sds_are_recognised() -> None:
    errors = {"sd": ["0.2375", "0.5376"]}
    (check,) = wrong(means(**errors, statistic="0.411", p_value="0.681"))
    assert check.id == "se-as-sd"
    assert "standard errors" in check.message
    assert not wrong(means(**errors, statistic="0.411", p_value="0.681", spread="se"))
    (check,) = wrong(means(statistic="0.411", p_value="0.681", spread="se"))
    assert check.id == "se-as-sd"


def test_one_error_among_sds_is_recognised_whatever_test_is_named() -> None:
    printed: dict[str, Any] = {"mean": ["23.92", "22.10"], "statistic": "2.88", "p_value": "0.004"}
    assert only(means(**printed)).verdict == "consistent"
    one = printed | {"sd": ["3.61", "0.5376"]}
    for test in ("", "mannwhitney", "t"):
        (check,) = wrong(means(**one, test=test))
        assert check.id == "se-as-sd"
        assert "of B read as standard errors" in check.message
    assert not wrong(means(**printed | {"sd": ["3.61", "0.80"]}, test=""))


def test_medians_are_not_recomputed() -> None:
    medians = row(median=["3", "4"], lower_quartile=["2", "2"], upper_quartile=["5", "6"],
                  p_value="0.4")  # fmt: skip
    assert only(subject(medians)).verdict == "not checkable"
    z = row(median=["3", "4"], statistic="-2.10", p_value="0.036")
    assert only(subject(z)).verdict == "consistent"


def test_methods_of_a_study_name_the_test() -> None:
    compared = {"variable": "age", "place": "Table 1", "mean": ["70.0", "70.1"],
                "sd": ["8.0", "8.0"], "p_value": "0.2"}  # fmt: skip
    assert not wrong(subject_of(paper(compared=[compared])))
    assert wrong(subject_of(paper(compared=[compared], methods=T)))


# ---------------------------------------------------------------- random honest rows


@st.composite
def rows_tested(draw: st.DrawFn) -> tuple[Row, list[str]]:
    """Values of two or three groups, some missing, compared by some test, printed somehow."""
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    groups = draw(st.integers(2, 3))
    decimals = draw(st.integers(1, 4))
    sizes = [int(rng.integers(6, 90)) for _ in range(groups)]
    parts = [rng.normal(10, 3, n) + rng.normal(0, 1) for n in sizes]
    lost = draw(st.sampled_from([0.0, 0.1]))
    parts = [part[: max(2, round(len(part) * (1 - lost * rng.random())))] for part in parts]
    boxes = [Box(p.size, (p.mean(), p.mean()), (p.std(ddof=1),) * 2) for p in parts]
    two: list[Kind] = ["student", "welch"]
    more: list[Kind] = ["anova", "welch-anova"]
    found = possible(draw(st.sampled_from(two if groups == 2 else more)), boxes)
    assert found is not None
    printed: dict[str, Any] = {
        "mean": [f"{p.mean():.{decimals}f}" for p in parts],
        "sd": [f"{p.std(ddof=1):.{decimals}f}" for p in parts],
        "p_value": f"{found.p_value[1]:.{draw(st.integers(2, 4))}f}",
        "test": draw(st.sampled_from(["", "t" if groups == 2 else "anova"])),
    }
    if draw(st.booleans()):
        printed["statistic"] = f"{found.statistic[0]:.{draw(st.integers(1, 3))}f}"
    return row(**printed), [str(n) for n in sizes]


@given(rows_tested())
def test_honest_tests_of_means_are_never_inconsistent(tested: tuple[Row, list[str]]) -> None:
    shown, sizes = tested
    assert wrong(subject(shown, sizes=sizes, events=(None,) * len(sizes))) == []


@given(st.integers(0, 10**6), st.integers(2, 4), st.sampled_from([2, 2, 3]), st.integers(2, 4))
def test_honest_tests_of_counts_are_never_inconsistent(
    seed: int, levels: int, groups: int, decimals: int
) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.uniform(2, 40), (levels, groups)) + (rng.random() < 0.5)
    if (counts.sum(axis=0) == 0).any() or (counts.sum(axis=1) > 0).sum() < 2:
        return
    results = [*asymptotic_tests(counts), *exact_tests(counts)]
    chosen = results[rng.integers(len(results))]
    printed = {"p_value": f"{chosen.p_value:.{decimals}f}"}
    if chosen.statistics and rng.random() < 0.5:
        printed["statistic"] = f"{chosen.statistics[0]:.{decimals}f}"
    shown = {f"level {code}": [str(each) for each in line] for code, line in enumerate(counts)}
    sizes = [str(n + rng.integers(0, 4)) for n in counts.sum(axis=0)]
    made = subject(row(shown, **printed), sizes=sizes, events=(None,) * groups)
    assert wrong(made) == []
