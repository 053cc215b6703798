"""The forest plot of an internal-external validation: measures side by side, a row a centre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertebrisk._checks import listed, place_of
from vertebrisk.errors import ArgumentError
from vertebrisk.evidence.pooling.study_estimates import Measure
from vertebrisk.report.figures.forest_marks import (
    axis_limits,
    axis_of,
    draw_row,
    guides,
)
from vertebrisk.report.figures.forest_rows import ForestRow
from vertebrisk.report.figures.lettering import widest, wrap
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    POINTS_PER_MM,
    SMALL,
    TEXT,
    house_style,
    mark,
    new_figure,
)
from vertebrisk.report.figures.words import ENGLISH, duration, numbers_of
from vertebrisk.validation.centres.results import InternalExternal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DRAWN = ("c_index", "slope", "observed_expected")
# The kinds of numbers that the marks of a forest plot know.
_MARKS: Mapping[str, Measure] = {
    "c_index": "c-statistic",
    "slope": "slope",
    "observed_expected": "oe",
}
_LINE, _SPACE = 9.0, 3.0
_ABOVE_ALL = 3.5
_GAP, _BETWEEN = 6.0, 9.0
_FOOT, _HEAD = 27.0, 15.0
_LABEL_LINE = 10.0
_BIGGEST = 6.0
_WIDEST = 150.0  # column of names
_LEAST_PLOT = 36.0
_LABEL_ROOM = 20.0  # of one label below an axis


@house_style()
def plot_forest_centres(
    result: InternalExternal,
    measures: Sequence[str] = DRAWN,
    *,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> tuple[Figure, dict[str, Axes]]:
    """Each centre by a model of the others, all of them pooled, and what a further one may expect.

    Parameters
    ----------
    result : InternalExternal
    measures : sequence of str
        One panel each, side by side or below each other: "c_index", "slope",
        "observed_expected". Squares have areas in proportion to the weights of a panel; a number
        without limits stands in its column alone. Intervals that run off the axis end in an
        arrow. Below the rows stands why numbers are lacking.
    width_mm : float
        Width of the figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Figure, dict of Axes
        Axes by measure, observed over expected on a log axis.
    """
    if not measures:
        raise ArgumentError(f"measures is empty; one panel or more is needed of {listed(DRAWN)}.")
    for each in measures:
        place_of(each, list(DRAWN), "measure")
    panels = {each: centre_rows(result, each, words) for each in measures}
    names = next(iter(panels.values()))
    shown = {
        each: _GAP
        + max(
            widest([row.shown for row in rows], TEXT),
            widest([_head(result, each, words)], TEXT, "bold"),
        )
        for each, rows in panels.items()
    }
    width = width_mm * POINTS_PER_MM
    across = _across(shown, sum(_left_widths(names, words, 0.0)), width)
    beside = max(_taken(row, shown) for row in across)
    left = _left_widths(names, words, width - beside - 4.0)
    lines = [_wrapped(row, left[0]) for row in names]
    notes = _notes(result, words, width - 4.0)
    centres, height = _centres(lines)
    under = _LINE * len(notes)
    block = _HEAD + height + _FOOT
    total = (_LABEL_LINE if label else 0.0) + block * len(across) + under
    figure = new_figure(width_mm, total / POINTS_PER_MM)
    axes: dict[str, Axes] = {}
    for place, row in enumerate(across, start=1):
        numbers = sum(shown[each] for each in row) + _BETWEEN * (len(row) - 1)
        plot = max((width - 4.0 - sum(left) - numbers) / len(row), 1.0)
        at, bottom = sum(left) + 2.0, under + block * (len(across) - place) + _FOOT
        for each in row:
            ax = figure.add_axes((at / width, bottom / total, plot / width, height / total))
            _panel(ax, panels[each], centres, height, each, plot)
            ax.set_xlabel(words[f"centres.axis.{each}"])
            _numbers(ax, panels[each], centres, shown[each])
            _over(ax, _head(result, each, words), plot + shown[each], "right")
            axes[each] = ax
            at += plot + shown[each] + _BETWEEN
        _names(axes[row[0]], names, lines, centres, left)
        _over(axes[row[0]], words["centres.centre"], -sum(left), "left")
        _over(axes[row[0]], words["centres.events_n"], -_GAP, "right")
    _notes_below(figure, notes, total, width)
    last = across[0][-1]
    mark(axes[last], label, dx=shown[last], dy=_HEAD)
    return figure, axes


def _taken(row: Sequence[str], shown: Mapping[str, float]) -> float:
    """Least width of some panels side by side, in printer's points."""
    return sum(shown[each] + _LEAST_PLOT for each in row) + _BETWEEN * (len(row) - 1)


