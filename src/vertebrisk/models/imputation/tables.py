"""How the model of one completed table is fitted, for either kind of outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Ties
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import Design
from vertebrisk.design.formulas import Formula, SurvivalFormula
from vertebrisk.findings import Finding
from vertebrisk.models.development import Selection
from vertebrisk.models.firth.asked import Firth
from vertebrisk.models.imputation.imputations import Imputations
from vertebrisk.models.likelihoods import BinaryLikelihood, PartialLikelihood
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.logistic.fitting import check_outcomes, check_rows, fit_prepared
from vertebrisk.models.objections.events import few_events, few_timed_events
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.fitting import check_followed, fit_cox_prepared
from vertebrisk.models.survival.reading import outcome_name, read_rows


@dataclass(frozen=True, slots=True, eq=False)
class OneTable:
    """What all completed tables share, and how each is fitted.

    Attributes
    ----------
    name : str
        What the event is called.
    likelihood : BinaryLikelihood or PartialLikelihood
        The outcome, for maximum likelihood.
    fit : callable
        The model of a design in one table, by Firth's estimator or maximum likelihood.
    """

    name: str
    likelihood: BinaryLikelihood | PartialLikelihood
    fit: Callable[[pl.DataFrame, Design, Firth | None], LogisticFit | CoxFit]

    def check(self, design: Design) -> None:
        """Refuse a logistic model with as many parameters as patients."""
        if isinstance(self.likelihood, BinaryLikelihood):
            check_rows(design, self.likelihood.event.size)

    def few(self, parameters: int) -> list[Finding]:
        """Fewer than ten events for each candidate parameter."""
        event = self.likelihood.event
        if isinstance(self.likelihood, PartialLikelihood):
            return few_timed_events(int(event.sum()), parameters)
        return few_events(event.size, int(event.sum()), parameters)


def logistic_table(
    parsed: Formula, formula: str, data: Imputations, info: Mapping[str, VariableInfo] | None
) -> OneTable:
    """Tables with one binary outcome.

    Raises
    ------
    DataError
        Only one outcome occurs.
    """
    event = parsed.outcome.rule(data.data).cast(pl.Float64).to_numpy()
    names = parsed.outcome.names
    outcome = names[0] if len(names) == 1 else parsed.outcome.source
    check_outcomes(event, outcome)

    def fit(frame: pl.DataFrame, design: Design, firth: Firth | None) -> LogisticFit:
        return fit_prepared(
            frame, event, (), Selection(), formula=formula, outcome_name=outcome, info=info,
            n_dropped=data.n_dropped, design=design, firth=firth,
        )  # fmt: skip

    return OneTable(outcome, BinaryLikelihood(event), fit)


def followed_table(
    parsed: SurvivalFormula,
    formula: str,
    data: Imputations,
    ties: Ties,
    horizons: Sequence[float] | None,
    time_unit: str,
    info: Mapping[str, VariableInfo] | None,
) -> OneTable:
    """Tables with one time to an event.

    Raises
    ------
    DataError
        No event occurs, or nobody was followed up.
    """
    outcome = outcome_name(parsed)
    times = read_rows(data.frame(1), parsed, []).times
    check_followed(times, outcome)

    def fit(frame: pl.DataFrame, design: Design, firth: Firth | None) -> CoxFit:
        rows = read_rows(frame, parsed, [])
        return fit_cox_prepared(
            rows.frame, rows.times, (), Selection(), formula=formula, outcome_name=outcome,
            ties=ties, strata=parsed.strata, strata_levels=rows.strata_levels,
            horizons=horizons, time_unit=time_unit, info=info, n_dropped=data.n_dropped,
            findings=rows.findings, design=design, firth=firth,
        )  # fmt: skip

    return OneTable(outcome, PartialLikelihood(times, ties), fit)
