"""Reclassification: do new risks move patients the right way? And why not to ask it like that.

References
----------
Pencina MJ et al. 2008, doi:10.1002/sim.2929 (NRI, IDI and their errors, as
``Hmisc::improveProb``). Against them: Hilden J, Gerds TA 2014, doi:10.1002/sim.5804. Kerr KF et
al. 2014, doi:10.1097/EDE.0000000000000018. Pepe MS et al. 2015, doi:10.1007/s12561-014-9118-0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import as_event, as_risks, as_thresholds, check_fraction
from vertebrisk._types import BoolArray, FloatArray, IntArray, Json
from vertebrisk.findings import Finding
from vertebrisk.kernels.distributions import normal_quantile
from vertebrisk.kernels.sampling import SourcePopulation
from vertebrisk.validation import reclassification_remarks as remarks
from vertebrisk.validation.results import Estimate, column_dict, estimate_in

SAME = 1e-12  # risks of one covariate pattern, computed in another order
PARTS = ("", "_events", "_others")
_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high")
MEASURES_SCHEMA = {"measure": pl.String, **dict.fromkeys(_NUMBERS, pl.Float64)}
BENEFIT_SCHEMA = dict.fromkeys(("threshold", "old", "new", "difference", *_NUMBERS[1:]), pl.Float64)
_TABLE_SCHEMA = {"old": pl.String, "new": pl.String} | dict.fromkeys(
    ("n", "n_events", "n_others"), pl.Int64
)


@dataclass(frozen=True, slots=True, eq=False)
class Reclassification:
    """Old risks against new ones of the same patients.

    Attributes
    ----------
    n, n_events : int
    thresholds : tuple of float
        Between the categories; empty where there are none.
    table : polars.DataFrame
        Every pair of categories, by the thresholds ascending: old, new, n, n_events, n_others;
        empty without thresholds.
    measures : polars.DataFrame
        measure, estimate, std_error, conf_low, conf_high (null where there is no variance).
        Measures are nri (over the categories; absent without thresholds), nri_continuous and
        idi, each also of patients with the event (`_events`) and without it (`_others`), in
        which above 0 is always for the new risks; the first is the sum of the two.
    net_benefit : polars.DataFrame
        threshold, old, new, difference, std_error, conf_low, conf_high: what to read instead.
    findings : tuple of Finding
        Among them always the reasons not to rest on NRI and IDI.
    """

    n: int
    n_events: int
    thresholds: tuple[float, ...]
    table: pl.DataFrame
    measures: pl.DataFrame
    net_benefit: pl.DataFrame
    findings: tuple[Finding, ...]

    def estimate(self, measure: str) -> Estimate:
        """One measure with its interval, by its name in `measures`."""
        return estimate_in(self.measures, measure)

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "n": self.n,
            "n_events": self.n_events,
            "thresholds": list(self.thresholds),
            "table": column_dict(self.table),
            "measures": column_dict(self.measures),
            "net_benefit": column_dict(self.net_benefit),
            "findings": [finding.to_dict() for finding in self.findings],
        }


def reclassification(
    event: ArrayLike,
    risk_old: ArrayLike,
    risk_new: ArrayLike,
    *,
    thresholds: ArrayLike = (),
    prevalence: float | None = None,
    level: float = 0.95,
) -> Reclassification:
    """Do new risks of the same patients move up with the event and down without it?

    Papers are asked for these numbers, so they are here. They are not to be relied on: NRI and
    IDI are not proper. A model that is worse, by miscalibration or by a predictor of pure noise,
    can have both above 0, in independent patients and with a small p value; the model that
    made the data can be beaten (Hilden and Gerds, Pepe and others). The continuous NRI counts a
    move of 0.001 as one of 0.5, and with three categories and more the NRI counts a move between
    any two alike (Kerr and others). Compare net benefit (`net_benefit` of the result,
    `decision_curve`), the Brier score and calibration, and test a predictor in its model. For
    the same reason no p value is given here.

    Parameters
    ----------
    event : array-like, shape (n,)
        True or 1 where the event occurred. No missing values.
    risk_old, risk_new : array-like, shape (n,)
        Predicted probabilities, 0 to 1 (not percent), of the same patients in the same order.
        Differences up to 1e-12 are none.
    thresholds : array-like, shape (k,), optional
        Between k + 1 categories, at which decisions are taken; a risk equal to one belongs to
        the category above it. Without them there is the continuous NRI alone.
    prevalence : float, optional
        Where controls were sampled, the prevalence in their population, for the net benefit. NRI
        and IDI do not depend on the sampling, if the risks are those of the population.
    level : float
        Confidence level of the Wald intervals.

    Returns
    -------
    Reclassification

    Raises
    ------
    ArgumentError
        For missing values, a single class, values that are not probabilities, and lengths that
        differ.

    References
    ----------
    Pencina et al. 2008, doi:10.1002/sim.2929; against it Hilden and Gerds 2014,
    doi:10.1002/sim.5804, Kerr et al. 2014, doi:10.1097/EDE.0000000000000018, and Pepe et al.
    2015, doi:10.1007/s12561-014-9118-0.
    """
    outcome = as_event(event)
    old = as_risks(risk_old, "risk_old", outcome.size)
    new = as_risks(risk_new, "risk_new", outcome.size)
    cuts = as_thresholds(thresholds)
    check_fraction(level, "level")
    share = None
    if prevalence is not None:
        share = SourcePopulation(prevalence).prevalence
    z = float(normal_quantile(0.5 + level / 2.0))
    before, after = categories(old, cuts), categories(new, cuts)
    moved = directions(new - old)
    rows = [*_parts("nri_continuous", moved, outcome, z), *_parts("idi", new - old, outcome, z)]
    if cuts.size:
        crossed = np.sign(after - before).astype(np.float64)
        rows = [*_parts("nri", crossed, outcome, z), *rows]
    measures = pl.DataFrame(rows, schema=MEASURES_SCHEMA, orient="row")
    benefit = pl.DataFrame(
        [_benefit(outcome, old, new, float(cut), share, z) for cut in cuts],
        schema=BENEFIT_SCHEMA,
        orient="row",
    )
    return Reclassification(
        n=outcome.size,
        n_events=int(outcome.sum()),
        thresholds=tuple(cuts.tolist()),
        table=_table(outcome, before, after, category_names(cuts)),
        measures=measures,
        net_benefit=benefit,
        findings=tuple(
            remarks.of_risks(outcome, old, new, measures, benefit, sampled=share is not None)
        ),
    )


def directions(change: FloatArray) -> FloatArray:
    """1 up, -1 down, 0 where the risks are the same."""
    return np.where(np.abs(change) > SAME, np.sign(change), 0.0)


def categories(risk: FloatArray, thresholds: FloatArray) -> IntArray:
    """Category of each risk, from 0; a risk equal to a threshold is above it."""
    return np.searchsorted(thresholds, risk, side="right")


def category_names(thresholds: FloatArray) -> tuple[str, ...]:
    """Names such as "< 0.1", "0.1 to < 0.2" and ">= 0.2"; none without thresholds."""
    cuts = [f"{cut:g}" for cut in thresholds]
    if not cuts:
        return ()
    middle = [f"{low} to < {high}" for low, high in pairwise(cuts)]
    return (f"< {cuts[0]}", *middle, f">= {cuts[-1]}")


def _table(
    outcome: BoolArray, before: IntArray, after: IntArray, names: tuple[str, ...]
) -> pl.DataFrame:
    size = len(names)
    place = before * size + after
    total = np.bincount(place, minlength=size * size)
    events = np.bincount(place[outcome], minlength=size * size)
    rows = [
        (old, new, int(total[row * size + column]), int(events[row * size + column]))
        for row, old in enumerate(names)
        for column, new in enumerate(names)
    ]
    return pl.DataFrame([(*row, row[2] - row[3]) for row in rows], _TABLE_SCHEMA, orient="row")


Row = tuple[str, float, float | None, float | None, float | None]


def _parts(name: str, change: FloatArray, outcome: BoolArray, z: float) -> list[Row]:
    """A mean change in patients with the event, less that in the others, and both apart.

    The variances are Pencina's: of moves that of a share with n below it, of differences of
    risks that of a mean with n - 1.
    """
    spare = 0 if name.startswith("nri") else 1
    means, variances = [], []
    for group, sign in ((outcome, 1.0), (~outcome, -1.0)):
        values = sign * change[group]
        means.append(float(values.mean()))
        known = values.size > 1
        variances.append(float(values.var(ddof=spare)) / values.size if known else float("nan"))
    wholes = ((sum(means), sum(variances)), *zip(means, variances, strict=True))
    return [
        (f"{name}{part}", value, *_wald(value, variance, z))
        for part, (value, variance) in zip(PARTS, wholes, strict=True)
    ]


def _wald(
    value: float, variance: float, z: float
) -> tuple[float | None, float | None, float | None]:
    """Standard error and limits; None where there is no variance."""
    if not np.isfinite(variance) or variance <= SAME**2:
        return None, None, None
    error = float(np.sqrt(variance))
    return error, value - z * error, value + z * error


def _benefit(
    outcome: BoolArray,
    old: FloatArray,
    new: FloatArray,
    cut: float,
    prevalence: float | None,
    z: float,
) -> tuple[float | None, ...]:
    """Net benefits at one threshold, and their difference with its Wald interval."""
    acted = np.stack([old >= cut, new >= cut]).astype(np.float64)
    gain = np.where(outcome, 1.0, -cut / (1.0 - cut))
    each = np.concatenate([acted, np.diff(acted, axis=0)]) * gain
    if prevalence is None:
        means, variance = each.mean(axis=1), float(each[2].var(ddof=1)) / outcome.size
    else:
        means, variance = np.zeros(3), 0.0
        for group, share in ((outcome, prevalence), (~outcome, 1.0 - prevalence)):
            part = each[:, group]
            spread = float(part[2].var(ddof=1)) / part.shape[1] if part.shape[1] > 1 else np.nan
            means = means + share * part.mean(axis=1)
            variance += share**2 * spread
    found = [float(value) for value in means]
    return (cut, *found, *_wald(found[2], variance, z))
