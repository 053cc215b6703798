"""What several models are asked together, and each one's risks of every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.errors import DataError, ModelError
from vertebrisk.models.external.asking import Question, Rules, Scored, rule_of
from vertebrisk.models.portable.risk_model import RiskModel

EXAMPLE = "'vas_1m >= 4'"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked of all models."""

    outcome: str
    thresholds: FloatArray
    curve: FloatArray
    horizon: float | None
    resamples: int
    seed: int
    level: float

    @classmethod
    def of(
        cls,
        outcome: str,
        thresholds: ArrayLike,
        curve: ArrayLike | None,
        horizon: float | None,
        resamples: int,
        seed: int,
        level: float,
    ) -> Asked:
        """The question, checked as far as it goes without a model."""
        rule_of(outcome, "outcome", EXAMPLE)
        cuts = as_thresholds(thresholds)
        along = cuts if curve is None else np.union1d(as_thresholds(curve), cuts)
        return cls(outcome, cuts, along, horizon, resamples, seed, level)

    def question(self, name: str, model: RiskModel) -> Question:
        """The question as it suits one model."""
        by = None
        if model.kind != "logistic":
            by = [model.horizons[0] if self.horizon is None else self.horizon]
        settings = (self.resamples, self.seed, self.level)
        try:
            return Question.of(model, Rules(self.outcome), by, self.curve, *settings, None)
        except ModelError as error:
            raise ModelError(f"{name}: {error}") from None


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One model, its question, its table and its risks of every row."""

    model: RiskModel
    question: Question
    scored: Scored
    risks: pl.DataFrame
    truth: pl.Series

    @property
    def event(self) -> BoolArray:
        """Who has the event; False where that is not known."""
        return np.asarray(self.truth.fill_null(value=False).to_numpy(), dtype=np.bool_)

    @property
    def horizon(self) -> float | None:
        """By when the risks are; None for a model with one time point."""
        return horizon_of(self.question)

    def on(self, rows: BoolArray) -> Scored:
        """The same on some of the rows."""
        keep = pl.Series(rows)
        return Scored(
            self.scored.frame.filter(keep), lambda by: self.risks.filter(keep), self.scored.read
        )


def horizon_of(question: Question) -> float | None:
    """The one horizon of a question; None where none is asked."""
    horizons = question.horizons
    return None if horizons is None else float(np.atleast_1d(np.asarray(horizons))[0])


def candidate_of(name: str, model: RiskModel, scored: Scored, asked: Asked) -> Candidate:
    """A model with its risks; what is wrong with it is said under its name."""
    question = asked.question(name, model)
    try:
        risks = scored.risks(horizon_of(question))
    except (DataError, ModelError) as error:
        raise type(error)(f"{name}: {error}") from None
    truth = rule_of(asked.outcome, "outcome", EXAMPLE).rule(scored.frame)
    return Candidate(model, question, scored, risks, truth)
