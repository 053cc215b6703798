"""How near made patients come to every printed number, by sums made anew from the patients."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.special import stdtr

from vertebrisk._types import BoolArray, FloatArray, IntArray, TestName
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import Compared, PublishedStudy, Statement
from vertebrisk.evidence.reconstruction.assumed import Assumed
from vertebrisk.evidence.reconstruction.notes import Agreement
from vertebrisk.evidence.reconstruction.sizes import GroupSize, Margin
from vertebrisk.kernels.grouptests import run_test

_NUMERIC: tuple[TestName, ...] = ("student", "welch", "mannwhitney")
_MANY: tuple[TestName, ...] = ("anova", "kruskal")
_COUNTS: tuple[TestName, ...] = ("pearson", "yates", "fisher")


def compare_rows(
    study: PublishedStudy,
    assumed: Assumed,
    margins: dict[str, Margin],
    sizes: tuple[GroupSize, ...],
) -> Iterator[Agreement]:
    """Every number of the group comparisons beside that of the made patients."""
    for row in study.compared:
        margin = margins.get(row.variable)
        if margin is None:
            continue
        if margin.levels:
            yield from _counts(row, margin, sizes)
        else:
            yield from _moments(row, margin, sizes)
        yield from _tests(row, margin, assumed)


def _counts(row: Compared, margin: Margin, sizes: tuple[GroupSize, ...]) -> Iterator[Agreement]:
    for level, cells in row.levels.items():
        code = margin.levels.index(level)
        for place, group in enumerate(sizes):
            found = float((margin.values[place] == code).sum())
            known = max(int((margin.values[place] >= 0).sum()), 1)
            what = f"{row.variable} {level}, {group.name}"
            if cells.count:
                yield agreed(row.place, what, cells.count[place], found)
            if cells.percent:
                yield agreed(row.place, f"{what}, %", cells.percent[place], 100 * found / known)


def _moments(row: Compared, margin: Margin, sizes: tuple[GroupSize, ...]) -> Iterator[Agreement]:
    for place, group in enumerate(sizes):
        values = margin.values[place] * margin.step
        sd = float(values.std(ddof=1)) if len(values) > 1 else math.nan
        quartiles = np.quantile(values, [0.25, 0.5, 0.75])
        numbers = {
            "mean": (row.mean, float(values.mean())),
            "SD": (row.sd, sd),
            "lower quartile": (row.lower_quartile, float(quartiles[0])),
            "median": (row.median, float(quartiles[1])),
            "upper quartile": (row.upper_quartile, float(quartiles[2])),
        }
        for what, (printed, made) in numbers.items():
            if printed:
                yield agreed(
                    row.place, f"{row.variable} {what}, {group.name}", printed[place], made
                )


def _tests(row: Compared, margin: Margin, assumed: Assumed) -> Iterator[Agreement]:
    """Statistic and P of the test that gives most of the print, named."""
    if row.statistic is None and row.p_value is None:
        return
    groups = np.concatenate(
        [np.full(len(each), place) for place, each in enumerate(margin.values)]
    ).astype(np.int64)
    values = np.concatenate(margin.values)
    known = values >= 0 if margin.levels else np.ones(len(values), dtype=np.bool_)
    named = assumed.tests.get(row.variable)
    tests = _COUNTS if margin.levels else _NUMERIC if len(margin.values) == 2 else _MANY
    tried = [
        list(_one_test(row, margin, values[known], groups[known], test))
        for test in ((named,) if named is not None else tests)
    ]
    yield from max(tried, key=lambda each: sum(one.agrees for one in each))


def _one_test(
    row: Compared, margin: Margin, values: IntArray, groups: IntArray, test: TestName
) -> Iterator[Agreement]:
    data = values if margin.levels else np.asarray(values * margin.step, dtype=np.float64)
    if margin.levels and len(np.unique(values)) < 2:
        statistic, p = math.nan, math.nan
    else:
        result = run_test(test, data, groups)
        statistic, p = float(result.statistic[0]), float(result.p_value[0])
    if row.statistic is not None:
        turned = not margin.levels and row.statistic.value * statistic < 0
        made = -statistic if turned else statistic
        yield agreed(row.place, f"{row.variable} statistic ({test})", row.statistic, made)
    if row.p_value is not None:
        yield agreed(row.place, f"{row.variable} P ({test})", row.p_value, p)


def compare_statistics(
    study: PublishedStudy,
    sizes: tuple[GroupSize, ...],
    population: tuple[int, int],
    area: float,
) -> Iterator[Agreement]:
    """Totals, the share of events and the area under the curve, wherever they are printed."""
    n, events = sum(g.n for g in sizes), sum(g.n for g in sizes if g.event)
    all_n, all_events = n + sum(population), events + population[1]
    known = {
        "n": float(n), "n_events": float(events), "event_percent": 100 * events / n,
        "n_without": float(n - events), "population": float(all_n),
        "population_events": float(all_events), "population_without": float(all_n - all_events),
        "population_event_percent": 100 * all_events / all_n, "auc": area, "c_index": area,
    }  # fmt: skip
    for row in study.statistic:
        if row.name in known and row.variable is None and math.isfinite(known[row.name]):
            yield agreed(row.place, row.name, row.value, known[row.name])


def compare_claims(
    study: PublishedStudy,
    columns: dict[str, FloatArray],
    margins: dict[str, Margin],
    sizes: tuple[GroupSize, ...],
) -> Iterator[Agreement]:
    """Directions that the text states, and scores that it compares over time."""
    for claim in study.statement:
        if len(claim.compare) == 2 and claim.variable is not None:
            yield from _paired(claim, columns)
        elif claim.variable in margins and claim.direction in ("higher", "lower"):
            yield _direction(claim, margins[claim.variable], sizes)


def _direction(claim: Statement, margin: Margin, sizes: tuple[GroupSize, ...]) -> Agreement:
    def mean(event: bool) -> float:
        parts = [v for v, g in zip(margin.values, sizes, strict=True) if g.event == event]
        return float(np.concatenate(parts).mean() * margin.step)

    difference = mean(True) - mean(False)
    agrees = difference > 0 if claim.direction == "higher" else difference < 0
    what = f"{claim.variable} with the event, difference of means"
    return Agreement(claim.place, what, str(claim.direction), difference, agrees)


def _paired(claim: Statement, columns: dict[str, FloatArray]) -> Iterator[Agreement]:
    """A paired t test of two columns called after variable and visit."""
    names = [_column(str(claim.variable), visit, columns) for visit in claim.compare]
    if names[0] is None or names[1] is None:
        return
    difference = columns[names[1]] - columns[names[0]]
    difference = difference[np.isfinite(difference)]
    mean = float(difference.mean())
    agrees = {"lower": mean < 0, "higher": mean > 0}.get(str(claim.direction), True)
    what = f"{names[1]} less {names[0]}, mean"
    yield Agreement(claim.place, what, str(claim.direction), mean, agrees)
    if claim.p_value is not None:
        groups = np.repeat(np.arange(2), len(difference)).astype(np.int64)
        # A paired t test is Student's of d and -d, whose pooled variance is that of d.
        both = np.concatenate([difference, -difference])
        statistic = float(run_test("student", both, groups).statistic[0]) / math.sqrt(2)
        yield agreed(
            claim.place, f"{names[1]} against {names[0]}, P (paired t)", claim.p_value,
            float(2 * stdtr(len(difference) - 1, -abs(statistic))),
        )  # fmt: skip


def _column(variable: str, visit: str, columns: dict[str, FloatArray]) -> str | None:
    """The column of a visit: ``vas`` before is vas_pre, at 3 days vas_3d, at 12 months vas_12m."""
    word = visit.lower().strip()
    short = {"before": "pre", "preoperative": "pre"}.get(word)
    if short is None:
        number, _, unit = word.partition(" ")
        short = number + unit[:1]
    name = f"{variable}_{short}"
    return name if name in columns else None


def agreed(place: str, what: str, printed: Printed, made: float) -> Agreement:
    """A printed number and a made one, and whether the one rounds to the other."""
    # Sums of binary fractions end a bit off the exact tie; either side of it is a rounding.
    near = any(printed.covers(made * (1 + noise)) for noise in (0.0, 1e-12, -1e-12))
    return Agreement(place, what, printed.text, made, near)


def area_under_curve(score: FloatArray, event: BoolArray) -> float:
    """Area under the ROC curve, ties by half."""
    ranks = np.unique(np.round(score, 9), return_inverse=True)[1].reshape(-1)
    counts = np.bincount(ranks)
    middle = np.cumsum(counts) - (counts - 1) / 2
    n1 = float(event.sum())
    n0 = len(event) - n1
    return float((middle[ranks][event].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))