def _across(shown: Mapping[str, float], left: float, width: float) -> list[list[str]]:
    """Panels row by row: all side by side where they have room, else below each other."""
    names = list(shown)
    return [names] if left + _taken(names, shown) + 4.0 <= width else [[each] for each in names]


def centre_rows(
    result: InternalExternal, measure: str, words: Mapping[str, str]
) -> tuple[ForestRow, ...]:
    """Rows of one panel: the centres, all of them, a further one, and how much they differ."""
    numbers, rows = numbers_of(words), []
    for row in result.table.iter_rows(named=True):
        value, low, high = (row[f"{measure}{end}"] for end in ("", "_low", "_high"))
        counts = (f"{row['n_events']} / {row['n']}",)
        ends = None if low is None or high is None else (value, low, high)
        weight = row[f"{measure}_weight"]
        shown = _shown(measure, value, low, high, words)
        rows.append(ForestRow("study", row["centre"], counts, ends, shown, weight))
    pooled = result.pooled.row(result.pooled["measure"].to_list().index(measure), named=True)
    estimate = pooled["estimate"]
    ends = None if estimate is None else (estimate, pooled["conf_low"], pooled["conf_high"])
    shown = _shown(measure, estimate, pooled["conf_low"], pooled["conf_high"], words)
    rows.append(ForestRow("overall", words["centres.all"], (), ends, shown))
    reach = (pooled["prediction_low"], pooled["prediction_high"])
    ends = None if estimate is None else (estimate, *reach)
    shown = "\u2013"
    if estimate is not None:
        shown = _limits(measure, *reach, words)
    rows.append(ForestRow("prediction", words["centres.prediction"], (), ends, shown))
    if estimate is not None:
        spread = words["centres.spread"].format(
            tau2=numbers.estimate(pooled["tau2"], 2), i2=numbers.estimate(pooled["i2"], 0)
        )
        rows.append(ForestRow("note", "", (), None, spread))
    else:
        rows.append(ForestRow("note", ""))
    return tuple(rows)


def _number(measure: str, value: float, words: Mapping[str, str]) -> str:
    numbers = numbers_of(words)
    return numbers.ratio(value) if measure == "observed_expected" else numbers.estimate(value)


def _limits(measure: str, low: float, high: float, words: Mapping[str, str]) -> str:
    return numbers_of(words).joined(*(_number(measure, each, words) for each in (low, high)))


def _shown(
    measure: str,
    value: float | None,
    low: float | None,
    high: float | None,
    words: Mapping[str, str],
) -> str:
    if value is None:
        return "\u2013"
    if low is None or high is None:
        return _number(measure, value, words)
    estimate, limits = _number(measure, value, words), _limits(measure, low, high, words)
    return words["centres.interval"].format(estimate=estimate, limits=limits)


def _head(result: InternalExternal, measure: str, words: Mapping[str, str]) -> str:
    name = words[f"centres.short.{measure}"]
    return words["centres.ci"].format(name=name, level=f"{100 * result.level:g}")


def _left_widths(
    rows: Sequence[ForestRow], words: Mapping[str, str], room: float
) -> tuple[float, float]:
    """Widths of names and counts; long names are wrapped where the panels need the room."""
    counts = [text for row in rows for text in row.texts]
    second = max(widest([words["centres.events_n"]], TEXT, "bold"), widest(counts, TEXT)) + _GAP
    bold = [words["centres.centre"], words["centres.all"], words["centres.prediction"]]
    least = widest(bold, TEXT, "bold") + _GAP
    wanted = widest([row.label for row in rows if row.kind == "study"], TEXT) + _GAP
    return max(least, min(wanted, room - second, _WIDEST)), second


