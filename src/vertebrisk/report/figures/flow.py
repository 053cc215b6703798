"""The participant flow diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.report.figures.lettering import text_width, wrap
from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    SMALL,
    TEXT,
    canvas_axes,
    house_style,
    width_in_points,
)
from vertebrisk.report.figures.words import ENGLISH, numbers_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 9.2
_PAD = 5.0
_MARGIN = 3.0
_NARROW = 370.0  # printer's points below which the boxes stand closer
_STAGES: Mapping[str, str] = {
    "include": "excluded",
    "exclude": "excluded",
    "undetermined": "excluded",
    "outcome-missing": "outcome_missing",
    "not-sampled": "not_sampled",
    "set-missing": "not_in_set",
    "set-idle": "idle_set",
    "predictor-missing": "predictor_missing",
    "not-scored": "not_scored",
}


@dataclass(slots=True)
class _Stage:
    """Steps of one kind that follow each other: one box to the side of the trunk."""

    word: str
    steps: list[FlowStep] = field(default_factory=list)

    @property
    def removed(self) -> int:
        return sum(step.removed for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a box: text on the left, a count on the right, bold or not."""

    text: str
    count: str = ""
    bold: bool = False


@house_style()
def plot_flow(
    flow: Flow,
    event_label: str = "",
    no_event_label: str = "",
    *,
    reasons: Sequence[tuple[str, int]] = (),
    ax: Axes | None = None,
    width_mm: float = DOUBLE_MM,
    label: str = "",
    words: Mapping[str, str] = ENGLISH,
) -> Axes:
    """From the rows of the file to those analysed, every step with its count.

    Parameters
    ----------
    flow : Flow
        Steps in order; those that removed nobody are shown, too.
    event_label, no_event_label : str
        Names of the two outcome groups.
    reasons : sequence of (str, int)
        Why rows were not scored, with their number; a row may have several reasons.
    ax : Axes, optional
        Where to draw, filled whole; a new figure is made otherwise.
    width_mm : float
        Width of a new figure, in millimetres.
    label : str
        Where the data come from, for instance "Reconstructed data".
    words : mapping
        Texts; see `WORDS`.

    Returns
    -------
    Axes
        Units are printer's points, y downwards.
    """
    width = width_in_points(ax, width_mm)
    shares = (0.22, 0.42, 0.35, 0.38) if width < _NARROW else (0.25, 0.30, 0.42, 0.225)
    trunk, box, side_left, group = (share * width for share in shares)
    side_right = width - _MARGIN
    stages = _stages(flow.steps)
    start = _centred(words[f"read_{flow.unit}"], words["n"].format(n=flow.n_read), width=box)
    room = side_right - side_left
    parts = [
        (stage, _side(stage, room, words, reasons if stage.word == "not_scored" else ()))
        for stage in stages
    ]
    end = _analysed(flow, box, words)
    groups = _groups(flow, (event_label, no_event_label), group, words)
    between = [
        _remaining(stage, "eligible" if stage.word == "excluded" else "n", box, words)
        for stage, _ in parts[:-1]
    ]
    height = _height(start, [rows for _, rows in parts], between, end, groups)
    height += 10.0 if label else 0.0
    ax = canvas_axes(ax, width, height)
    y = _MARGIN + (10.0 if label else 0.0)
    y = _box(ax, start, trunk - box / 2, y, box, centre=True)
    for k, (_, rows) in enumerate(parts):
        tall = _tall(rows)
        _arrow(ax, (trunk, y), (trunk, y + tall + 16.0))
        _arrow(ax, (trunk, y + 8.0 + tall / 2), (side_left, y + 8.0 + tall / 2))
        _box(ax, rows, side_left, y + 8.0, side_right - side_left)
        y += tall + 16.0
        if k < len(between):
            y = _box(ax, between[k], trunk - box / 2, y, box, centre=True)
    if not parts:
        _arrow(ax, (trunk, y), (trunk, y + 16.0))
        y += 16.0
    y = _box(ax, end, trunk - box / 2, y, box, centre=True)
    _fork(ax, groups, trunk, y, group)
    if label:
        ax.text(
            width - _MARGIN, _MARGIN, label, ha="right", va="top", fontsize=SMALL,
            color=PALETTE["quiet"], gid="data-kind",
        )  # fmt: skip
    return ax


def _stages(steps: Sequence[FlowStep]) -> list[_Stage]:
    stages: list[_Stage] = []
    for step in steps:
        word = _STAGES[step.kind]
        if not stages or stages[-1].word != word:
            stages.append(_Stage(word))
        stages[-1].steps.append(step)
    return stages


def _side(
    stage: _Stage,
    width: float,
    words: Mapping[str, str],
    reasons: Sequence[tuple[str, int]] = (),
) -> list[_Row]:
    removed = words["n"].format(n=stage.removed)
    free = width - 2 * _PAD - text_width(removed, TEXT, "bold") - 6.0
    head, *more = wrap(words[stage.word], free, TEXT, "bold")
    rows = [_Row(head, removed, bold=True), *(_Row(line, bold=True) for line in more)]
    for reason, count in reasons:
        first, *rest = wrap(reason, width - 2 * _PAD - text_width(str(count), TEXT) - 14.0, TEXT)
        rows += [_Row(first, str(count)), *map(_Row, rest)]
    for step in stage.steps:
        text = step.reason
        if step.kind == "include":
            text = words["not_met"].format(reason=step.reason)
        elif step.kind == "undetermined":
            text = words["undetermined"].format(reason=step.reason)
        elif stage.word != "excluded":
            continue
        room = width - 2 * _PAD - text_width(str(stage.removed), TEXT) - 14.0
        first, *rest = wrap(text, room, TEXT)
        rows.append(_Row(first, str(step.removed) if len(stage.steps) > 1 else ""))
        rows += [_Row(line) for line in rest]
    return rows


