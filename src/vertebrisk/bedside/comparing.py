"""Several models on one patient: what is asked, each one's risk, and where they part.

Everything is told on the log odds of the risk by each model's own time, so that logistic
models and models of time to event stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from vertebrisk._types import FloatArray
from vertebrisk.design.design import Predictor
from vertebrisk.models.portable.differing import Difference, of_other_things, what_differs
from vertebrisk.models.portable.risk_model import RiskModel

Models = Mapping[str, RiskModel]
Answers = Mapping[str, float | str]

ROW = "row"  # a column that no model reads: it gives a patient without inputs a row
TOGETHER = 0.005  # log odds below which what inputs do together is rounding of a page


@dataclass(frozen=True, slots=True)
class Question:
    """One input that is asked once, for all models that read it alike.

    Attributes
    ----------
    key : str
        Unlike all others: the name, followed by ``~2`` where another model reads an input
        of this name with other levels or another unit.
    name : str
        Variable of the models.
    predictor : Predictor
        That of the model with most patients.
    models : tuple of str
        Models that read it.
    chooses_baseline : bool
        It names the stratum and is no predictor.
    """

    key: str
    name: str
    predictor: Predictor
    models: tuple[str, ...]
    chooses_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One model's answer; `risk` is None where it cannot be given, and `flags` say why.

    `average` is the share with the event in its population where that is known, `reference`
    the risk of the patient that all are compared with.
    """

    model: str
    risk: float | None
    conf_low: float | None
    conf_high: float | None
    horizon: float | None
    average: float | None
    reference: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one input adds to the log odds of each model, None in a model without it.

    `reference` is the value that it is compared with; `spread` how far the models lie apart
    in it.
    """

    question: Question
    value: float | str
    reference: float | str
    adds: tuple[float | None, ...]
    spread: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several models on one patient.

    Attributes
    ----------
    sides : tuple of Side
    differences : tuple of Difference
        Kinds: outcome, event, time, design, use_at, data, population.
    comparable : bool
        Outcome, event and time are the same, so that the risks are of one thing.
    start, end : tuple of (float or None)
        Log odds of the reference patient, and of this one: start, parts and together.
    parts : tuple of Part
        The widest apart first.
    together : tuple of (float or None)
        What is left: inputs that interact, and the curvature of risks by a time.
    """

    sides: tuple[Side, ...]
    differences: tuple[Difference, ...]
    comparable: bool
    start: tuple[float | None, ...]
    end: tuple[float | None, ...]
    parts: tuple[Part, ...]
    together: tuple[float | None, ...]

    @property
    def start_spread(self) -> float:
        """How far the models lie apart for the reference patient."""
        return _spread(self.start)

    @property
    def interacts(self) -> bool:
        """True where what inputs do together is worth a line."""
        return any(abs(each or 0.0) > TOGETHER for each in self.together)


def questions(models: Models) -> tuple[Question, ...]:
    """Everything that any of the models asks, once.

    An input of the same name with the same levels, or the same unit, is one input; with
    others it is asked again, since no answer to one is an answer to the other.
    """
    found: dict[tuple[str, bool, frozenset[str], str], list[tuple[str, Predictor]]] = {}
    for identity, model in models.items():
        for predictor in (*model.design.predictors, *_strata(model)):
            baseline = predictor.name in model.strata
            levels, unit = frozenset(predictor.levels), predictor.unit.strip()
            found.setdefault((predictor.name, baseline, levels, unit), []).append(
                (identity, predictor)
            )
    asked: dict[str, int] = {}
    made = []
    for (name, baseline, _, _), readers in found.items():
        asked[name] = asked.get(name, 0) + 1
        key = name if asked[name] == 1 else f"{name}~{asked[name]}"
        readers_models = tuple(identity for identity, _ in readers)
        largest = max(readers, key=lambda each: models[each[0]].population.n)
        made.append(Question(key, name, largest[1], readers_models, baseline))
    return tuple(made)


def _strata(model: RiskModel) -> list[Predictor]:
    """The variables that choose a baseline, as inputs with levels."""
    if not model.strata:
        return []
    several = len(model.strata) > 1
    names = [each.stratum for each in model.baselines]
    rows = [name.split(", ") if several else [name] for name in names]
    own = set(model.design.variables)
    return [
        Predictor(
            name,
            name,
            levels=tuple(dict.fromkeys(row[place] for row in rows)),
            adjust_to=rows[0][place],
        )
        for place, name in enumerate(model.strata)
        if name not in own and all(len(row) == len(model.strata) for row in rows)
    ]


