"""Sampled controls: what a case-control sample says of the population that it came from.

Sampling depends on the outcome alone, so odds in the sample are those of the population
times a known factor. Slopes are unchanged; the intercept, and every risk, must be moved.

References
----------
Prentice RL, Pyke R 1979, doi:10.1093/biomet/66.3.403 (the intercept and its variance).
King G, Zeng L 2001, doi:10.1093/oxfordjournals.pan.a004868 (prior correction, weighting).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vertebrisk._checks import check_fraction
from vertebrisk._types import BoolArray, FloatArray, Json
from vertebrisk.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class SourcePopulation:
    """The population that cases and controls were sampled from.

    Attributes
    ----------
    prevalence : float
        Share with the event, strictly between 0 and 1.
    n_cases, n_controls : float or None
        Patients with and without the event from whom the prevalence was estimated; None
        where it is known, without error. They may be fractions of patients, as the
        prevalence times the size of a population is.
    """

    prevalence: float
    n_cases: float | None = None
    n_controls: float | None = None

    def __post_init__(self) -> None:
        check_fraction(self.prevalence, "prevalence")
        counts = (self.n_cases, self.n_controls)
        if (None in counts) != (counts == (None, None)):
            raise ArgumentError("n_cases and n_controls are given together, or not at all.")
        if any(count is not None and not count > 0 for count in counts):
            raise ArgumentError("n_cases and n_controls must be more than 0.")

    @classmethod
    def of_counts(cls, n_cases: float, n_controls: float) -> SourcePopulation:
        """A population counted whole."""
        return cls(n_cases / (n_cases + n_controls), n_cases, n_controls)

    @property
    def log_odds_variance(self) -> float:
        """Variance of the log-odds of the prevalence: 1/N1 + 1/N0, or 0 where it is known."""
        if self.n_cases is None or self.n_controls is None:
            return 0.0
        return 1.0 / self.n_cases + 1.0 / self.n_controls

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}

    def sampled(self, event: BoolArray) -> ControlSampling:
        """The sampling that led to these patients; both classes must occur."""
        cases = int(event.sum())
        return ControlSampling(self, cases, int(event.size) - cases)


@dataclass(frozen=True, slots=True)
class ControlSampling:
    """A sample of cases and controls, and the population that it came from."""

    source: SourcePopulation
    n_cases: int
    n_controls: int

    @property
    def factor(self) -> float:
        """Odds of the event in the sample over its odds in the population."""
        prevalence = self.source.prevalence
        return self.n_cases / self.n_controls * (1.0 - prevalence) / prevalence

    @property
    def offset(self) -> float:
        """What the intercept of the sample has too much: ln[((1 - tau) / tau)(y / (1 - y))]."""
        return float(np.log(self.factor))

    @property
    def intercept_variance(self) -> float:
        """What prior correction adds to the intercept's variance; usually less than zero.

        The numbers of cases and controls were fixed by the sampling and not found, which
        takes 1/n1 + 1/n0 away; an estimated prevalence adds the variance of its log-odds.
        """
        sampled = 1.0 / self.n_cases + 1.0 / self.n_controls
        return self.source.log_odds_variance - sampled

    @property
    def case_weight(self) -> float:
        """Weight of a case, tau / y; the weights of all patients add up to their number."""
        n = self.n_cases + self.n_controls
        return self.source.prevalence * n / self.n_cases

    @property
    def control_weight(self) -> float:
        """Weight of a control, (1 - tau) / (1 - y)."""
        n = self.n_cases + self.n_controls
        return (1.0 - self.source.prevalence) * n / self.n_controls

    def weights(self, event: FloatArray) -> FloatArray:
        """Weight of each patient; `event` is 1 for cases, or any share of them."""
        return event * self.case_weight + (1.0 - event) * self.control_weight

    def to_population(self, share: FloatArray) -> FloatArray:
        """Share of events in the population where it is `share` in the sample.

        The shares of a smoother that lie beyond 0 and 1 are taken for 0 and 1.
        """
        inside = np.clip(share, 0.0, 1.0)
        return np.asarray(inside / (inside + self.factor * (1.0 - inside)))
