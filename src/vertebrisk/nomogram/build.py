"""Points and scales from a design and its coefficients, as ``rms::nomogram`` makes them.

Every axis shows the contribution of one predictor to the linear predictor, less its
smallest, stretched so that the widest reaches 100 points. A predictor that interacts
with others shares an axis with them: one line for each combination of their values.

References
----------
Harrell FE, rms::nomogram; Lubsen J et al. 1978, doi:10.1055/s-0038-1636442.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design, Predictor
from vertebrisk.errors import ModelError
from vertebrisk.kernels.pretty import pretty
from vertebrisk.nomogram.results import Nomogram, NomogramAxis
from vertebrisk.nomogram.scales import LogisticScale, MedianScale, OddsScale, RiskScale

MAX_POINTS = 100.0
TICKS = 10
LOW_RISKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
HIGH_RISKS = (0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
RISK_TICKS = np.array([*LOW_RISKS, *(tenths / 10 for tenths in range(1, 10)), *HIGH_RISKS])

ODDS_TICKS = np.array([lead * 10.0**power for power in range(-4, 5) for lead in (1, 2, 5)])


def build_nomogram(
    design: Design,
    intercept: float,
    beta: FloatArray,
    linear_ticks: FloatArray,
    scales: tuple[RiskScale, ...] = (LogisticScale(),),
    median: MedianScale | None = None,
) -> Nomogram:
    """Nomogram of a model with a linear predictor.

    Parameters
    ----------
    design : Design
    intercept : float
    beta : array, shape (columns of the design,)
    linear_ticks : array
        Tick marks of the linear predictor over the patients: ``pretty(range, 10)``.
    scales : tuple of RiskScale
        What the linear predictor means, one scale a horizon; that of a logistic model by
        default.
    median : MedianScale, optional
        Adds a scale of the median time to the event.

    Raises
    ------
    ModelError
        A model without predictors, or whose predictors have no effect, has no nomogram; nor
        has one with effects beyond the range of numbers.
    """
    if not design.terms:
        raise ModelError("A model without predictors has no nomogram: everyone has the same risk.")
    groups = _axis_groups(design)
    axes = [axis for group in groups for axis in _contributions(design, beta, group)]
    _refuse_huge(np.concatenate([axis.points for axis in axes]))
    widest = 0.0
    total_lowest = 0.0
    lowest: dict[str, float] = {}
    for group in groups:
        values = np.concatenate([each.points for each in axes if each.variable == group[0]])
        lowest[group[0]] = float(values.min())
        total_lowest += float(values.min())
        widest = max(widest, float(np.ptp(values)))
    if widest == 0.0:
        raise ModelError("All coefficients are zero, so there is nothing for a nomogram to show.")
    scale = MAX_POINTS / widest
    zero = intercept + total_lowest
    _refuse_huge(np.array([scale, zero, scale * (float(linear_ticks.max()) - zero)]))
    scaled = tuple(_scaled(axis, lowest[axis.variable], scale) for axis in axes)
    top = MAX_POINTS
    if len(groups) > 1:
        top = max(MAX_POINTS, scale * (float(linear_ticks.max()) - zero))
    totals = pretty(0.0, top, TICKS)
    return Nomogram(
        axes=scaled,
        points=_points_frame(scaled),
        total=_total_frame(totals, zero + totals / scale, scales, median),
        risk_ticks=_risk_frame(scales[0], linear_ticks, zero, scale),
        intercept=zero,
        points_per_unit=scale,
        max_total=float(totals[-1]),
        scales=scales,
        median=median,
        later_ticks=tuple(_risk_frame(each, linear_ticks, zero, scale) for each in scales[1:]),
        median_ticks=None if median is None else _median_frame(median, linear_ticks, zero, scale),
    )


def _refuse_huge(numbers: FloatArray) -> None:
    if not np.isfinite(numbers).all():
        raise ModelError("Effects as large as this model's do not fit on a nomogram.")


def _total_frame(
    totals: FloatArray,
    linear: FloatArray,
    scales: tuple[RiskScale, ...],
    median: MedianScale | None,
) -> pl.DataFrame:
    columns = {"total_points": totals, "risk": scales[0].risk(linear)}
    for scale in scales:
        if scale.horizon is not None:
            columns[f"risk_{scale.horizon:g}"] = scale.risk(linear)
    if median is not None:
        columns["median"] = median.median(linear)
    return pl.DataFrame(columns).fill_nan(None)


def empty_nomogram(
    intercept: float, scales: tuple[RiskScale, ...] = (LogisticScale(),)
) -> Nomogram:
    """What stands in for the nomogram of a model without predictors: no axes, one risk."""
    nothing = np.zeros(1)
    return Nomogram(
        axes=(),
        points=_points_frame(()),
        total=_total_frame(nothing, nothing + intercept, scales, None),
        risk_ticks=_risk_frame(scales[0], np.empty(0), intercept, 1.0),
        intercept=intercept,
        points_per_unit=1.0,
        max_total=0.0,
        scales=scales,
        later_ticks=tuple(_risk_frame(each, np.empty(0), intercept, 1.0) for each in scales[1:]),
    )


def linear_predictor_ticks(linear: FloatArray) -> FloatArray:
    """Tick marks of the linear predictor as rms chooses them: round, no patient's own value."""
    return pretty(float(linear.min()), float(linear.max()), TICKS)


