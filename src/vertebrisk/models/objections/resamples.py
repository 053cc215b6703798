"""Findings of a validation: resamples that have no estimate, and performance that flatters."""

from __future__ import annotations

from typing import Literal

from vertebrisk.findings import Finding
from vertebrisk.text.messages import say

OPTIMISM_LIMIT = 0.05
SLOPE_LIMIT = 0.9
SEPARATED_SHARE = 0.05

_KEPT_LOGISTIC = say(
    "They are kept for C, Dxy, R2, Brier and the curves, whose limits exist, and "
    "left out of slope, intercept and the linear Emax, which are therefore too "
    "favourable. The limit of R2 describes the separating level alone and is low."
)
_KEPT_FOLLOWED = say(
    "They are kept for C, Dxy and the measures at the horizons, whose limits "
    "exist, and left out of R2, slope, observed/expected, D, U, Q and g, which "
    "are therefore too favourable."
)
_KEPT_SETS = say("They are kept for C and Dxy, whose limits exist, and left out of the slope.")
_LEFT_OUT = say("They are left out, so that the corrected performance is too favourable.")

KeptOf = Literal["binary", "followed", "sets", "imputed", "pieces"]
_KEPT: dict[KeptOf, str] = {
    "binary": _KEPT_LOGISTIC,
    "followed": _KEPT_FOLLOWED,
    "sets": _KEPT_SETS,
    "imputed": _LEFT_OUT,
    "pieces": _LEFT_OUT,
}


def separated_resamples(
    count: int, resamples: int, *, kept: KeptOf = "binary", drawn: bool = True
) -> list[Finding]:
    """Resamples without a finite estimate; `kept` tells which measures they are kept for.

    `drawn` is False where patients were left out in turn, and a "resample" is the others.
    """
    if count == 0:
        return []
    return [
        Finding(
            code="separated-resamples",
            severity="warning" if count > SEPARATED_SHARE * resamples else "note",
            message=say(
                "{count} of {resamples} {made} ({share:.1%}) have no finite "
                "maximum-likelihood estimate.",
                count=count,
                resamples=resamples,
                made=_made(drawn),
                share=count / resamples,
            ),
            remedy=say("Merge rare levels, or shrink the coefficients."),
            explanation=_KEPT[kept],
        )
    ]


def _made(drawn: bool) -> str:
    return say("resamples") if drawn else say("models of the validation")


def level_lost(count: int, resamples: int, *, drawn: bool = True) -> list[Finding]:
    """Resamples that left a column without information; `drawn` as in `separated_resamples`."""
    if count == 0:
        return []
    return [
        Finding(
            code="level-lost-in-resamples",
            severity="note",
            message=say(
                "In {count} of {resamples} {made} a level was held by no patient, or two "
                "columns said the same.",
                count=count,
                resamples=resamples,
                made=_made(drawn),
            ),
            remedy=say("Merge rare levels."),
            explanation=say(
                "There, patients with such a level are scored as if they had the reference level."
            ),
        )
    ]


def failed_resamples(
    count: int, resamples: int, *, imputed: bool = False, drawn: bool = True
) -> list[Finding]:
    """Resamples with one outcome class only, or where some is imputed without any value of it.

    `drawn` as in `separated_resamples`.
    """
    if count == 0:
        return []
    unknown = say(", or no value of some variable,") if imputed else ""
    return [
        Finding(
            code="failed-resamples",
            severity="warning",
            message=say(
                "{count} of {resamples} {made} held patients of one outcome only{unknown} "
                "and were left out.",
                count=count,
                resamples=resamples,
                made=_made(drawn),
                unknown=unknown,
            ),
            remedy=say(
                "Collect more events; a validation that loses {lost} flatters the model.",
                lost=say("resamples") if drawn else say("models"),
            ),
        )
    ]


_LACKING = say(
    " Patients with a missing value are imputed for this without their outcome, as new patients "
    "would be: a part of the fall is what is lost by not knowing the value, and is regained where "
    "it is recorded."
)


def optimism(
    apparent: float,
    corrected: float | None,
    slope: float | None,
    *,
    imputed: bool = False,
    drawn: bool = True,
) -> list[Finding]:
    """The apparent performance flatters; of an imputed study in part because values lack.

    `drawn` as in `separated_resamples`; `corrected` and `slope` None where they are not known.
    """
    found = []
    lacking = _LACKING if imputed else ""
    where = say("when the development is repeated on resamples")
    if not drawn:
        where = say("in patients whom the model was made without")
    if corrected is not None and apparent - corrected >= OPTIMISM_LIMIT:
        found.append(
            Finding(
                code="optimism",
                severity="warning",
                message=say(
                    "The apparent C-index of {apparent:.3f} falls to {corrected:.3f} {where}.",
                    apparent=apparent,
                    corrected=corrected,
                    where=where,
                ),
                remedy=say("Quote the corrected value as the performance to be expected."),
                explanation=say(
                    "Apparent performance is measured on the patients that shaped the "
                    "model.{lacking}",
                    lacking=lacking,
                ),
            )
        )
    if slope is not None and slope < SLOPE_LIMIT:
        found.append(
            Finding(
                code="overfitting",
                severity="warning",
                message=say(
                    "The expected calibration slope in new patients is {slope:.2f}: high risks "
                    "are predicted too high and low risks too low.",
                    slope=slope,
                ),
                remedy=say(
                    "Shrink the coefficients, or prespecify fewer candidates, before the model "
                    "is used on patients."
                ),
                explanation=say(
                    "Steyerberg 2019, doi:10.1007/978-3-030-16399-0, chapter 13.{lacking}",
                    lacking=lacking,
                ),
            )
        )
    return found
