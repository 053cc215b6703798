"""Separation in completed tables: what separates may differ from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vertebrisk._types import FloatArray, MeanRisk
from vertebrisk.design.design import Design
from vertebrisk.findings import Finding
from vertebrisk.models.firth.objections import (
    Among,
    monotone_finding,
    monotone_refusal,
    refusal,
    separated,
)
from vertebrisk.models.likelihoods import Likelihood, PartialLikelihood
from vertebrisk.models.separation import Separation, find_monotone, find_separation


@dataclass(frozen=True, slots=True)
class SeparatedTables:
    """Tables without a finite maximum-likelihood estimate, and all that separates in any.

    Attributes
    ----------
    found : Separation
        `complete` where it is so in each of these tables.
    among : Among
    followed : bool
        True where the likelihood is a partial one.
    """

    found: Separation
    among: Among
    followed: bool

    def refusal(self, outcome: str) -> str:
        """What is said where maximum likelihood was asked for."""
        say = monotone_refusal if self.followed else refusal
        return say(self.found, outcome, self.among)

    def finding(self, outcome: str, mean_risk: MeanRisk) -> Finding:
        """What is said where Firth's estimator was used."""
        if self.followed:
            return monotone_finding(self.found, outcome, self.among)
        return separated(self.found, outcome, mean_risk, self.among)


def separated_tables(
    design: Design, tables: Sequence[FloatArray], likelihood: Likelihood
) -> SeparatedTables | None:
    """What separates in completed tables, shape (n, columns) each, or None where nothing does."""
    if isinstance(likelihood, PartialLikelihood):
        found = [find_monotone(design, table, likelihood.times) for table in tables]
    else:
        found = [find_separation(design, table, likelihood.event) for table in tables]
    own = [each for each in found if each is not None]
    if not own:
        return None
    alone = tuple(dict.fromkeys(name for each in own for name in each.alone))
    together = tuple(
        dict.fromkeys(name for each in own for name in each.together if name not in alone)
    )
    return SeparatedTables(
        Separation(all(each.complete for each in own), alone, together),
        Among(len(own), len(found)),
        followed=isinstance(likelihood, PartialLikelihood),
    )