def _axis_groups(design: Design) -> list[list[str]]:
    """Variables sharing an axis; the first is drawn along it, the others are held."""
    related: dict[str, set[str]] = {name: set() for name in design.variables}
    for term in design.terms:
        for name in term.variables:
            related[name] |= set(term.variables) - {name}
    order = design.variables
    if any(related.values()):
        order = tuple(sorted(order, key=lambda name: design.predictor(name).discrete))
    done: set[str] = set()
    groups = []
    for name in order:
        if name in done:
            continue
        partners = [other for other in design.variables if other in related[name]]
        done |= {name, *partners}
        groups.append([name, *partners])
    return groups


def held_values(predictor: Predictor) -> list[str]:
    """Values at which an interacting predictor is held: its levels, or its marks."""
    if predictor.categorical:
        return list(predictor.levels)
    ticks = np.asarray(predictor.ticks)
    if not predictor.discrete:
        ticks = ticks[[ticks.size // 4, ticks.size // 2, (3 * ticks.size) // 4]]
    return [f"{tick:g}" for tick in ticks]


def _contributions(design: Design, beta: FloatArray, group: list[str]) -> list[NomogramAxis]:
    """Axes of one group, with contributions to the linear predictor in place of points."""
    leader = design.predictor(group[0])
    values = leader.levels if leader.categorical else tuple(f"{tick:g}" for tick in leader.ticks)
    codes = np.arange(len(values), dtype=np.float64)
    codes = codes if leader.categorical else np.asarray(leader.ticks)
    slices = design.slices
    terms = [term for term in design.terms if set(term.variables) <= set(group)]
    spanning = [term for term in design.terms if set(term.variables) & set(group)]
    if len(spanning) != len(terms):
        raise ModelError(
            "These interactions form a chain of predictors, which a nomogram cannot show; "
            "use the equation or the calculator."
        )
    partners = [design.predictor(name) for name in group[1:]]
    axes = []
    for backwards in product(*(held_values(partner) for partner in reversed(partners))):
        combination = backwards[::-1]  # the first partner varies fastest, as in rms
        at: dict[str, FloatArray] = {leader.name: codes}
        for partner, value in zip(partners, combination, strict=True):
            at[partner.name] = np.full(codes.size, partner.code(value))
        effect = sum(
            (term.columns(at) @ beta[slices[term.name]] for term in terms), np.zeros(codes.size)
        )
        held = tuple(zip(group[1:], combination, strict=True))
        axes.append(
            NomogramAxis(
                variable=leader.name,
                label=leader.label,
                unit=leader.unit,
                categorical=leader.categorical,
                values=values,
                numbers=None if leader.categorical else codes,
                points=np.asarray(effect, dtype=np.float64),
                condition=", ".join(
                    f"{partner.label} = {partner.level_label(value)}"
                    for partner, value in zip(partners, combination, strict=True)
                ),
                held=held,
                terms=tuple(term.name for term in terms),
                value_labels=leader.level_labels if leader.categorical else (),
            )
        )
    return axes


def _scaled(axis: NomogramAxis, lowest: float, scale: float) -> NomogramAxis:
    return NomogramAxis(
        variable=axis.variable,
        label=axis.label,
        unit=axis.unit,
        categorical=axis.categorical,
        values=axis.values,
        numbers=axis.numbers,
        points=(axis.points - lowest) * scale,
        condition=axis.condition,
        held=axis.held,
        terms=axis.terms,
        lowest=lowest,
        value_labels=axis.value_labels,
    )


def _points_frame(axes: tuple[NomogramAxis, ...]) -> pl.DataFrame:
    rows = [
        (f"{axis.variable} ({axis.condition})" if axis.condition else axis.variable, value, points)
        for axis in axes
        for value, points in zip(axis.values, axis.points.tolist(), strict=True)
    ]
    schema = {"variable": pl.String, "value": pl.String, "points": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _risk_frame(
    meaning: RiskScale, linear_ticks: FloatArray, zero: float, scale: float
) -> pl.DataFrame:
    limits = meaning.risk(linear_ticks) if linear_ticks.size else np.array([1.0, 0.0])
    marks = ODDS_TICKS if isinstance(meaning, OddsScale) else RISK_TICKS
    risks = np.array([risk for risk in marks if limits[0] <= risk <= limits[-1]])
    linear = meaning.linear(risks)
    totals = (linear - zero) * scale
    return pl.DataFrame({"risk": risks, "linear_predictor": linear, "total_points": totals})


def _median_frame(
    median: MedianScale, linear_ticks: FloatArray, zero: float, scale: float
) -> pl.DataFrame:
    """Round times at which half have had the event, as far as follow-up goes.

    A time between events that no patient's median can be is no mark.
    """
    limits = median.median(np.array([linear_ticks.max(), linear_ticks.min()]))
    shortest = limits[0]
    longest = limits[1] if np.isfinite(limits[1]) else median.times[-1]
    if not np.isfinite(shortest):
        marks = np.empty(0)
    else:
        marks = pretty(float(shortest), float(longest), TICKS)
        marks = marks[(marks >= shortest) & (marks <= longest) & (marks > 0.0)]
    linear = median.linear(marks)
    reached = np.isclose(median.median(linear + 1e-12), marks, rtol=1e-6, atol=0.0)
    marks, linear = marks[reached], linear[reached]
    totals = (linear - zero) * scale
    return pl.DataFrame({"time": marks, "linear_predictor": linear, "total_points": totals})


def patient_points(
    nomogram: Nomogram, design: Design, beta: FloatArray, codes: Mapping[str, float]
) -> tuple[tuple[NomogramAxis, float], ...]:
    """Axis and points of each predictor (or group of interacting ones) for one patient.

    `codes` are numbers as `Predictor.code` gives them. Of several axes for one predictor
    the one whose held values are the patient's is named, or the first.
    """
    at = {name: np.array([value]) for name, value in codes.items()}
    slices = design.slices
    terms = {term.name: term for term in design.terms}
    read = []
    for variable in dict.fromkeys(axis.variable for axis in nomogram.axes):
        axes = [axis for axis in nomogram.axes if axis.variable == variable]
        axis = next((each for each in axes if _holds(each, design, codes)), axes[0])
        effect = sum(
            float((terms[name].columns(at) @ beta[slices[name]])[0]) for name in axis.terms
        )
        read.append((axis, (effect - axis.lowest) * nomogram.points_per_unit))
    return tuple(read)


def _holds(axis: NomogramAxis, design: Design, codes: Mapping[str, float]) -> bool:
    return all(design.predictor(name).code(value) == codes[name] for name, value in axis.held)
