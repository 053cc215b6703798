"""An example patient read off a nomogram: which axis, how many points, what sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk.errors import ArgumentError
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.report.figures.words import number, true_minus
from vertebrisk.report.results import ExamplePatient


@dataclass(frozen=True, slots=True)
class Reading:
    """The example as it will be drawn.

    `axes` holds for each of the patient's values the position of its axis, None where
    the nomogram has none; `points` and `column` its points as number and as printed.
    """

    axes: tuple[int | None, ...]
    points: tuple[float, ...]
    column: tuple[str, ...]
    total: float
    total_text: str
    risk: float
    risk_text: str
    sentence: str


def read_example(nomogram: Nomogram, example: ExamplePatient, words: Mapping[str, str]) -> Reading:
    """Find the example's values on the axes and put its sum into words."""
    if len(example.values) != len(example.points):
        raise ArgumentError(
            f"example has {len(example.values)} values and {len(example.points)} points; "
            "one number of points for each value is needed."
        )
    decimals = _decimals(example.points, example.total_points)
    column = tuple(number(value, decimals) for value in example.points)
    axes = tuple(
        _axis(nomogram.axes, variable, value, points)
        for (variable, value), points in zip(example.values, example.points, strict=True)
    )
    parts = []
    for (variable, value), index, shown in zip(example.values, axes, column, strict=True):
        name, unit = variable, ""
        if index is not None:
            name = nomogram.axes[index].label
            axis = nomogram.axes[index]
            value = axis.shown(value) if axis.categorical else true_minus(value)
            unit = f" {nomogram.axes[index].unit}" if nomogram.axes[index].unit else ""
        parts.append(words["example_part"].format(label=name, value=value + unit, points=shown))
    total = number(example.total_points, decimals)
    risk = percent(example.risk)
    form, limits = "example_sentence", {}
    if example.conf_low is not None and example.conf_high is not None:
        form = "example_sentence_ci"
        limits = {"low": percent(example.conf_low), "high": percent(example.conf_high)}
    sentence = words[form].format(parts=" + ".join(parts), total=total, risk=risk, **limits)
    return Reading(
        axes, example.points, column, example.total_points, total, example.risk, risk, sentence
    )


def percent(risk: float) -> str:
    """A risk in per cent: whole numbers, with decimals below 10 and above 99 per cent."""
    decimals = 0 if 0.0995 <= risk < 0.99 else 1 if 0.00095 <= risk < 0.999 else 2
    return f"{number(100.0 * risk, decimals)}%"


def _decimals(points: Sequence[float], total: float) -> int:
    """Fewest decimals with which the printed points add up to the printed total."""
    for decimals in (0, 1, 2):
        scale = 10**decimals
        if sum(round(value * scale) for value in points) == round(total * scale):
            return decimals
    return 1


def _axis(axes: Sequence[NomogramAxis], variable: str, value: str, points: float) -> int | None:
    """The axis of a variable; with interactions, the one on which the value has these points."""
    found = [k for k, axis in enumerate(axes) if variable in (axis.variable, axis.label)]
    if len(found) < 2:
        return found[0] if found else None
    return min(found, key=lambda k: abs(_points_of(axes[k], value) - points))


def _points_of(axis: NomogramAxis, value: str) -> float:
    if axis.numbers is None:
        return float(axis.points[axis.values.index(value)]) if value in axis.values else np.inf
    try:
        at = float(value.replace("\u2212", "-"))
    except ValueError:
        return np.inf
    order = np.argsort(axis.numbers)
    return float(np.interp(at, axis.numbers[order], axis.points[order]))
