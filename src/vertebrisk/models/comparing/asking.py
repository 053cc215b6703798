"""What several models are asked together, and each one's risks of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds, listed
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.kernels.survival.censoring import EVENT
from vertebrisk.models.external.asking import Question, Rules, Scored, rule_of
from vertebrisk.models.external.following import FollowUp, follow_up
from vertebrisk.models.portable.risk_model import RiskModel

EXAMPLE = "'vas_1m >= 4'"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked of all models."""

    rules: Rules
    thresholds: FloatArray
    curve: FloatArray
    horizon: float | None
    resamples: int
    seed: int
    level: float
    progress: Watch = unwatched

    @classmethod
    def of(
        cls,
        rules: Rules,
        thresholds: ArrayLike,
        curve: ArrayLike | None,
        horizon: float | None,
        resamples: int,
        seed: int,
        level: float,
        progress: Watch = unwatched,
    ) -> Asked:
        """The question, checked as far as it goes without a model."""
        rule_of(rules.outcome, "outcome", EXAMPLE)
        cuts = as_thresholds(thresholds)
        along = cuts if curve is None else np.union1d(as_thresholds(curve), cuts)
        return cls(rules, cuts, along, horizon, resamples, seed, level, progress)

    def for_all(self, models: Sequence[RiskModel]) -> Asked:
        """The question with one horizon for all, where patients have times.

        Raises
        ------
        ModelError
            For a horizon or a time asked of logistic models.
        ArgumentError
            For models whose times are in different units.
        """
        timed = [each for each in models if each.kind != "logistic"]
        if not timed:
            given = "time" if self.rules.time else "horizon"
            if self.rules.time or self.horizon is not None:
                raise ModelError(f"None of the models is of time to event; leave the {given} out.")
            return self
        units = list(dict.fromkeys(each.time_unit for each in timed))
        if len(units) > 1:
            raise ArgumentError(
                f"The models' times are in {listed(units)}; models are compared in one unit."
            )
        if not self.rules.time or self.horizon is not None:
            return self
        return replace(self, horizon=timed[0].horizons[0])

    def question(self, name: str, model: RiskModel) -> Question:
        """The question as it suits one model."""
        by = None
        if model.kind != "logistic":
            by = [model.horizons[0] if self.horizon is None else self.horizon]
        settings = (self.resamples, self.seed, self.level)
        try:
            return Question.of(model, self.rules, by, self.curve, *settings, progress=self.progress)
        except ModelError as error:
            raise ModelError(f"{name}: {error}") from None


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One model, its question, its table and its risks of every row.

    `event` is who has it (False where that is not known), `known` of whom that is known, and
    `followed` the times, None for an outcome without.
    """

    model: RiskModel
    question: Question
    scored: Scored
    risks: pl.DataFrame
    event: BoolArray
    known: BoolArray
    followed: FollowUp | None

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
    if asked.rules.time:
        followed = follow_up(scored.frame, asked.rules, model.time_unit)
        event = followed.status == EVENT
        return Candidate(model, question, scored, risks, event, followed.known, followed)
    truth = rule_of(asked.rules.outcome, "outcome", EXAMPLE).rule(scored.frame)
    event = np.asarray(truth.fill_null(value=False).to_numpy(), dtype=np.bool_)
    known = truth.is_not_null().to_numpy()
    return Candidate(model, question, scored, risks, event, known, None)
