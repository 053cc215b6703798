"""What is said of separated patients, and of the estimator that was used on them."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._checks import listed
from vertebrisk._types import MeanRisk
from vertebrisk.findings import Finding
from vertebrisk.models.separation import Separation
from vertebrisk.text.messages import joined, say

_REMEDY = say(
    "Read the profile intervals, which may be very wide; merge levels, or leave "
    "the predictor out, where that makes sense clinically."
)
_MEAN_RISK: dict[MeanRisk, str] = {
    "flic": say(
        " The intercept was estimated anew, so that the mean risk is the prevalence (FLIC)."
    ),
    "flac": say(" An added covariate makes the mean risk the prevalence (FLAC)."),
    "uncorrected": say(" The mean risk is drawn towards one half; it is not the prevalence."),
}


@dataclass(frozen=True, slots=True)
class Among:
    """In how many of several completed tables something was found."""

    found: int
    tables: int

    @property
    def text(self) -> str:
        """As part of a sentence."""
        if self.found == self.tables:
            return say("all {tables} completed tables", tables=self.tables)
        return say("{found} of {tables} completed tables", found=self.found, tables=self.tables)


def separated(
    found: Separation, outcome: str, mean_risk: MeanRisk | None, among: Among | None = None
) -> Finding:
    """Patients are separated, and Firth's estimator was used."""
    kind = say("complete") if found.complete else say("quasi-complete")
    place = "" if among is None else say("In {text} ", text=among.text)
    return Finding(
        code="separation",
        severity="warning",
        message=say(
            "{place}{text} the patients with and without '{outcome}' ({kind} "
            "separation), so no finite maximum-likelihood estimate exists; the model was "
            "estimated by Firth's penalised likelihood{everywhere}.",
            place=place,
            text=found.text,
            outcome=outcome,
            kind=kind,
            everywhere=_everywhere(among),
        ),
        remedy=_REMEDY,
        explanation=say(
            "Firth's penalty keeps estimates finite and removes their first-order bias "
            "(Heinze and Schemper 2002, doi:10.1002/sim.1047).{mean_risk}",
            mean_risk="" if mean_risk is None else _MEAN_RISK[mean_risk],
        ),
    )


def refusal(found: Separation, outcome: str, among: Among | None = None) -> str:
    """The same, where maximum likelihood was asked for."""
    return (
        f"No finite maximum-likelihood estimate exists{_where(among)}: {found.text} the patients "
        f"with and without '{outcome}'. Merge levels, leave the predictor out, or use Firth's "
        "penalised likelihood (estimator 'firth', or 'auto')."
    )


def monotone_finding(found: Separation, outcome: str, among: Among | None = None) -> Finding:
    """A partial likelihood is monotone, and Firth's estimator was used."""
    return Finding(
        code="separation",
        severity="warning",
        message=say(
            "{monotone}: {monotone_cause}; the model was estimated by Firth's penalised "
            "likelihood{everywhere}.",
            monotone=_monotone(among),
            monotone_cause=monotone_cause(found, outcome),
            everywhere=_everywhere(among),
        ),
        remedy=_REMEDY,
        explanation=say(
            "Firth's penalty keeps estimates finite and removes their first-order bias "
            "(Heinze and Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x)."
        ),
    )


def monotone_refusal(found: Separation, outcome: str, among: Among | None = None) -> str:
    """The same, where maximum likelihood was asked for."""
    return (
        f"{_monotone(among)}: {monotone_cause(found, outcome)}. Merge levels, "
        "leave the predictor out, or use Firth's penalised likelihood (estimator 'firth', or "
        "'auto')."
    )


def _where(among: Among | None) -> str:
    return "" if among is None else say(" in {text}", text=among.text)


def _everywhere(among: Among | None) -> str:
    return "" if among is None or among.found == among.tables else say(" in every table")


def _monotone(among: Among | None) -> str:
    return say(
        "No finite maximum-likelihood estimate exists{where} (monotone likelihood)",
        where=_where(among),
    )


def monotone_cause(found: Separation, outcome: str) -> str:
    """What makes a partial likelihood monotone, as a part of a sentence."""
    parts = []
    if found.alone:
        alone = listed(list(found.alone))
        parts.append(say("{names} each", names=alone) if len(found.alone) > 1 else alone)
    if found.together:
        parts.append(say("{names} together", names=listed(list(found.together))))
    return say(
        "at every event of '{outcome}', whoever has it has the most extreme value of "
        "{parts} among those at risk, as when events occur in one group only",
        outcome=outcome,
        parts=joined(parts, ", and "),
    )
