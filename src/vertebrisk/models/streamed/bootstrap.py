"""The bootstrap of a model of a scan: draws of its coefficients, optimism of its measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from vertebrisk._checks import check_fraction, check_positive_int
from vertebrisk._types import BoolArray, FloatArray, Json
from vertebrisk.engines.logistic_bootstrap import BootstrapSums
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.validation.estimates import TABLE_SCHEMA, ByResamples, Known, Row
from vertebrisk.validation.measures import nagelkerke, null_log_likelihood
from vertebrisk.validation.resampling import Replicates

MEASURES = ("r2", "intercept", "slope", "brier")
ORDERED = ("c_index", "dxy")  # they need the order of all patients by each resample's model
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
    """What was asked of a bootstrap."""

    resamples: int
    seed: int
    level: float

    def __post_init__(self) -> None:
        check_positive_int(self.resamples, "resamples")
        check_fraction(self.level, "level")
        whole = isinstance(self.seed, int | np.integer) and not isinstance(self.seed, bool)
        if not whole or self.seed < 0:
            raise ArgumentError(f"seed is {self.seed!r}; a whole number of 0 or more is needed.")
        if self.resamples < FEWEST:
            raise ArgumentError(f"resamples is {self.resamples}; {FEWEST} or more are needed.")


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """The model of all patients.

    Attributes
    ----------
    names : tuple of (term, level)
        Of its coefficients.
    estimate : array
        These.
    apparent : mapping
        Its measures by name.
    n, n_events : int
    """

    names: tuple[tuple[str, str], ...]
    estimate: FloatArray
    apparent: Mapping[str, float]
    n: int
    n_events: int


@dataclass(frozen=True, slots=True, eq=False)
class StreamedBootstrap:
    """Resamples of a model of a scan.

    Attributes
    ----------
    resamples, seed : int
    table : DataFrame
        As of `Validation`: measure, apparent, training, test, optimism, corrected, conf_low,
        conf_high, mc_error, n_resamples. Null for c_index and dxy, which are no sums.
    draws : array, shape (resamples, p + 1)
        Coefficients, the intercept first; NaN where a resample has no finite estimate.
    n_separated : int
        Resamples without a finite estimate, left out of all measures.
    n_deficient : int
        Resamples in which a column has no information of its own.
    n_failed : int
        Resamples of one outcome only.
    names : tuple of (term, level)
        Of the coefficients.
    estimate : array, shape (p + 1,)
        Those of all patients.
    """

    resamples: int
    seed: int
    table: pl.DataFrame
    draws: FloatArray
    n_separated: int
    n_deficient: int
    n_failed: int
    names: tuple[tuple[str, str], ...]
    estimate: FloatArray

    def coefficients(self, level: float = 0.95) -> pl.DataFrame:
        """Coefficients with percentile intervals.

        Returns
        -------
        polars.DataFrame
            term, level, estimate, std_error (standard deviation over the resamples), conf_low,
            conf_high (quantiles of R's type 7).
        """
        return percentiles(self.names, self.estimate, self.draws, level)

    def to_dict(self) -> Json:
        """JSON form, without the draws."""
        return {
            "resamples": self.resamples,
            "seed": self.seed,
            "n_separated": self.n_separated,
            "n_deficient": self.n_deficient,
            "n_failed": self.n_failed,
            "table": list(self.table.iter_rows(named=True)),
        }


def percentiles(
    names: Sequence[tuple[str, str]], estimate: FloatArray, draws: FloatArray, level: float
) -> pl.DataFrame:
    """See `StreamedBootstrap.coefficients`."""
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


def bootstrap_of(sums: BootstrapSums, whole: Whole, asked: Asked) -> StreamedBootstrap:
    """The result of the sums over all resamples.

    Raises
    ------
    FitError
        Fewer than two resamples have a finite estimate.
    """
    usable = (sums.events > 0.0) & (sums.events < sums.total)
    found = sums.finite & usable
    if found.sum() < FEWEST:
        raise FitError(
            f"{int(found.sum())} of {asked.resamples} resamples have a finite estimate; "
            f"{FEWEST} are the least. Merge rare levels, or leave predictors out."
        )
    models = _replicates(sums, whole, found)
    known = Known(whole.apparent, constant=False, finite=())
    estimates = ByResamples(models, known, "optimism-bootstrap", asked.level)
    unknown: list[Row] = [(name, *[None] * 8, 0) for name in ORDERED]
    rows = [*unknown, *(estimates.row(name) for name in MEASURES)]
    return StreamedBootstrap(
        resamples=asked.resamples,
        seed=asked.seed,
        table=pl.DataFrame(rows, schema=TABLE_SCHEMA, orient="row"),
        draws=np.where(found[:, None], sums.beta, np.nan),
        n_separated=int((usable & ~sums.finite).sum()),
        n_deficient=int((usable & sums.deficient).sum()),
        n_failed=int((~usable).sum()),
        names=whole.names,
        estimate=whole.estimate,
    )


def _replicates(sums: BootstrapSums, whole: Whole, found: BoolArray) -> Replicates:
    """Measures of every resample's model on its own patients, and on all."""
    count = found.size
    size, null = _null(np.full(count, float(whole.n_events)), np.full(count, float(whole.n)))
    own_size, own_null = _null(sums.events, sums.total)
    training = {
        "r2": nagelkerke(2.0 * (sums.log_likelihood - own_null), own_null, own_size),
        "intercept": np.zeros(count),
        "slope": np.ones(count),
        "brier": sums.squares / own_size,
    }
    test = {
        "r2": nagelkerke(2.0 * (sums.line_log_likelihood - null), null, size),
        "intercept": sums.line[:, 0],
        "slope": sums.line[:, 1],
        "brier": sums.test_squares / size,
    }
    nothing, none = np.empty((count, 0)), np.zeros(count, dtype=np.bool_)
    return Replicates(
        training=training,
        test=test,
        training_curves=nothing,
        test_curves=nothing,
        training_benefit=nothing,
        test_benefit=nothing,
        separated=none,
        deficient=sums.deficient,
        usable=found,
        prevalence=sums.events / own_size,
        selected=np.empty((count, 0), dtype=np.bool_),
        coefficients=sums.beta,
        own=nothing,
    )


def _null(events: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    size = np.maximum(total, 1.0)
    return size, null_log_likelihood(events, size)