def _wrapped(row: ForestRow, width: float) -> tuple[str, ...]:
    weight = "bold" if row.kind == "overall" else "normal"
    return wrap(row.label, width - _GAP + 0.5, TEXT, weight)


def _centres(lines: Sequence[tuple[str, ...]]) -> tuple[list[float], float]:
    """Where each row lies, and how tall all are; the last three belong together."""
    centres, y = [], 0.0
    for place, each in enumerate(lines):
        tall = _LINE * len(each)
        y += _SPACE + (_ABOVE_ALL if place == len(lines) - 3 else 0.0)
        centres.append(y + tall / 2)
        y += tall
    return centres, y + 3.0


def _panel(
    ax: Axes,
    rows: Sequence[ForestRow],
    centres: Sequence[float],
    height: float,
    measure: str,
    width: float,
) -> None:
    kind = _MARKS[measure]
    low, high = axis_limits(rows, kind)
    axis_of(ax, low, high, height, kind, labels=max(2, int(width / _LABEL_ROOM)))
    guides(ax, rows, centres, kind, low, high)
    heaviest = max((row.weight or 0.0 for row in rows if row.kind == "study"), default=0.0)
    for row, y in zip(rows, centres, strict=True):
        draw_row(ax, row, y, low, high, heaviest or 1.0, _BIGGEST)


def _numbers(ax: Axes, rows: Sequence[ForestRow], centres: Sequence[float], width: float) -> None:
    for row, y in zip(rows, centres, strict=True):
        note = row.kind == "note"
        ax.annotate(
            row.shown, xy=(1.0, y), xycoords=("axes fraction", "data"), xytext=(width, 0.0),
            textcoords="offset points", ha="right", va="center_baseline", annotation_clip=False,
            fontsize=SMALL if note else TEXT, color=PALETTE["quiet" if note else "ink"],
        )  # fmt: skip


def _names(
    ax: Axes,
    rows: Sequence[ForestRow],
    lines: Sequence[tuple[str, ...]],
    centres: Sequence[float],
    left: tuple[float, float],
) -> None:
    style: dict[str, Any] = {
        "textcoords": "offset points", "va": "center_baseline", "annotation_clip": False,
        "linespacing": 1.15, "xycoords": ("axes fraction", "data"), "fontsize": TEXT,
    }  # fmt: skip
    for row, text, y in zip(rows, lines, centres, strict=True):
        weight = "bold" if row.kind == "overall" else "normal"
        ax.annotate(
            "\n".join(text), xy=(0.0, y), xytext=(-sum(left), 0.0), ha="left",
            fontweight=weight, **style,
        )  # fmt: skip
        for count in row.texts:
            ax.annotate(count, xy=(0.0, y), xytext=(-_GAP, 0.0), ha="right", **style)


def _over(ax: Axes, text: str, x: float, side: str) -> None:
    """A head above the rows, so many points right of the axis's left end."""
    ax.annotate(
        text, xy=(0.0, 1.0), xycoords="axes fraction", xytext=(x, 3.0), textcoords="offset points",
        ha=side, va="bottom", fontsize=TEXT, fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def _notes(result: InternalExternal, words: Mapping[str, str], width: float) -> tuple[str, ...]:
    """Why numbers are lacking, centre by centre."""
    told = []
    if result.horizon is not None:
        time = duration(result.horizon, words.get(result.time_unit, result.time_unit), words)
        told.append(words["centres.by"].format(time=time))
    for row in result.table.iter_rows(named=True):
        if row["reason"]:
            reasons = [words[f"centres.{each}"] for each in row["reason"].split("; ")]
            text = words["example_and"].join(reasons)
            told.append(words["centres.note"].format(centre=row["centre"], reason=text))
    return tuple(line for text in told for line in wrap(text, width, SMALL))


def _notes_below(figure: Figure, notes: Sequence[str], total: float, width: float) -> None:
    for place, text in enumerate(notes):
        y = (_LINE * (len(notes) - place) - 5.0) / total
        figure.text(
            2.0 / width, y, text, fontsize=SMALL, color=PALETTE["quiet"],
            ha="left", va="center_baseline", gid="note",
        )  # fmt: skip
