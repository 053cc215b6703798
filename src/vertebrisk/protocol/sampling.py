"""`[sampling]`: how the controls of a case-control study were chosen, and from whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, model_validator

from vertebrisk.protocol.checks import undescribed
from vertebrisk.protocol.documents import Study
from vertebrisk.protocol.fields import Names, RuleText, Table

_STATED = ("prevalence", "population", "population_cases", "population_controls")

Count = Annotated[int, Field(ge=1)]


class Sampling(Table):
    """Where controls were sampled: how, and the population that risks are to hold for.

    Controls drawn beforehand are told apart by the rule `sampled`, or are all that the file
    holds; `controls_per_case` with `seed` draws them here, at random among the eligible
    patients without the event. The population is that of the file before the sampling, or is
    stated: `prevalence` (with `population`, the number of patients that it was estimated from,
    if it was), or `population_cases` with `population_controls` or `population`. `matched`
    lists variables in which controls resemble their cases by design, and `set` is the column
    that names the matched set of each row: with it the analysis is conditional.
    """

    sampled: RuleText | None = None
    controls_per_case: Count | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    matched: Names = ()
    set: str | None = None
    prevalence: Annotated[float, Field(gt=0, lt=1)] | None = None
    population: Count | None = None
    population_cases: Count | None = None
    population_controls: Count | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Sampling:
        if self.sampled is not None and self.controls_per_case is not None:
            raise ValueError("'sampled' and 'controls_per_case' exclude each other; keep one")
        if (self.controls_per_case is None) != (self.seed is None):
            raise ValueError("'controls_per_case' and 'seed' belong together")
        if self.set == "":
            raise ValueError("'set' is empty; name the column of the matched sets")
        if self.by_matching and self.controls_per_case is not None:
            raise ValueError("'controls_per_case' draws at random, so nothing is 'matched'")
        if self.by_matching and self.states_population:
            raise ValueError(
                "with 'matched' controls no prevalence gives a risk; take one of the two out"
            )
        return self

    @model_validator(mode="after")
    def _one_population(self) -> Sampling:
        chosen = self.sampled is not None or self.controls_per_case is not None
        if not (chosen or self.by_matching or self.states_population):
            raise ValueError(
                "give 'prevalence', or 'population_cases' and 'population_controls', or how the "
                "controls were chosen: 'sampled', 'controls_per_case', 'matched' or 'set'"
            )
        counts = (self.population_cases, self.population_controls)
        if self.prevalence is not None and counts != (None, None):
            raise ValueError("'prevalence' follows from 'population_cases'; keep one of the two")
        if counts[1] is not None and (counts[0] is None or self.population is not None):
            raise ValueError("'population_controls' goes with 'population_cases' alone")
        if counts[0] is not None and counts[1] is None and self.population is None:
            raise ValueError("give 'population_controls' or 'population' with 'population_cases'")
        if self.population is not None and (self.prevalence, counts[0]) == (None, None):
            raise ValueError("give 'prevalence' or 'population_cases' with 'population'")
        if self.population is not None and self.population <= (counts[0] or 0):
            raise ValueError("'population' must be more than 'population_cases'")
        return self

    @property
    def by_matching(self) -> bool:
        """True where controls were matched to cases, so that the sample tells of no risk."""
        return bool(self.matched) or self.set is not None

    @property
    def states_population(self) -> bool:
        """True where the population is stated and not counted in the file."""
        return any(getattr(self, key) is not None for key in _STATED)


def sampling_problems(
    sampling: Sampling, study: Study | None, described: Collection[str]
) -> list[str]:
    """What the rest of the protocol has against the sampling."""
    strangers = [name for name in sampling.matched if name not in described]
    problems = undescribed(strangers, "matched", described, "sampling")
    if study is not None and study.design != "case-control":
        problems.append('[sampling] belongs to design = "case-control" in [study].')
    if study is not None and study.unit != "patient" and sampling.set is None:
        problems.append(
            '[sampling] needs unit = "patient" in [study]: the correction takes cases and controls '
            "for independent. Keep one vertebra a patient, or name the matched 'set' of each row."
        )
    return problems
