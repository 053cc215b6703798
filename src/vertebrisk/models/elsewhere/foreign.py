"""What a model of any other program comes down to, and the model that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from vertebrisk._checks import listed, nearest
from vertebrisk._types import FloatArray
from vertebrisk.design.build import with_marks
from vertebrisk.design.design import Design
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.terms import WrittenFactor, WrittenTerm
from vertebrisk.errors import ArgumentError, ModelError
from vertebrisk.models.elsewhere.patients import KnownPatients
from vertebrisk.models.portable.baseline import Baseline
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.nomogram.build import linear_predictor_ticks

ForeignKind = Literal["logistic", "cox"]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class ForeignModel:
    """A linear predictor and what it stands for.

    Attributes
    ----------
    kind : {"logistic", "cox"}
    terms : tuple of WrittenTerm
        As a formula of vertebrisk writes them.
    estimates : mapping of (term, level) to float
        A coefficient for every column; the level is empty where the term is one column.
    intercept : float
        0 of a Cox model.
    levels : mapping of str to tuple of str
        Levels of every categorical variable, the reference first.
    knots : mapping of str to tuple of float
        Of every spline.
    covariance : (tuple of (term, level), array) or None
        Rows and columns by name, the intercept ("", "") among them for a logistic model.
    baselines : tuple of Baseline
        Of a Cox model, for a patient whose columns are all 0.
    horizons : tuple of float
    time_unit, outcome, software, formula : str
    n, n_events : int
        Patients that the model was made from; 0 where not known.
    """

    kind: ForeignKind
    terms: tuple[WrittenTerm, ...]
    estimates: Mapping[Key, float]
    intercept: float = 0.0
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    knots: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    covariance: tuple[tuple[Key, ...], FloatArray] | None = None
    baselines: tuple[Baseline, ...] = ()
    horizons: tuple[float, ...] = ()
    time_unit: str = ""
    outcome: str = "outcome"
    software: str = ""
    formula: str = ""
    n: int = 0
    n_events: int = 0


INTERCEPT: Key = ("", "")


def assembled(model: ForeignModel, patients: KnownPatients) -> RiskModel:
    """The risk model that another program's model is.

    Raises
    ------
    ArgumentError, ModelError
        When a coefficient, a level, a knot or a range is missing, or is of no term.
    """
    design = with_marks(_design(model, patients))
    beta = _ordered(design, model.estimates)
    if not (np.isfinite(beta).all() and np.isfinite(model.intercept)):
        raise ModelError("A coefficient of the model is not a finite number.")
    linear = model.intercept + patients.linear_predictors(design, beta)
    ticks = linear_predictor_ticks(linear)
    covariance = _covariance(model, design)
    return RiskModel(
        design=design,
        intercept=model.intercept,
        beta=beta,
        covariance=covariance,
        draws=None,
        interval_kind="none" if covariance is None else "model-based",
        linear_ticks=ticks,
        outcome=Outcome(model.outcome, model.outcome),
        population=Population(model.n, model.n_events),
        provenance=Provenance(
            formula=model.formula or " + ".join(term.source for term in design.terms),
            estimator="elsewhere",
            software=model.software,
        ),
        performance={},
        kind=model.kind,
        baselines=model.baselines,
        horizons=model.horizons,
        time_unit=model.time_unit,
    )


def _design(model: ForeignModel, patients: KnownPatients) -> Design:
    written = {factor.variable: factor for term in model.terms for factor in term.factors}
    predictors = {name: patients.predictor(name, model.levels.get(name, ())) for name in written}
    terms = tuple(
        Term(tuple(_factor(factor, model) for factor in term.factors)) for term in model.terms
    )
    return Design(tuple(predictors.values()), terms)


def _factor(written: WrittenFactor, model: ForeignModel) -> Factor:
    name = written.variable
    match written.kind:
        case "fp":
            raise ArgumentError(
                f"The powers of {written.name} are not known; write them: powers({name}, -1)."
            )
        case "rcs":
            knots = model.knots.get(name, ())
            if len(knots) != written.knot_count:
                raise ArgumentError(
                    f"{written.name} has {written.knot_count} knots, and {len(knots)} are given; "
                    f"give knots={{'{name}': (...)}}."
                )
            if list(knots) != sorted(set(knots)):
                raise ArgumentError(f"The knots of {written.name} must ascend.")
            return Factor(name, "rcs", knots=tuple(float(knot) for knot in knots))
        case "powers":
            return Factor(
                name,
                "powers",
                powers=written.powers,
                shift=written.shift or 0.0,
                scale=written.scale or 1.0,
            )
        case "plain" | "categorical" if name in model.levels:
            return Factor(name, "categorical", levels=model.levels[name])
        case "categorical":
            raise ArgumentError(
                f"The levels of {name} are not known; give levels={{'{name}': (...)}}, the "
                "reference first."
            )
        case _:
            return Factor(name, written.kind, exponent=written.exponent)


def _ordered(design: Design, estimates: Mapping[Key, float]) -> FloatArray:
    columns = [(column.term, column.level) for column in design.columns]
    lacking = [_shown(key) for key in columns if key not in estimates]
    if lacking:
        names = [_shown(key) for key in estimates]
        raise ArgumentError(
            f"There is no coefficient of {listed(lacking)}; there are those of {listed(names)}."
            f"{nearest(lacking[0], names)}"
        )
    strangers = [_shown(key) for key in estimates if key not in columns]
    if strangers:
        raise ArgumentError(
            f"The coefficient of {listed(strangers)} belongs to no column of the model; its "
            f"columns are {listed([_shown(key) for key in columns], 40)}."
        )
    return np.array([estimates[key] for key in columns], dtype=np.float64)


def _shown(key: Key) -> str:
    return f"{key[0]} [{key[1]}]" if key[1] else key[0]


def _covariance(model: ForeignModel, design: Design) -> FloatArray | None:
    if model.covariance is None:
        return None
    names, values = model.covariance
    wanted = [(column.term, column.level) for column in design.columns]
    if model.kind == "logistic":
        wanted = [INTERCEPT, *wanted]
    if not np.isfinite(values).all() or set(names) != set(wanted):
        return None
    order = [names.index(key) for key in wanted]
    return np.asarray(values[np.ix_(order, order)], dtype=np.float64)
