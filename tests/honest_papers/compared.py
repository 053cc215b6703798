"""The comparison table of a paper: counts, means, quartiles and tests, computed and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import chdtrc, xlogy
from tests.honest_papers.cohorts import Cohort, Column
from tests.honest_papers.printing import Style

from vertebrisk._types import BoolArray, FloatArray, IntArray, Json, TestName
from vertebrisk.kernels.distributions import chi2_upper, normal_two_sided
from vertebrisk.kernels.fisher import fisher_p_value
from vertebrisk.kernels.grouptests import run_test
from vertebrisk.kernels.ranks import midranks

Percents = Literal["column", "known", "row", "none"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How one comparison table is laid out; drawn once a table."""

    percents: Percents
    total: bool
    event_first: bool
    statistics: bool
    tests_named: bool
    one_level: bool  # of two levels only the second is printed
    missing: Literal["counts", "sizes", "remark", "silent"]
    mean_decimals: int
    sd_decimals: int
    medians: bool
    student: bool
    reversed_sign: bool
    reversed_levels: bool
    means: Literal["one test", "by variances", "anova"]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Layout:
        """A layout as journals have it."""
        percents: list[Percents] = ["column", "known", "row", "none"]
        missing: list[Literal["counts", "sizes", "remark", "silent"]] = [
            "counts", "sizes", "remark", "silent",
        ]  # fmt: skip
        means: list[Literal["one test", "by variances", "anova"]] = [
            "one test", "by variances", "anova",
        ]  # fmt: skip
        decimals = int(rng.choice([0, 1, 2, 3], p=[0.08, 0.35, 0.47, 0.1]))
        return cls(
            percents=percents[rng.choice(4, p=[0.55, 0.15, 0.15, 0.15])],
            total=bool(rng.random() < 0.3),
            event_first=bool(rng.random() < 0.5),
            statistics=bool(rng.random() < 0.6),
            tests_named=bool(rng.random() < 0.2),
            one_level=bool(rng.random() < 0.25),
            missing=missing[rng.integers(4)],
            mean_decimals=decimals,
            sd_decimals=max(0, decimals + int(rng.choice([-1, 0, 1], p=[0.05, 0.75, 0.2]))),
            medians=bool(rng.random() < 0.3),
            student=bool(rng.random() < 0.6),
            reversed_sign=bool(rng.random() < 0.3),
            reversed_levels=bool(rng.random() < 0.2),
            means=means[rng.choice(3, p=[0.8, 0.15, 0.05])],
        )


def comparison(cohort: Cohort, style: Style, rng: np.random.Generator) -> Json:
    """A table of patients with and without the outcome; now and then of three groups."""
    layout = Layout.draw(rng)
    if rng.random() < 0.08 and cohort.n >= 60:
        groups = _three_groups(cohort, rng)
        return _printed("compared", cohort, groups, ["A", "B", "C"], [None] * 3, layout, style, rng)
    first = layout.event_first
    groups = (cohort.event != first).astype(np.int64)
    names = ["Case", "Control"] if first else ["Control", "Case"]
    return _printed("compared", cohort, groups, names, [first, not first], layout, style, rng)


def split_comparison(
    cohort: Cohort, training: BoolArray, style: Style, rng: np.random.Generator
) -> Json:
    """A table of the patients that a model was fitted on and of those that it was tried on."""
    groups = (~training).astype(np.int64)
    names = ["Training", "Validation"]
    return _printed("split", cohort, groups, names, [None, None], Layout.draw(rng), style, rng)


