"""What every model of times to an event asks of its horizons and its estimates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError, DataError, FitError
from vertebrisk.kernels.pretty import pretty
from vertebrisk.kernels.survival.cox import CoxFits
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.likelihoods import Likelihood
from vertebrisk.models.preparing import guilty_columns
from vertebrisk.text.plurals import agreeing

QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def checked_horizons(horizons: Sequence[float] | None, times: SurvivalTimes) -> tuple[float, ...]:
    """Distinct horizons inside follow-up, in the order given; round ones where none are."""
    if horizons is None:
        return default_horizons(times)
    return horizons_inside(horizons, float(times.exit.max()))


def measured_horizons(
    horizons: Sequence[float] | None, own: tuple[float, ...], last: float
) -> tuple[float, ...]:
    """Horizons that a validation measures at: the model's own, those given, or with () none."""
    if horizons is None:
        return own
    if not isinstance(horizons, str) and not len(horizons):
        return ()
    return horizons_inside(horizons, last)


def horizons_inside(horizons: Sequence[float], last: float) -> tuple[float, ...]:
    """Distinct horizons up to the last time, in the order given."""
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
    marks = np.quantile(times.exit[times.event], QUARTERS)
    return round_horizons(marks, float(times.exit.max()))


def round_horizons(quarters: FloatArray, last: float) -> tuple[float, ...]:
    """The same from the quartiles of the event times, their lowest and highest among them."""
    first, *wanted, highest = (float(each) for each in quarters)
    marks = pretty(0.0, highest, 10)
    inside = marks[(marks >= first) & (marks > 0) & (marks <= last)]
    if inside.size == 0:
        return (highest,) if highest > 0 else (last,)
    nearest = {float(inside[np.abs(inside - each).argmin()]) for each in wanted}
    return tuple(sorted(nearest))


def refuse_infinite(design: Design, fits: CoxFits, matrix: FloatArray, outcome: str) -> None:
    """The likelihood has a finite maximum, and it was found."""
    refuse_runaway(design, fits, matrix.std(axis=0), outcome)


def refuse_runaway(design: Design, fits: CoxFits, spread: FloatArray, outcome: str) -> None:
    """The same for columns of which the spreads are known."""
    if not fits.separated[0]:
        refuse_lost(design, fits)
        return
    guilty = guilty_columns(design, fits.direction[0] * spread)
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


def refuse_unfollowed(n: int, events: int, last: float, outcome: str) -> None:
    """Some patient has the event, and somebody was followed up."""
    if not events:
        raise DataError(
            f"None of {n} patients with complete data has the event '{outcome}': all are "
            "censored, and a Cox model has nothing to go by. Check which value means the event."
        )
    if last == 0.0:
        raise DataError(
            f"Every one of {n} patients has time 0: nobody was followed up. For an event at the "
            "beginning itself use fit_logistic."
        )
