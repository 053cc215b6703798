"""The tables of a paper as text: separated, with cells and headings as journals set them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vertebrisk._types import Json

_HEADS = {
    "estimate": "B", "std_error": "SE", "z": "z", "wald": "Wald", "p_value": "P",
    "ratio": "OR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """How the tables of one paper are set."""

    separator: str
    percent: str
    plus_minus: bool
    interval: str
    one_cell: bool  # ratio and interval together
    indent: str

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Setting:
        """A setting as journals have it."""
        percents, intervals = ("{} ({})", "{}({}%)", "{} ({}%)"), ("{}-{}", "{}~{}", "{} to {}")
        return cls(
            separator=str(rng.choice([",", ";", "\t", "|", " "])),
            percent=percents[rng.integers(3)],
            plus_minus=bool(rng.random() < 0.7),
            interval=intervals[rng.integers(3)],
            one_cell=bool(rng.random() < 0.3),
            indent=str(rng.choice(["  ", "    "])),
        )


def as_text(document: Json, rng: np.random.Generator) -> str:
    """Every table of a paper below one another, each under its title."""
    setting = Setting.draw(rng)
    blocks = []
    for number, table in enumerate(document["comparisons"], start=1):
        title = f"Table {number}. Patients by group"
        blocks.append(_block(title, _comparison(table, setting), setting))
    for model in document["model"]:
        if any(row.get("per", 10.0) != 10.0 for row in model["coefficient"]):
            continue  # what a label does not say, such as that a ratio is of the inverse coding
        number = len(blocks) + 1
        which = "Univariable" if model["id"] == "univariable" else "Multivariable"
        kind = "Cox" if model["kind"] == "cox" else "logistic"
        title = f"Table {number}. {which} {kind} regression"
        blocks.append(_block(title, _regression(model, setting), setting))
    return "\n".join(blocks)


def _block(title: str, lines: Iterator[list[str]], setting: Setting) -> str:
    if setting.separator in "| ":
        return "\n".join([title, *_columns(list(lines), setting.separator), ""])
    out = io.StringIO()
    csv.writer(out, delimiter=setting.separator, lineterminator="\n").writerows(lines)
    return f"{title}\n{out.getvalue()}"


def _columns(rows: list[list[str]], separator: str) -> list[str]:
    """Columns below one another: set with spaces, or between the pipes of Markdown."""
    wide = [[*row, *[""] * (max(map(len, rows)) - len(row))] for row in rows]
    widths = [max(map(len, column)) for column in zip(*wide, strict=True)]
    set_wide = [[cell.ljust(size) for cell, size in zip(row, widths, strict=True)] for row in wide]
    if separator == " ":
        return ["   ".join(row).rstrip() for row in set_wide]
    lines = [f"| {' | '.join(row)} |" for row in set_wide]
    return [lines[0], "|" + "---|" * len(widths), *lines[1:]]


# ---------------------------------------------------------------- comparisons


def _comparison(table: Json, setting: Setting) -> Iterator[list[str]]:
    heads = [f"{group['name']} (n = {group['n']})" for group in table["groups"]]
    tested = any("statistic" in row for row in table["rows"])
    yield ["Variable", *heads, *(["Statistic"] if tested else []), "P"]
    for row in table["rows"]:
        last = [row.get("statistic", "")] if tested else []
        last.append(row.get("p_value", ""))
        yield from _compared(row, last, len(heads), setting)


def _compared(row: Json, last: list[str], size: int, setting: Setting) -> Iterator[list[str]]:
    levels = row.get("levels", {})
    if len(levels) == 1:
        [(level, cells)] = levels.items()
        yield [f"{row['variable']} ({level})", *_counted(cells, setting), *last]
    elif levels:
        yield [f"{row['variable']}, n (%)", *[""] * size, *last]
        for level, cells in levels.items():
            yield [f"{setting.indent}{level}", *_counted(cells, setting), *[""] * len(last)]
    elif "mean" in row:
        yield [_mean_label(row, setting), *_means(row, setting), *last]
    elif "median" in row:
        cells = [
            f"{middle} ({low}, {high})"
            for middle, low, high in zip(
                row["median"], row["lower_quartile"], row["upper_quartile"], strict=True
            )
        ]
        yield [f"{row['variable']}, median (Q1, Q3)", *cells, *last]


def _counted(cells: Json, setting: Setting) -> list[str]:
    percents = cells["percent"] or [None] * len(cells["count"])
    return [
        count if percent is None else setting.percent.format(count, percent)
        for count, percent in zip(cells["count"], percents, strict=True)
    ]


def _mean_label(row: Json, setting: Setting) -> str:
    if "sd" not in row:
        return f"{row['variable']}, mean"
    spread = "SE" if row.get("spread") == "se" else "SD"
    return (
        f"{row['variable']}, mean ± {spread}"
        if setting.plus_minus
        else (f"{row['variable']}, mean ({spread})")
    )


def _means(row: Json, setting: Setting) -> list[str]:
    if "sd" not in row:
        return list(row["mean"])
    shape = "{}±{}" if setting.plus_minus else "{} ({})"
    return [shape.format(mean, sd) for mean, sd in zip(row["mean"], row["sd"], strict=True)]


# ---------------------------------------------------------------- regressions


def _regression(model: Json, setting: Setting) -> Iterator[list[str]]:
    rows = model["coefficient"]
    fields = [name for name in _HEADS if any(name in row for row in rows)]
    ratio = "HR" if model["kind"] == "cox" else "OR"
    heads = [ratio if name == "ratio" else _HEADS[name] for name in fields]
    level = f"{model.get('conf_level', '95')}% CI"
    limits = next(
        (pair for pair in (("conf_low", "conf_high"), ("estimate_low", "estimate_high"))
         if any(pair[0] in row for row in rows)),
        None,
    )  # fmt: skip
    together = setting.one_cell and limits == ("conf_low", "conf_high")
    if together:
        heads[fields.index("ratio")] = f"{ratio} ({level})"
    elif limits is not None:
        heads.append(level if limits[0] == "conf_low" else f"{level} for B")
    yield ["Variable", *heads]
    several = {row["term"] for row in rows if sum(row["term"] == o["term"] for o in rows) > 1}
    begun: set[str] = set()
    for row in rows:
        cells = [row.get(name, "") for name in fields]
        between = (
            ""
            if limits is None or limits[0] not in row
            else (setting.interval.format(row[limits[0]], row[limits[1]]))
        )
        if together:
            place = fields.index("ratio")
            cells[place] = f"{cells[place]} ({between})" if between else cells[place]
        elif limits is not None:
            cells.append(between)
        if row["term"] in several and row["term"] not in begun:
            begun.add(row["term"])
            if row["level"]:
                yield [row["term"], *[""] * len(cells)]
        yield [_label(row, several, setting), *cells]


def _label(row: Json, several: set[str], setting: Setting) -> str:
    if row["term"] == "constant":
        return "Constant"
    if row["term"] in several and row["level"]:
        return f"{setting.indent}{row['level']}"
    per = " (per 10 units)" if "per" in row else ""
    return f"{row['term']} ({row['level']})" if row["level"] else f"{row['term']}{per}"
