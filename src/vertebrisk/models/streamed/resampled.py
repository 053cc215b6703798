"""What bootstraps of models of a scan have in common: what was asked, draws, optimism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from vertebrisk._checks import check_choice, check_fraction, check_positive_int
from vertebrisk._types import CorrectedInterval, FloatArray, Json
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.validation.estimates import ByResamples, Known
from vertebrisk.validation.resampling import Replicates

FEWEST = 2
PERCENTILES = {
    "term": pl.String,
    "level": pl.String,
    "estimate": pl.Float64,
    "std_error": pl.Float64,
    "conf_low": pl.Float64,
    "conf_high": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a bootstrap.

    `interval` is what the limits of the corrected measures are, see `Validation`.
    """

    resamples: int
    seed: int
    level: float
    interval: CorrectedInterval = "percentile"

    def __post_init__(self) -> None:
        check_positive_int(self.resamples, "resamples")
        check_fraction(self.level, "level")
        check_choice(self.interval, "interval", CorrectedInterval)
        whole = isinstance(self.seed, int | np.integer) and not isinstance(self.seed, bool)
        if not whole or self.seed < 0:
            raise ArgumentError(f"seed is {self.seed!r}; a whole number of 0 or more is needed.")
        if self.resamples < FEWEST:
            raise ArgumentError(f"resamples is {self.resamples}; {FEWEST} or more are needed.")


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Resamples of a model of a scan.

    Attributes
    ----------
    asked : Asked
    replicates : Replicates
        How each model does on its own patients (`training`) and on all (`test`).
    names : tuple of (term, level)
        Of the coefficients.
    estimate : array
        Those of all patients.
    constant : bool
        True where the model ranks nobody.
    """

    asked: Asked
    replicates: Replicates
    names: tuple[tuple[str, str], ...]
    estimate: FloatArray
    constant: bool

    @property
    def resamples(self) -> int:
        """How many were drawn."""
        return self.asked.resamples

    @property
    def seed(self) -> int:
        """The one asked for."""
        return self.asked.seed

    @property
    def draws(self) -> FloatArray:
        """Coefficients by resample; NaN where one has no finite estimate."""
        return self.replicates.coefficients

    @property
    def n_separated(self) -> int:
        """Resamples without a finite estimate, left out of all measures."""
        return int((self.replicates.usable & self.replicates.separated).sum())

    @property
    def n_deficient(self) -> int:
        """Resamples in which a column has no information of its own."""
        return int((self.replicates.usable & self.replicates.deficient).sum())

    @property
    def n_failed(self) -> int:
        """Resamples that can have no model: of one outcome only, or without an event."""
        return int((~self.replicates.usable).sum())

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Coefficients with percentile intervals.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error (standard deviation over the resamples), conf_low,
            conf_high (quantiles of R's type 7).
        """
        return _percentiles(self.names, self.estimate, self.draws, level)

    def to_dict(self) -> Json:
        """JSON form, without the draws and the measures of each resample."""
        return {
            "resamples": self.resamples,
            "seed": self.seed,
            "n_separated": self.n_separated,
            "n_deficient": self.n_deficient,
            "n_failed": self.n_failed,
            "coefficients": list(self.coefficients(self.asked.level).iter_rows(named=True)),
        }

    def estimates(self, apparent: Mapping[str, float]) -> ByResamples:
        """Optimism of measures of which these are the apparent values, by key.

        A measure that the resamples do not have stays apparent.
        """
        own, asked = self.replicates, self.asked
        nothing = dict.fromkeys(apparent, np.full(own.usable.size, np.nan))
        found = replace(
            own,
            training=nothing | own.training,
            test=nothing | own.test,
            usable=own.usable & ~own.separated,
        )
        known = Known(apparent, self.constant, finite=())
        return ByResamples(found, known, "optimism-bootstrap", asked.level, asked.interval)


def checked(found: Replicates, asked: Asked) -> Replicates:
    """The resamples of a bootstrap.

    Raises
    ------
    FitError
        Fewer than two have a finite estimate.
    """
    good = int((found.usable & ~found.separated).sum())
    if good < FEWEST:
        raise FitError(
            f"{good} of {asked.resamples} resamples have a finite estimate; {FEWEST} are the "
            "least. Merge rare levels, or leave predictors out."
        )
    return found


def _percentiles(
    names: Sequence[tuple[str, str]], estimate: FloatArray, draws: FloatArray, level: float
) -> pl.DataFrame:
    check_fraction(level, "level")
    known = draws[np.isfinite(draws).all(axis=1)]
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(known, (tail, 1.0 - tail), axis=0)
    return pl.DataFrame(
        {
            "term": [term for term, _ in names],
            "level": [name for _, name in names],
            "estimate": estimate,
            "std_error": known.std(axis=0, ddof=1),
            "conf_low": low,
            "conf_high": high,
        },
        schema=PERCENTILES,
    )
