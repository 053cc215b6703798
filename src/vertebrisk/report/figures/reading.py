"""An example patient read off a nomogram: which axis, how many points, what sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vertebrisk.errors import ArgumentError
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.report.figures.words import duration, numbers_of, true_minus
from vertebrisk.report.results.study import ExamplePatient
from vertebrisk.text.numbers import Numbers


@dataclass(frozen=True, slots=True)
class Reading:
    """The example as it will be drawn.

    `axes` holds for each of the patient's values the position of its axis, None where
    the nomogram has none; `points` and `column` its points as number and as printed.
    `below` is what the axes under the total points say: a risk for each horizon, and the
    median time where the nomogram has one.
    """

    axes: tuple[int | None, ...]
    points: tuple[float, ...]
    column: tuple[str, ...]
    total: float
    total_text: str
    below: tuple[str, ...]
    sentence: str


def read_example(
    nomogram: Nomogram, example: ExamplePatient, words: Mapping[str, str], unit: str = ""
) -> Reading:
    """Find the example's values on the axes and put its sum into words."""
    if len(example.values) != len(example.points):
        raise ArgumentError(
            f"example has {len(example.values)} values and {len(example.points)} points; "
            "one number of points for each value is needed."
        )
    decimals = _decimals(example.points, example.total_points)
    numbers = numbers_of(words)
    column = tuple(numbers.estimate(value, decimals) for value in example.points)
    axes = tuple(
        _axis(nomogram.axes, variable, value, points)
        for (variable, value), points in zip(example.values, example.points, strict=True)
    )
    parts = []
    for (variable, value), index, shown in zip(example.values, axes, column, strict=True):
        name, measured = variable, ""
        if index is not None:
            name = nomogram.axes[index].label
            axis = nomogram.axes[index]
            value = axis.shown(value) if axis.categorical else true_minus(value)
            measured = f" {axis.unit}" if axis.unit else ""
        value += measured
        parts.append(words["example_part"].format(label=name, value=value, points=shown))
    total = numbers.estimate(example.total_points, decimals)
    below = _below(nomogram, example, numbers)
    told = {"parts": " + ".join(parts), "total": total}
    sentence = _sentence(nomogram, example, below, told, words, unit)
    return Reading(axes, example.points, column, example.total_points, total, below, sentence)


def _below(nomogram: Nomogram, example: ExamplePatient, numbers: Numbers) -> tuple[str, ...]:
    """The first risk is the model's own; later ones and the median are read off the scales."""
    later = range(1, len(nomogram.scales))
    risks = [example.risk, *(nomogram.risk(example.total_points, place) for place in later)]
    shown = tuple(percent(risk, numbers) for risk in risks)
    if nomogram.median is None:
        return shown
    time = nomogram.median_time(example.total_points)
    return (*shown, f"> {nomogram.median.limit:g}" if time is None else f"{_rounded(time):g}")


def _rounded(time: float) -> float:
    """A time to three digits."""
    return float(f"{time:.3g}")


def _median(
    nomogram: Nomogram, example: ExamplePatient, words: Mapping[str, str], unit: str
) -> str:
    if nomogram.median is None:
        return ""
    time = nomogram.median_time(example.total_points)
    if time is None:
        end = duration(nomogram.median.limit, unit, words)
        return words["example_median"].format(time=words["beyond_time"].format(time=end))
    return words["example_median"].format(time=duration(_rounded(time), unit, words))


def _sentence(
    nomogram: Nomogram,
    example: ExamplePatient,
    below: tuple[str, ...],
    told: Mapping[str, str],
    words: Mapping[str, str],
    unit: str,
) -> str:
    known = example.conf_low is not None and example.conf_high is not None
    numbers = numbers_of(words)
    ends = (percent(each or 0.0, numbers) for each in (example.conf_low, example.conf_high))
    limits = numbers.joined(*ends)
    if nomogram.scales[0].horizon is None:
        form = words["example_sentence_ci" if known else "example_sentence"]
        return form.format(**told, risk=below[0], limits=limits)
    risks = []
    for place, scale in enumerate(nomogram.scales):
        form = words["example_by_ci" if known and place == 0 else "example_by"]
        time = duration(float(scale.horizon or 0.0), unit, words)
        risks.append(form.format(risk=below[place], time=time, limits=limits))
    median = _median(nomogram, example, words, unit)
    return words["example_horizons"].format(
        **told, risks=words["example_and"].join(risks), median=median
    )


def percent(risk: float, numbers: Numbers) -> str:
    """A risk in per cent: whole numbers, with decimals below 10 and above 99 per cent."""
    decimals = 0 if 0.0995 <= risk < 0.99 else 1 if 0.00095 <= risk < 0.999 else 2
    return numbers.percent(100.0 * risk, decimals)


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
