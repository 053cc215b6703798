"""What an external validation is asked for, checked once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds, check_fraction, check_positive_int, check_seed
from vertebrisk._types import FloatArray
from vertebrisk.design.rules import Expression
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import ArgumentError, ModelError
from vertebrisk.findings import Finding
from vertebrisk.models.external.measuring import Resamples
from vertebrisk.models.external.policy import MissingPolicy
from vertebrisk.models.portable.risk_model import RiskModel


@dataclass(frozen=True, slots=True)
class Rules:
    """By which new patients have an outcome, as they were written; "" where there is none."""

    outcome: str
    time: str = ""
    competing: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Outcome, horizons (None for the model's own), thresholds, and how limits are found.

    `development` are the patients that the model was made from, where they are given; `missing`
    and `prevalence` as they were asked for.
    """

    rules: Rules
    horizons: ArrayLike | None
    thresholds: FloatArray
    resamples: Resamples
    development: pl.DataFrame | None
    missing: MissingPolicy | None
    prevalence: float | None

    @classmethod
    def of(
        cls,
        model: RiskModel,
        rules: Rules,
        horizons: ArrayLike | None,
        thresholds: ArrayLike,
        resamples: int,
        seed: int,
        level: float,
        development: pl.DataFrame | None = None,
        missing: MissingPolicy | None = None,
        prevalence: float | None = None,
        progress: Watch = unwatched,
    ) -> Question:
        """A question that suits the model; ModelError or ArgumentError where it does not."""
        if model.population.refuses_risks:
            raise ModelError("Its controls were matched, so the model has no risk to validate.")
        given = {"time": rules.time, "competing": rules.competing}
        named = [name for name, text in given.items() if text]
        if model.kind == "logistic" and (named or horizons is not None):
            raise ModelError(
                f"A logistic model has one time point ({model.outcome.time_point or 'its own'}); "
                f"leave {' and '.join([*named, *(['horizons'] if horizons is not None else [])])} "
                "out, and let the outcome be what had happened by then."
            )
        if rules.competing and not rules.time:
            raise ArgumentError("competing needs time: without times nothing competes.")
        check_positive_int(resamples, "resamples")
        check_seed(seed)
        check_fraction(level, "level")
        settings = Resamples(resamples, seed, level, progress)
        cuts = as_thresholds(thresholds)
        return cls(rules, horizons, cuts, settings, development, missing, prevalence)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A table of new patients and how its rows are scored.

    `risks` gives `RiskModel.predict` by a horizon (None for a logistic model); `read` is what was
    found while the table was read.
    """

    frame: pl.DataFrame
    risks: Callable[[float | None], pl.DataFrame]
    read: tuple[Finding, ...] = ()


def rule_of(text: str, name: str, example: str) -> Expression:
    """A rule as it was given; ArgumentError where it is no text."""
    if not isinstance(text, str) or not text.strip():
        raise ArgumentError(
            f"{name} is {text!r}; name a column or write a rule, such as {example}."
        )
    return Expression.parse(text)
