"""The ways of pooling one body of evidence: all of it, by groups, without each, on a property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from vertebrisk._checks import listed, nearest
from vertebrisk.errors import DataError
from vertebrisk.evidence.pooling.asymmetry import Egger, egger
from vertebrisk.evidence.pooling.estimates import Evidence
from vertebrisk.evidence.pooling.pooling import pool
from vertebrisk.evidence.pooling.proportions import pool_proportions
from vertebrisk.evidence.pooling.regression import MetaRegression, meta_regression
from vertebrisk.evidence.pooling.results import Pooled, PoolingModel, PredictionDf
from vertebrisk.evidence.pooling.study_estimates import NOT_STATED, SCALES, StudyEstimate
from vertebrisk.evidence.pooling.subsets import Subgroups, leave_one_out, pool_subgroups
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod

# What is told of the pooled number without a study, as `leave_one_out` names it.
_LEFT = (
    "k", "estimate", "std_error", "conf_low", "conf_high", "p_value", "tau2", "i2", "h2", "q",
    "q_p_value", "prediction_low", "prediction_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ways:
    """One body of evidence, and the options that every way of pooling it shares."""

    evidence: Evidence
    model: PoolingModel
    method: PoolingMethod
    hartung_knapp: bool
    prediction_df: PredictionDf | None

    @property
    def estimates(self) -> tuple[StudyEstimate, ...]:
        """One number a study."""
        return self.evidence.estimates

    @property
    def numbers(self) -> tuple[list[float], list[float]]:
        """Estimates and standard errors on the scale of pooling."""
        return [each.estimate for each in self.estimates], [
            each.std_error for each in self.estimates
        ]

    @property
    def _options(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "hartung_knapp": self.hartung_knapp,
            "prediction_df": self.prediction_df,
        }

    def all(self) -> Pooled:
        """Every study together."""
        return self._of(self.estimates)

    def _of(self, estimates: Sequence[StudyEstimate]) -> Pooled:
        if self.evidence.measure == "incidence":
            events = [each.n_events or 0 for each in estimates]
            sizes = [each.n or 0 for each in estimates]
            return pool_proportions(events, sizes, model=self.model, **self._options)
        numbers = replace(self, evidence=replace(self.evidence, estimates=tuple(estimates))).numbers
        return pool(*numbers, scale=SCALES[self.evidence.measure], **self._options)

    def by(self, name: str) -> Subgroups:
        """Each group of studies apart."""
        groups = self._property(name, "subgroup")
        if len(set(groups)) == 1:
            raise DataError(
                f"--subgroup {name}: all studies are of one group, '{groups[0]}'; there is nothing "
                "to compare."
            )
        scale = SCALES[self.evidence.measure]
        found = pool_subgroups(*self.numbers, groups, scale=scale, **self._options)
        if self.model == "normal":
            return found
        by_group: dict[str, list[StudyEstimate]] = {}
        for estimate, group in zip(self.estimates, groups, strict=True):
            by_group.setdefault(group, []).append(estimate)
        apart = tuple(
            replace(each, pooled=self._of(by_group[each.group])) if each.pooled.k > 1 else each
            for each in found.groups
        )
        return replace(found, groups=apart, overall=self.all(), q=None, q_p_value=None)

    def on(self, name: str) -> MetaRegression:
        """Meta-regression on a property, as numbers where all are."""
        values = self._property(name, "moderator")
        lacking = [
            each.label
            for each, value in zip(self.estimates, values, strict=True)
            if value == NOT_STATED
        ]
        if lacking:
            raise DataError(
                f"--moderator {name}: it is not stated of {listed(lacking)}. Leave them out, or "
                "choose another."
            )
        return meta_regression(
            *self.numbers,
            {name: _numbers(values) or values},
            method=self.method,
            hartung_knapp=self.hartung_knapp,
        )

    def _property(self, name: str, option: str) -> list[str]:
        """A property of every study; `NOT_STATED` where it is not known."""
        known = list(dict.fromkeys(key for each in self.estimates for key in each.about))
        if name not in known:
            raise DataError(
                f"--{option} '{name}' is not known of any study; known are {listed(known, 20)}."
                f"{nearest(name, known)}"
            )
        return [each.about.get(name) or NOT_STATED for each in self.estimates]

    def without_each(self) -> pl.DataFrame:
        """The pooled number without each study."""
        if len(self.estimates) < 3:
            raise DataError(
                "--leave-one-out needs three studies or more; of two, one would be left."
            )
        names = [each.study for each in self.estimates]
        if self.model == "normal":
            return leave_one_out(*self.numbers, studies=names, **self._options)
        rows = []
        for place, name in enumerate(names):
            rest = self._of([*self.estimates[:place], *self.estimates[place + 1 :]])
            rows.append({"omitted": name} | {key: getattr(rest, key) for key in _LEFT})
        return pl.DataFrame(rows, infer_schema_length=None)

    def egger(self) -> Egger | None:
        """Egger's test, where there are studies enough for one."""
        estimates, errors = self.numbers
        if len(errors) < 3 or max(errors) - min(errors) <= 1e-10 * max(errors):
            return None
        return egger(estimates, errors)


def _numbers(values: Sequence[str]) -> list[float] | None:
    try:
        return [float(value) for value in values]
    except ValueError:
        return None
