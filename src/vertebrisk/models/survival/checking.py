"""What every model of times to an event asks of its horizons and its estimates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError, FitError
from vertebrisk.kernels.pretty import pretty
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.likelihoods import Likelihood
from vertebrisk.models.preparing import guilty_columns
from vertebrisk.text.plurals import agreeing


def checked_horizons(horizons: Sequence[float] | None, times: SurvivalTimes) -> tuple[float, ...]:
    """Distinct horizons inside follow-up, in the order given; round ones where none are."""
    last = float(times.exit.max())
    if horizons is None:
        return default_horizons(times)
    if isinstance(horizons, str) or not len(horizons):
        raise ArgumentError("horizons is a list of times, such as [12, 24].")
    for horizon in horizons:
        wrong = isinstance(horizon, bool) or not isinstance(
            horizon, int | float | np.integer | np.floating
        )
        if wrong or not 0.0 < float(horizon) <= last:
            raise ArgumentError(
                f"The horizon {horizon!r} is not a time inside follow-up, which ends at {last:g}; "
                "risks beyond it are not known."
            )
    return tuple(dict.fromkeys(float(each) for each in horizons))


def default_horizons(times: SurvivalTimes) -> tuple[float, ...]:
    """Round times near the quartiles of the event times, ascending."""
    died = times.exit[times.event]
    marks = pretty(0.0, float(died.max()), 10)
    inside = marks[(marks >= died.min()) & (marks > 0) & (marks <= times.exit.max())]
    if inside.size == 0:
        return (float(died.max()),) if died.max() > 0 else (float(times.exit.max()),)
    wanted = np.quantile(died, (0.25, 0.5, 0.75))
    nearest = {float(inside[np.abs(inside - each).argmin()]) for each in wanted}
    return tuple(sorted(nearest))


def refuse_infinite(design: Design, fits: CoxFits, matrix: FloatArray, outcome: str) -> None:
    """The likelihood has a finite maximum, and it was found."""
    if not fits.separated[0]:
        refuse_lost(design, fits)
        return
    guilty = guilty_columns(design, fits.direction[0] * matrix.std(axis=0))
    one = len(guilty) == 1
    raise FitError(
        f"No finite maximum-likelihood estimate exists (monotone likelihood): at every event of "
        f"'{outcome}', whoever has it has the most extreme value of {listed(guilty)} "
        f"{'' if one else 'together '}among those at risk, as when events occur in one group "
        "only. Merge levels, or leave the predictor out."
    )


def refuse_lost(design: Design, fits: CoxFits) -> None:
    """The maximum was found."""
    if fits.converged[0]:
        return
    raise FitError(
        f"The estimation of {listed([term.name for term in design.terms])} did not converge in "
        f"{int(fits.iterations[0])} steps. Look for extreme values among the predictors, and "
        "enter skewed ones as log(x)."
    )


def refuse_dependent(
    design: Design, fits: CoxFits, matrix: FloatArray, likelihood: Likelihood
) -> None:
    """No predictor is a combination of others, or the same, among those at risk."""
    if not fits.deficient[0]:
        return
    size = len(design.columns)
    everyone = np.ones((size, matrix.shape[0]))
    alone = likelihood.fit(matrix, everyone, np.eye(size, dtype=np.bool_))
    silent = [
        column.term for column, rank in zip(design.columns, alone.rank, strict=True) if rank == 0
    ]
    if silent:
        same = list(dict.fromkeys(silent))
        raise FitError(
            f"{listed(same)} {agreeing(len(same), 'is', 'are')} the same in all patients at risk "
            f"at every event (within each stratum) and {agreeing(len(same), 'explains', 'explain')}"
            f" nothing; leave {agreeing(len(same), 'it', 'them')} out."
        )
    raise FitError(
        "The predictors are linearly dependent in the patients at risk; leave one of "
        f"{listed([term.name for term in design.terms])} out."
    )
