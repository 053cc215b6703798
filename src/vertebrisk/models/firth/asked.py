"""What a caller asks of Firth's estimator."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._checks import check_choice
from vertebrisk._types import Estimator, MeanRisk
from vertebrisk.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Firth:
    """Firth's estimator.

    Attributes
    ----------
    mean_risk : {"flic", "flac", "uncorrected"}
        How the mean risk of a logistic model is made equal to the prevalence.
    only_separated : bool
        True uses it only where maximum likelihood has no finite estimate.
    """

    mean_risk: MeanRisk = "flic"
    only_separated: bool = False


def asked_firth(estimator: Estimator, mean_risk: MeanRisk | None = None) -> Firth | None:
    """What a caller asks for, checked; None with any other estimator."""
    if mean_risk is not None:
        check_choice(mean_risk, "mean_risk", MeanRisk)
    if estimator not in ("firth", "auto"):
        if mean_risk is not None:
            raise ArgumentError(
                "mean_risk belongs to the estimators firth and auto, and the estimator is "
                f"'{estimator}'; leave mean_risk out."
            )
        return None
    return Firth(mean_risk or "flic", only_separated=estimator == "auto")