def compare(
    models: Models, answers: Answers, horizons: Mapping[str, float] | None = None
) -> Comparison:
    """What several models say of one patient, and why they do not say the same.

    Parameters
    ----------
    models : mapping of str to RiskModel
        By id, two or more.
    answers : mapping of str to (float or str)
        By key of `questions`: a number, or a level. A model that lacks an answer gives no
        risk and says what it needs, or averages over it where it does so and says that; nothing
        is assumed. An average has no parts.
    horizons : mapping of str to float, optional
        For models of time to event: the time by which their risk is asked; the model's first
        horizon by default.

    Returns
    -------
    Comparison
        An input adds to the log odds what the patient's value does in place of the reference:
        the mean of its effect when the other inputs are the patient's and when they are the
        reference's, which shares what two inputs do together between them. The reference is,
        for each input, the median or most frequent level of the model with most patients.

    Raises
    ------
    ModelError
        When a horizon lies outside the follow-up of its model.
    """
    asked = questions(models)
    typical = {each.key: _adjusted(each.predictor) for each in asked}
    told = [
        _told(
            _Asked(
                identity, model, tuple(each for each in asked if identity in each.models),
                (horizons or {}).get(identity),
            ),
            answers,
            typical,
        )
        for identity, model in models.items()
    ]  # fmt: skip
    sides = tuple(each.side for each in told)
    horizons_used = [side.horizon for side in sides]
    differences = what_differs(list(models.values()), horizons_used)
    parts = [
        _part(each, answers[each.key], typical[each.key], told)
        for each in asked
        if each.key in answers and not each.chooses_baseline
    ]
    return Comparison(
        sides=sides,
        differences=differences,
        comparable=not of_other_things(differences),
        start=tuple(each.start for each in told),
        end=tuple(each.end for each in told),
        parts=tuple(sorted(parts, key=lambda part: -part.spread)),
        together=tuple(each.together for each in told),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One model, what it reads, and by when its risk is asked."""

    id: str
    model: RiskModel
    inputs: tuple[Question, ...]
    horizon: float | None


@dataclass(frozen=True, slots=True)
class _Told:
    """One model's answer in log odds: reference patient, this one, and what inputs add."""

    side: Side
    start: float | None = None
    end: float | None = None
    adds: Mapping[str, float] = field(default_factory=dict)

    @property
    def together(self) -> float | None:
        if self.start is None or self.end is None:
            return None
        return self.end - self.start - math.fsum(self.adds.values())


def _part(
    question: Question, value: float | str, reference: float | str, told: Sequence[_Told]
) -> Part:
    adds = tuple(each.adds.get(question.key) for each in told)
    # A model that gives a risk without the input adds nothing for it.
    spread = _spread([each.adds.get(question.key, 0.0) for each in told if each.end is not None])
    return Part(question, value, reference, adds, spread)


def average_risk(model: RiskModel, horizon: float | None = None) -> float | None:
    """Share with the event in the population that risks hold for; None where it is not known.

    Of a model of time to event, the mean risk of its patients by one of its horizons.
    """
    if horizon in model.horizons[: len(model.average_risks)]:
        return model.average_risks[model.horizons.index(horizon)]
    population = model.population
    if population.prevalence is not None:
        return population.prevalence
    if model.kind != "logistic" or population.design != "cohort" or not population.n:
        return None
    return population.n_events / population.n


def _told(asked: _Asked, answers: Answers, typical: Answers) -> _Told:
    """One model: its answer, and where its log odds come from."""
    model, horizon = asked.model, asked.horizon
    inputs = [each for each in asked.inputs if not each.chooses_baseline]
    patient = {each.name: answers.get(each.key) for each in asked.inputs}
    held = {each.name: patient[each.name] for each in asked.inputs if each.chooses_baseline}
    reference = {each.name: typical[each.key] for each in inputs} | held
    rows = [patient, reference]
    for each in inputs:
        rows.append(patient | {each.name: reference[each.name]})
        rows.append(reference | {each.name: patient[each.name]})
    frame = model.predict(_frame([each.name for each in asked.inputs], rows), horizon)
    by = horizon if horizon is not None else next(iter(model.horizons), None)
    first = frame.row(0, named=True)
    side = Side(
        model=asked.id,
        risk=first["risk"],
        conf_low=first["conf_low"],
        conf_high=first["conf_high"],
        horizon=by,
        average=average_risk(model, by),
        reference=frame["risk"][1],
        flags=tuple(filter(None, first["flags"].split("; "))),
    )
    log_odds = _log_odds(model, frame, by, patient)
    if side.risk is None or not np.isfinite(log_odds[:2]).all():
        return _Told(side)
    own, start = float(log_odds[0]), float(log_odds[1])
    pairs = log_odds[2:].reshape(-1, 2)
    adds = ((own - pairs[:, 0]) + (pairs[:, 1] - start)) / 2.0
    by_key = {each.key: float(add) for each, add in zip(inputs, adds, strict=True)}
    return _Told(side, start, own, by_key)


def _frame(names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Patients as a table: a column is of texts where any value is one, of numbers elsewhere."""
    columns = {name: [row[name] for row in rows] for name in names}
    return pl.DataFrame(
        [pl.Series(ROW, range(len(rows)))]
        + [pl.Series(name, values, dtype=_type(values)) for name, values in columns.items()]
    )


def _type(values: Sequence[object]) -> Any:
    return pl.String if any(isinstance(each, str) for each in values) else pl.Float64


def _log_odds(
    model: RiskModel, frame: pl.DataFrame, horizon: float | None, patient: Mapping[str, object]
) -> FloatArray:
    """Log odds of the risk of every row, from the linear predictor, which no risk near 1 loses."""
    linear = frame["linear_predictor"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if model.kind == "logistic" or horizon is None:
        return np.array(linear)
    stratum = ", ".join(str(patient[name]) for name in model.strata)
    hazards = [each.at(horizon)[0] for each in model.baselines if each.stratum == stratum]
    if not hazards or hazards[0] <= 0.0:
        return np.full(linear.size, np.nan)
    hazard = np.exp(np.minimum(linear + math.log(hazards[0]), 700.0))
    with np.errstate(over="ignore", divide="ignore"):
        return np.asarray(np.where(hazard > 30.0, hazard, np.log(np.expm1(np.minimum(hazard, 30)))))


def _adjusted(predictor: Predictor) -> float | str:
    """The value that stands for its population."""
    value = predictor.adjust_to
    if not predictor.categorical:
        return float(value)
    return str(value) if str(value) in predictor.levels else predictor.levels[0]


def _spread(values: Sequence[float | None]) -> float:
    known = [each for each in values if each is not None]
    return max(known) - min(known) if len(known) > 1 else 0.0