def _centred(*texts: str, width: float, bold: bool = False) -> list[_Row]:
    """Lines of a box on the trunk."""
    weight = "bold" if bold else "normal"
    lines = [line for text in texts for line in wrap(text, width - 2 * _PAD, TEXT, weight)]
    return [_Row(line, bold=bold) for line in lines]


def _remaining(stage: _Stage, word: str, width: float, words: Mapping[str, str]) -> list[_Row]:
    count = words["n"].format(n=stage.steps[-1].remaining)
    return _centred(*(() if word == "n" else (words[word],)), count, width=width)


def _analysed(flow: Flow, width: float, words: Mapping[str, str]) -> list[_Row]:
    counted = (words["analysed"], words["n"].format(n=flow.n))
    further = []
    if flow.n_patients != flow.n:
        further.append(words["in_patients"].format(n=flow.n_patients))
    if flow.n_imputed:
        further.append(words["imputed_n"].format(n=flow.n_imputed))
    return _centred(*counted, width=width, bold=True) + _centred(*further, width=width)


def _tall(rows: Sequence[_Row]) -> float:
    return _LINE * len(rows) + 2 * _PAD


def _height(
    start: Sequence[_Row],
    sides: Sequence[Sequence[_Row]],
    between: Sequence[Sequence[_Row]],
    end: Sequence[_Row],
    groups: Sequence[Sequence[_Row]],
) -> float:
    middle = sum(_tall(rows) + 16.0 for rows in sides) + sum(_tall(rows) for rows in between)
    foot = 22.0 + max(_tall(rows) for rows in groups)
    return _tall(start) + (middle or 16.0) + _tall(end) + foot + 2 * _MARGIN


def _groups(
    flow: Flow, labels: tuple[str, str], width: float, words: Mapping[str, str]
) -> list[list[_Row]]:
    """Lines of the two boxes at the foot: with and without the outcome."""
    counts = (flow.n_events, flow.n - flow.n_events)
    groups, numbers = [], numbers_of(words)
    for name, word, count in zip(labels, ("event", "no_event"), counts, strict=True):
        value = 100.0 * count / flow.n if flow.n else 0.0
        share = numbers.percent_of(count, value).removesuffix("%")
        counted = words["n_share"].format(n=count, share=share)
        groups.append(_centred(name or words[word], counted, width=width))
    return groups


def _fork(ax: Axes, groups: Sequence[Sequence[_Row]], trunk: float, y: float, width: float) -> None:
    first = max(trunk - width / 2 - 3.0, _MARGIN + width / 2)
    centres = (first, first + width + 6.0)
    fork = y + 10.0
    style: dict[str, Any] = {"color": PALETTE["ink"], "lw": 0.7, "solid_capstyle": "butt"}
    ax.plot([trunk, trunk], [y, fork], **style)
    ax.plot(centres, [fork, fork], **style)
    tallest = max(len(rows) for rows in groups)
    for rows, centre in zip(groups, centres, strict=True):
        _arrow(ax, (centre, fork), (centre, y + 22.0))
        _box(ax, rows, centre - width / 2, y + 22.0, width, centre=True, lines=tallest)


def _box(
    ax: Axes,
    rows: Sequence[_Row],
    left: float,
    top: float,
    width: float,
    *,
    centre: bool = False,
    lines: int | None = None,
) -> float:
    """Draw a box with its lines of text; its lower edge comes back."""
    from matplotlib.patches import Rectangle

    tall = _LINE * (lines if lines is not None else len(rows)) + 2 * _PAD
    ax.add_patch(
        Rectangle(
            (left, top), width, tall, facecolor="white", edgecolor=PALETTE["ink"], lw=0.7, zorder=2
        )
    )
    y = top + (tall - _LINE * len(rows)) / 2 + 0.52 * _LINE
    for row in rows:
        style: dict[str, Any] = {
            "va": "center_baseline", "fontsize": TEXT, "zorder": 3,
            "fontweight": "bold" if row.bold else "normal",
        }  # fmt: skip
        if centre:
            ax.text(left + width / 2, y, row.text, ha="center", **style)
        else:
            ax.text(left + _PAD, y, row.text, ha="left", **style)
            if row.count:
                ax.text(left + width - _PAD, y, row.count, ha="right", **style)
        y += _LINE
    return top + tall


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate(
        "", xy=end, xytext=start, zorder=1, annotation_clip=False,
        arrowprops={
            "arrowstyle": "-|>,head_length=0.28,head_width=0.13", "lw": 0.7, "shrinkA": 0.0,
            "shrinkB": 0.0, "color": PALETTE["ink"], "mutation_scale": 10.0,
        },
    )  # fmt: skip