def _printed(
    identity: str,
    cohort: Cohort,
    groups: IntArray,
    names: list[str],
    events: Sequence[bool | None],
    layout: Layout,
    style: Style,
    rng: np.random.Generator,
) -> Json:
    heads = [
        {"name": name, "n": str(int((groups == code).sum())), "event": event, "total": False}
        for code, (name, event) in enumerate(zip(names, events, strict=True))
    ]
    if layout.total:
        total = {"name": "Total", "n": str(cohort.n), "event": None, "total": True}
        heads = [total, *heads] if rng.random() < 0.5 else [*heads, total]
    table = _Table(cohort, groups, len(names), heads, layout, style)
    return {
        "id": identity,
        "place": "Table 1",
        "groups": heads,
        "rows": [_row(table, column, rng) for column in cohort.columns],
        "missing_told": layout.missing == "remark"
        and not all(column.known.all() for column in cohort.columns),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    cohort: Cohort
    groups: IntArray
    n_groups: int
    heads: list[dict[str, Any]]
    layout: Layout
    style: Style

    def members(self, head: int) -> Any:
        """Patients of one printed column."""
        if self.heads[head]["total"]:
            return np.ones(self.cohort.n, np.bool_)
        code = [number for number, each in enumerate(self.heads) if not each["total"]].index(head)
        return self.groups == code


def _three_groups(cohort: Cohort, rng: np.random.Generator) -> IntArray:
    codes = rng.choice(3, size=cohort.n, p=rng.dirichlet([4.0, 4.0, 4.0])).astype(np.int64)
    if np.bincount(codes, minlength=3).min() < 8:
        codes = np.arange(cohort.n) % 3
    return codes


def _row(table: _Table, column: Column, rng: np.random.Generator) -> Json:
    row: Json = {"variable": column.name, "place": "Table 1"}
    row |= _levelled(table, column) if column.kind == "levels" else _numeric(table, column, rng)
    known = [int((table.members(head) & column.known).sum()) for head in range(len(table.heads))]
    sizes = [int(table.members(head).sum()) for head in range(len(table.heads))]
    if known != sizes and table.layout.missing == "sizes":
        row["sizes"] = [str(each) for each in known]
    if known != sizes and table.layout.missing == "counts":
        row["missing"] = [str(n - some) for n, some in zip(sizes, known, strict=True)]
    return row


# ---------------------------------------------------------------- levels


def _levelled(table: _Table, column: Column) -> Json:
    layout, style = table.layout, table.style
    counts = np.array(
        [[int((table.members(head) & (column.values == code)).sum())
          for head in range(len(table.heads))]
         for code in range(len(column.levels))]
    )  # fmt: skip
    printed = {
        level: {
            "count": [str(count) for count in counts[code]],
            "percent": _percents(table, counts, code),
        }
        for code, level in enumerate(column.levels)
    }
    if layout.one_level and len(column.levels) == 2:
        printed = {column.levels[1]: printed[column.levels[1]]}
    known = column.known
    if layout.reversed_levels:
        printed = dict(reversed(printed.items()))
    cells = np.array(
        [[int(((table.groups == group) & (column.values == code)).sum())
          for group in range(table.n_groups)]
         for code in range(len(column.levels))], np.float64
    )  # fmt: skip
    name, statistic, p = _categorical_test(
        cells, column.values[known], table.groups[known], table.n_groups, layout
    )
    row: Json = {"levels": printed}
    if p is not None:
        row["p_value"] = style.p_value(p)
    if statistic is not None and layout.statistics:
        row["statistic"] = style.statistic(statistic)
    if p is not None:
        row["used"] = name
    if layout.tests_named:
        row["test"] = name
    return row


def _percents(table: _Table, counts: Any, code: int) -> list[str | None]:
    kind, style = table.layout.percents, table.style
    if kind == "none":
        return []
    cells: list[str | None] = []
    plain = [head for head in range(len(table.heads)) if not table.heads[head]["total"]]
    for head in range(len(table.heads)):
        if kind == "row":
            base = int(counts[code, plain].sum())
        elif kind == "known":
            base = int(counts[:, head].sum())
        else:
            base = int(table.members(head).sum())
        cells.append(style.percent(counts[code, head] / base) if base else None)
    return cells


def _categorical_test(
    cells: FloatArray, codes: FloatArray, groups: IntArray, n_groups: int, layout: Layout
) -> tuple[str, float | None, float | None]:
    """Name, statistic and P; nothing where a table cannot be tested."""
    cells = cells[cells.sum(axis=1) > 0]
    if cells.shape[0] < 2 or (cells.sum(axis=0) == 0).any():
        return "pearson", None, None
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / cells.sum()
    two_by_two = cells.shape == (2, 2)
    digest = int(cells.sum()) + 7 * int(cells[0, 0])  # varies from row to row
    if expected.min() < 5 and digest % 4:
        p = fisher_p_value(cells)
        if p is not None:
            return "fisher", None, min(p, 1.0)
    if two_by_two and (expected.min() < 5 or digest % 11 == 0):
        return _kernel("yates", codes, groups)
    if digest % 13 == 0:
        statistic = 2.0 * float(np.sum(xlogy(cells, cells / expected)))
        df = (cells.shape[0] - 1) * (cells.shape[1] - 1)
        return "likelihood-ratio", statistic, float(chdtrc(df, statistic))
    if n_groups == 2 and cells.shape[0] > 2 and digest % 3 == 0:
        if digest % 2:
            return _kernel("trend", codes, groups)
        r = float(np.corrcoef(codes, groups)[0, 1])  # linear by linear, as SPSS
        statistic = (codes.size - 1) * r * r
        return "trend", statistic, float(chi2_upper(statistic, 1))
    return _kernel("pearson", codes, groups)


def _kernel(
    test: TestName, values: FloatArray, groups: IntArray
) -> tuple[str, float | None, float | None]:
    x: FloatArray | IntArray = values
    if test in ("pearson", "yates", "trend"):
        x = np.unique(values, return_inverse=True)[1].astype(np.int64)
    result = run_test(test, x, groups)
    statistic, p = float(result.statistic[0]), float(result.p_value[0])
    if not np.isfinite(p):
        return test, None, None
    return test, statistic if np.isfinite(statistic) else None, p


# ---------------------------------------------------------------- numbers


def _numeric(table: _Table, column: Column, rng: np.random.Generator) -> Json:
    layout, style = table.layout, table.style
    skewed = column.name in ("crp", "delay_days", "segments")
    parts = [column.values[table.members(head) & column.known] for head in range(len(table.heads))]
    if min(part.size for part in parts) < 2:
        return {}
    row: Json
    decimals = min(layout.mean_decimals, column.decimals + 2)
    if layout.medians and (skewed or rng.random() < 0.5):
        method = rng.choice(["linear", "weibull", "hazen"])
        quartiles = [np.quantile(part, [0.25, 0.5, 0.75], method=method) for part in parts]
        digits = min(decimals, column.decimals + 1)
        row = {
            name: [style.number(float(each[place]), digits) for each in quartiles]
            for place, name in enumerate(("lower_quartile", "median", "upper_quartile"))
        }
        if rng.random() < 0.2:
            row |= {
                "minimum": [style.number(float(part.min()), digits) for part in parts],
                "maximum": [style.number(float(part.max()), digits) for part in parts],
            }
    else:
        sd_decimals = max(0, min(layout.sd_decimals, column.decimals + 2))
        row = {"mean": [style.number(float(part.mean()), decimals) for part in parts]}
        if rng.random() < 0.95:
            row["sd"] = [style.number(float(part.std(ddof=1)), sd_decimals) for part in parts]
            if rng.random() < 0.06:
                row["sd"] = [
                    style.number(float(part.std(ddof=1) / np.sqrt(part.size)), sd_decimals + 1)
                    for part in parts
                ]
                row["spread"] = "se"
    ranked = "median" in row or (skewed and rng.random() < 0.5)
    name, statistic, p = _numeric_test(table, column, ranked)
    if p is not None:
        row["p_value"] = style.p_value(p)
    if statistic is not None and layout.statistics:
        turned = layout.reversed_sign and name != "anova"
        row["statistic"] = style.statistic(-statistic if turned else statistic)
    if p is not None:
        row["used"] = name
    if layout.tests_named:
        row["test"] = name
    return row


def _numeric_test(
    table: _Table, column: Column, ranked: bool
) -> tuple[str, float | None, float | None]:
    known = column.known
    values, groups = column.values[known], table.groups[known]
    if np.ptp(values) == 0 or (np.bincount(groups, minlength=table.n_groups) < 2).any():
        return "student", None, None
    if table.n_groups > 2:
        name, statistic, p = _kernel("kruskal" if ranked else "anova", values, groups)
    elif ranked and table.layout.student:  # as SPSS: z without correction for continuity
        statistic = _rank_z(values, groups)
        name, p = "mannwhitney", float(normal_two_sided(statistic))
    elif ranked:
        name, statistic, p = _kernel("mannwhitney", values, groups)
    else:
        name, statistic, p = _kernel(_two_means(table, values, groups), values, groups)
    return name, statistic, p


def _two_means(table: _Table, values: FloatArray, groups: IntArray) -> TestName:
    """Student or Welch throughout, or by the variances, as those do who ask Levene first."""
    if table.layout.means == "anova":
        return "anova"
    if table.layout.means == "by variances":
        variances = [values[groups == code].var(ddof=1) for code in (0, 1)]
        return "welch" if max(variances) > 1.5 * min(variances) else "student"
    return "student" if table.layout.student else "welch"


def _rank_z(values: FloatArray, groups: IntArray) -> float:
    ranks = midranks(values)
    first = groups == 0
    n1, n2 = int(first.sum()), int((~first).sum())
    n = n1 + n2
    _, ties = np.unique(values, return_counts=True)
    variance = n1 * n2 / 12.0 * ((n + 1) - float(np.sum(ties**3 - ties)) / (n * (n - 1)))
    u = float(ranks[first].sum()) - n1 * (n1 + 1) / 2.0
    return float((u - n1 * n2 / 2.0) / np.sqrt(variance))
