"""Two or more concordances on the same patients, compared together and by pairs.

References
----------
Therneau T, Atkinson E: Concordance (vignette of the R package survival): infinitesimal jackknife.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_indicator, as_numbers, as_times, check_fraction
from vertebrisk._types import FloatArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.concordance import pair_influence
from vertebrisk.kernels.survival.times import SurvivalTimes, level_times
from vertebrisk.validation.areas import AucsComparison, areas_compared


def compare_concordances(
    time: ArrayLike,
    event: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    tau: float | None = None,
    level: float = 0.95,
) -> AucsComparison:
    """Do several scores of the same patients rank the times to the event alike?

    Parameters
    ----------
    time : array-like, shape (n,)
        Follow-up of each patient, 0 or more.
    event : array-like, shape (n,)
        True or 1 where the event occurred at `time`, False or 0 where censored.
    scores : mapping of str to array-like, shape (n,)
        Two or more by name, of the same patients in the same order; higher for a higher risk.
    tau : float, optional
        Events after this time are not looked at.
    level : float
        Confidence level of concordances and differences.

    Returns
    -------
    AucsComparison
        Of Harrell's concordances: joint chi-square test and every difference of two, with the
        covariance of the infinitesimal jackknife, as ``survival::concordance`` of several
        scores. P values of pairs are not adjusted for their number.

    Raises
    ------
    ArgumentError
        For fewer than two scores, missing values, lengths that differ, or no comparable pair.

    References
    ----------
    Harrell et al. 1996, doi:10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4.
    """
    if not isinstance(scores, Mapping) or len(scores) < 2:
        raise ArgumentError("scores needs two or more by name, {'a': [...], 'b': [...]}.")
    exit_times = as_times(time, "time")
    indicator = as_indicator(event, exit_times.size)
    names = [str(name) for name in scores]
    values = [
        as_numbers(score, f"scores['{name}']", exit_times.size)
        for name, score in zip(names, scores.values(), strict=True)
    ]
    check_fraction(level, "level")
    follow_up = SurvivalTimes(level_times(exit_times, None)[0], indicator)
    factor = np.ones(follow_up.size)
    if tau is not None:
        factor = np.where(follow_up.exit <= tau, factor, 0.0)
    found = [_influence(follow_up, score, factor) for score in values]
    changes = np.stack([change for _, change in found])
    return areas_compared(names, np.array([area for area, _ in found]), changes @ changes.T, level)


def _influence(
    follow_up: SurvivalTimes, score: FloatArray, factor: FloatArray
) -> tuple[float, FloatArray]:
    """Harrell's concordance, and what each patient contributes to its error, shape (n,)."""
    found = pair_influence(follow_up, score, np.ones(score.size), factor)
    area, pairs = float(found.counts.index[0]), float(found.counts.pairs[0])
    if not pairs > 0.0:
        raise ArgumentError(
            "No two patients can be compared: no event comes while another patient is still under "
            "observation."
        )
    return area, np.asarray((found.net - (2.0 * area - 1.0) * found.pairs) / (2.0 * pairs))
