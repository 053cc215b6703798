"""What a comparison of models on one cohort found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from vertebrisk._checks import place_of
from vertebrisk._types import DataKind, Json
from vertebrisk.comparison.agreement.results import BlandAltman
from vertebrisk.findings import Finding
from vertebrisk.models.external.results import ExternalValidation
from vertebrisk.models.portable.differing import Difference
from vertebrisk.validation.areas import AucsComparison
from vertebrisk.validation.reclassification import Reclassification
from vertebrisk.validation.results import column_dict
from vertebrisk.validation.survival.reclassification import ReclassificationSurvival

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class SharedRows:
    """On whom all models are measured, and who could not be.

    Attributes
    ----------
    rows : int
        Rows of the table.
    n, n_events : int
        Rows with an outcome and a risk by every model, and those of them with the event.
    outcome_missing : int
        Rows whose outcome is not known.
    left_out : int
        Rows with an outcome and without a risk by one model or more.
    not_scored : mapping
        By model: rows with an outcome and without its risk.
    reasons : mapping
        By model: why, with how many rows say so; a row may have several reasons.
    """

    rows: int
    n: int
    n_events: int
    outcome_missing: int
    left_out: int
    not_scored: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]

    def to_dict(self) -> Json:
        """JSON form."""
        plain = ("rows", "n", "n_events", "outcome_missing", "left_out")
        return {
            **{name: getattr(self, name) for name in plain},
            "not_scored": dict(self.not_scored),
            "reasons": {name: dict(each) for name, each in self.reasons.items()},
        }


@dataclass(frozen=True, slots=True, eq=False)
class ModelPair:
    """Two models, patient by patient.

    Attributes
    ----------
    first, second : str
    risks : BlandAltman
        Of the risks, first less second.
    log_odds : BlandAltman or None
        Of their log-odds; None where a risk is 0 or 1.
    correlation : float or None
        Pearson's, of the log-odds; None where there are none, or no variance.
    rank_correlation : float or None
        Spearman's, of the risks.
    apart : polars.DataFrame
        difference (of risks, 0 to 1), n, share: patients whose risks are further apart.
    classes : polars.DataFrame
        threshold, n, share: patients above it by one model and below it by the other.
    joint : polars.DataFrame
        Where the risks lie together, in bins: first_low, first_high, second_low, second_high,
        n, n_events.
    reclassification : Reclassification
        From the first model to the second; read its findings before its numbers.
    """

    first: str
    second: str
    risks: BlandAltman
    log_odds: BlandAltman | None
    correlation: float | None
    rank_correlation: float | None
    apart: pl.DataFrame
    classes: pl.DataFrame
    joint: pl.DataFrame
    reclassification: Reclassification | ReclassificationSurvival

    def to_dict(self) -> Json:
        """JSON form; of patients nothing."""
        return {
            "first": self.first,
            "second": self.second,
            "risks": self.risks.to_dict(),
            "log_odds": None if self.log_odds is None else self.log_odds.to_dict(),
            "correlation": self.correlation,
            "rank_correlation": self.rank_correlation,
            "apart": column_dict(self.apart),
            "classes": column_dict(self.classes),
            "joint": column_dict(self.joint),
            "reclassification": self.reclassification.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class ModelComparison:
    """Several models on the same patients.

    Attributes
    ----------
    outcome : str
        The rule by which these patients have the event.
    names : tuple of str
    rows : SharedRows
    validations : mapping of str to ExternalValidation
        Each model on the rows that all can score.
    areas : AucsComparison
        C-indices together and by pairs, by DeLong.
    differences : polars.DataFrame
        Every pair: first, second, measure ("brier" or "net_benefit"), threshold (null of the
        Brier score), estimate (first less second), conf_low, conf_high, by the same bootstrap
        resamples of patients for all models.
    pairs : tuple of ModelPair
    differing : tuple of Difference
        What the models do not share.
    thresholds : tuple of float
    data_kind : {"real", "reconstructed", "simulated"}
        What the patients are.
    findings : tuple of Finding
    horizon : float or None
        By which models of time to event are compared, in `time_unit`; None for an outcome without
        times.
    """

    outcome: str
    names: tuple[str, ...]
    rows: SharedRows
    validations: Mapping[str, ExternalValidation]
    areas: AucsComparison
    differences: pl.DataFrame
    pairs: tuple[ModelPair, ...]
    differing: tuple[Difference, ...]
    thresholds: tuple[float, ...]
    data_kind: DataKind
    findings: tuple[Finding, ...]
    horizon: float | None = None
    time_unit: str = ""

    def measures_of(self, name: str) -> pl.DataFrame:
        """Measures of one model, by the horizon where there is one."""
        found = self.validations[name]
        return found.horizons[0].measures if found.horizons else found.measures

    @property
    def measures(self) -> pl.DataFrame:
        """The measures of all models: model, measure, estimate, conf_low, conf_high, interval."""
        return pl.concat(
            self.measures_of(name).select(pl.lit(name).alias("model"), pl.all())
            for name in self.names
        )

    def pair(self, first: str, second: str) -> ModelPair:
        """Two models by name, in the order of `names`; ArgumentError where there are none."""
        keys = [f"{each.first} | {each.second}" for each in self.pairs]
        return self.pairs[place_of(f"{first} | {second}", keys, "pair of models")]

    def to_dict(self) -> Json:
        """JSON form; of cells and patients nothing."""
        return {
            "schema": "vertebrisk/model-comparison",
            "schema_version": SCHEMA_VERSION,
            "outcome": self.outcome,
            "horizon": self.horizon,
            "time_unit": self.time_unit,
            "data_kind": self.data_kind,
            "models": list(self.names),
            "rows": self.rows.to_dict(),
            "areas": self.areas.to_dict(),
            "differences": list(self.differences.iter_rows(named=True)),
            "differing": [each.to_dict() for each in self.differing],
            "validations": {name: each.to_dict() for name, each in self.validations.items()},
            "pairs": [each.to_dict() for each in self.pairs],
            "thresholds": list(self.thresholds),
            "findings": [each.to_dict() for each in self.findings],
        }
