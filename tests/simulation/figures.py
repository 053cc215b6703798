"""The page's two figures: bias where nothing is missing, and the effect of age where much is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.simulation.measures import Z
from tests.simulation.results import Results, Row, measured
from tests.simulation.scenarios import AGE, PREDICTORS, SCENARIOS
from tests.simulation.tables import FIRTH, LABELS, ML, WAYS, study

from vertebrisk.report.figures.style import (
    DOUBLE_MM,
    PALETTE,
    SMALL,
    house_style,
    mark,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 58.0
LEFT, GAP, RIGHT, BOTTOM, TOP = 42.0, 4.0, 3.0, 12.0, 8.0
APART = 0.16  # of two methods in one line
LABEL = "Simulated data"


@house_style()
def bias_figure(results: Results) -> Figure:
    """Bias of the effects by maximum likelihood and by Firth's method, a panel for each study."""
    names = [each.name for each in PREDICTORS]
    figure, panels = _panels([LABELS[name] for name in names])
    for scenario, ax in zip(SCENARIOS, panels, strict=True):
        for method, side, colour, face in (
            (ML, -APART, PALETTE["reference"], PALETTE["paper"]),
            (FIRTH, APART, PALETTE["model"], PALETTE["model"]),
        ):
            rows = [results.effect(scenario.name, name, method, "wald") for name in names]
            _points(
                ax, rows, [place + side for place in range(len(names))], colour, face, method, 0.0
            )
        ax.set_title(study(scenario), fontsize=SMALL, loc="left")
        ax.axvline(0.0, color=PALETTE["guide"], zorder=0)
        ax.set_xlim(-0.28, 0.28)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower left", bbox_to_anchor=(0.0, 0.0), ncols=2)
    figure.text(0.62, 0.01, "bias of the log ratio", ha="center", va="bottom", fontsize=SMALL)
    mark(panels[-1], LABEL, dy=12.0)
    return figure


@house_style()
def age_figure(results: Results) -> Figure:
    """Mean estimate of the effect of age by what is done with missing values."""
    figure, panels = _panels([label for *_, label in WAYS])
    truth = PREDICTORS[AGE].effect
    for scenario, ax in zip(SCENARIOS, panels, strict=True):
        for place, (data, method, intervals, _) in enumerate(WAYS):
            row = results.effect(scenario.name, "age", method, intervals, data)
            cases = data == "complete cases"
            colour = PALETTE["corrected"] if cases else PALETTE["model"]
            face = PALETTE["paper"] if method == ML else colour
            _points(ax, [row], [float(place)], colour, face, "", truth)
        ax.set_title(study(scenario), fontsize=SMALL, loc="left")
        ax.axvline(truth, color=PALETTE["guide"], zorder=0)
        ax.set_xlim(0.2, 1.4)
    text = "mean log ratio of age (line: the truth)"
    figure.text(0.62, 0.01, text, ha="center", va="bottom", fontsize=SMALL)
    mark(panels[-1], LABEL, dy=12.0)
    return figure


def _panels(labels: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """A panel for each study side by side, the rows named at the left."""
    figure = new_figure(DOUBLE_MM, HEIGHT)
    width = (DOUBLE_MM - LEFT - RIGHT - GAP * (len(SCENARIOS) - 1)) / len(SCENARIOS)
    panels = []
    for place in range(len(SCENARIOS)):
        box = (
            (LEFT + place * (width + GAP)) / DOUBLE_MM,
            BOTTOM / HEIGHT,
            width / DOUBLE_MM,
            (HEIGHT - BOTTOM - TOP) / HEIGHT,
        )
        ax = figure.add_axes(box)
        tidy(ax)
        ax.set_ylim(len(labels) - 0.5, -0.5)
        ax.set_yticks(range(len(labels)), labels if place == 0 else [""] * len(labels))
        ax.tick_params(axis="y", length=0)
        panels.append(ax)
    return figure, panels


def _points(
    ax: Axes,
    rows: Sequence[Row],
    height: Sequence[float],
    colour: str,
    face: str,
    label: str,
    centre: float,
) -> None:
    """Biases around a centre with their 95 % Monte Carlo limits."""
    found = [measured(row, "bias") for row in rows]
    ax.errorbar(
        [centre + each.value for each in found],
        height,
        xerr=[Z * each.error for each in found],
        fmt="o",
        markersize=3.2,
        color=colour,
        markerfacecolor=face,
        elinewidth=0.8,
        label=label or None,
    )
