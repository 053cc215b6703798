"""A model known by its names and coefficients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, listed
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray
from vertebrisk.design.terms import WrittenTerm, parse_terms
from vertebrisk.errors import ArgumentError
from vertebrisk.models.elsewhere.foreign import ForeignKind, ForeignModel, Key, assembled
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.risk_model import RiskModel

INTERCEPTS = ("(Intercept)", "Intercept", "intercept", "const")
_COLUMNS = ("term", "estimate")


def model_from_table(
    coefficients: Mapping[str, float | Mapping[str, float]] | object,
    *,
    kind: ForeignKind = "logistic",
    levels: Mapping[str, Sequence[str]] | None = None,
    knots: Mapping[str, Sequence[float]] | None = None,
    ranges: Mapping[str, Sequence[float]] | None = None,
    patients: object | None = None,
    baseline_survival: Mapping[float, float] | None = None,
    centre: float = 0.0,
    outcome: str = "outcome",
    time_unit: str = "",
) -> RiskModel:
    """See `RiskModel.from_table`."""
    check_choice(kind, "kind", ForeignKind)
    estimates = read_estimates(coefficients)
    intercepts = [key for key in estimates if key[0] in INTERCEPTS]
    intercept = sum(estimates.pop(key) for key in intercepts)
    if kind == "logistic" and not intercepts:
        raise ArgumentError(
            "The table has no intercept, without which there is no risk; add '(Intercept)'. From "
            "a nomogram alone it can be read off its total points."
        )
    if kind == "cox" and intercepts:
        raise ArgumentError(
            f"A Cox model has no intercept, and the table has '{intercepts[0][0]}'; give "
            "baseline_survival, or kind='logistic'."
        )
    terms = {written: _term(written) for written in dict.fromkeys(name for name, _ in estimates)}
    known = KnownPatients.of(patients, ranges)
    model = ForeignModel(
        kind=kind,
        terms=tuple(terms.values()),
        estimates={(terms[name].name, level): value for (name, level), value in estimates.items()},
        intercept=intercept,
        levels=_levels(tuple(terms.values()), estimates, levels or {}, known),
        knots={name: tuple(map(float, each)) for name, each in (knots or {}).items()},
        baselines=_baselines(kind, baseline_survival, centre, len(estimates)),
        horizons=tuple(sorted(baseline_survival or {})),
        time_unit=time_unit,
        outcome=outcome,
    )
    return assembled(model, known)


def read_estimates(coefficients: object) -> dict[Key, float]:
    """Coefficients by term and level, from nested mappings or from a frame.

    Raises
    ------
    ArgumentError
        For a frame without the columns, a term that is there twice, or what is no number.
    """
    pairs: list[tuple[Key, object]] = []
    if isinstance(coefficients, Mapping):
        for term, value in coefficients.items():
            if isinstance(value, Mapping):
                pairs += [((str(term), str(level)), each) for level, each in value.items()]
            else:
                pairs.append(((str(term), ""), value))
    else:
        frame = as_polars(coefficients)
        lacking = [name for name in _COLUMNS if name not in frame.columns]
        if lacking:
            raise ArgumentError(
                f"The table of coefficients has no column '{lacking[0]}'; it needs 'term', "
                f"'estimate' and, for levels, 'level', and has {listed(frame.columns)}."
            )
        if "level" not in frame.columns:
            frame = frame.with_columns(pl.lit("").alias("level"))
        rows = frame.select("term", "level", "estimate").iter_rows()
        pairs = [((str(term), str(level or "")), value) for term, level, value in rows]
    estimates: dict[Key, float] = {}
    for key, value in pairs:
        if key in estimates:
            raise ArgumentError(f"There are two coefficients of '{' '.join(key).strip()}'.")
        number = value if isinstance(value, int | float | np.number) else math.nan
        if isinstance(value, bool) or not math.isfinite(float(number)):
            raise ArgumentError(
                f"The coefficient of '{' '.join(key).strip()}' is {value!r}; a number is needed."
            )
        estimates[key] = float(number)
    if not estimates:
        raise ArgumentError("The table holds no coefficients.")
    return estimates


def _term(written: str) -> WrittenTerm:
    terms = parse_terms((written,))
    if len(terms) != 1:
        raise ArgumentError(f"'{written}' is {len(terms)} terms; give each its own coefficient.")
    return terms[0]


def _levels(
    terms: Sequence[WrittenTerm],
    estimates: Mapping[Key, float],
    given: Mapping[str, Sequence[str]],
    known: KnownPatients,
) -> dict[str, tuple[str, ...]]:
    """Levels of every variable that has them, the reference first.

    Those that are given, or else those of the patients: the one level without a coefficient
    is the reference.
    """
    levels = {name: tuple(str(level) for level in each) for name, each in given.items()}
    for name, each in levels.items():
        if len(set(each)) != len(each) or len(each) < 2:
            raise ArgumentError(
                f"The levels of '{name}' are {each}; two different ones or more are needed."
            )
    for term in terms:
        for factor in term.factors:
            name = factor.variable
            if name in levels or factor.kind not in ("plain", "categorical"):
                continue
            named = [level for key, level in estimates if key in (name, f"C({name})") and level]
            if not named and factor.kind == "plain":
                continue
            references = [level for level in known.levels(name) if level not in named]
            if len(references) != 1:
                raise ArgumentError(
                    f"Which level of '{name}' is the reference cannot be told; give "
                    f"levels={{'{name}': (...)}}, the reference first."
                )
            levels[name] = (references[0], *named)
    return levels


def _baselines(
    kind: ForeignKind, survival: Mapping[float, float] | None, centre: float, columns: int
) -> tuple[Baseline, ...]:
    if kind == "logistic":
        if survival is not None:
            raise ArgumentError("baseline_survival belongs to kind='cox'.")
        return ()
    if not survival:
        raise ArgumentError(
            "A Cox model needs baseline_survival, such as {12: 0.91}: the survival at a time of a "
            "patient whose linear predictor is `centre` (0)."
        )
    times = np.array(sorted(survival), dtype=np.float64)
    values = np.array([survival[time] for time in sorted(survival)], dtype=np.float64)
    if not (np.isfinite(times).all() and times[0] > 0):
        raise ArgumentError("The times of baseline_survival must be above 0.")
    if not ((values > 0) & (values <= 1)).all() or (np.diff(values) > 0).any():
        raise ArgumentError(
            "baseline_survival must lie above 0, at most at 1, and must not rise with time."
        )
    hazard = -np.log(values) * math.exp(-centre)
    return (portable_steps(times, hazard, columns),)


def portable_steps(times: FloatArray, hazard: FloatArray, columns: int) -> Baseline:
    """A cumulative hazard known at these times, of whose error nothing is known."""
    nothing = np.zeros(times.size)
    return Baseline("", times, hazard, nothing, np.zeros((times.size, columns)))
