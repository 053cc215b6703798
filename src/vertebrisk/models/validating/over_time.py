"""What a fit of times to an event is asked of centres and periods: `CoxFit`, `FineGrayFit`."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.survival.times import SurvivalTimes
from vertebrisk.models.likelihoods import PartialLikelihood, SubdistributionLikelihood
from vertebrisk.models.survival.checking import checked_horizons
from vertebrisk.models.survival.validating import CoxMeasures, FineGrayMeasures
from vertebrisk.models.validating.centres import centres_of
from vertebrisk.models.validating.periods import Moment, checked_resamples, split_of
from vertebrisk.models.validating.timed_centres import AskedOverTime, TimedFit, followed_centres
from vertebrisk.models.validating.timed_periods import split_over_time
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.centres.timed import Followed
from vertebrisk.validation.survival.concordance import ConcordanceKind
from vertebrisk.validation.temporal import TemporalSplit


class _Cox(TimedFit, Protocol):
    @property
    def likelihood(self) -> PartialLikelihood:
        """Times, treatment of ties and case weights."""
        ...


class _FineGray(TimedFit, Protocol):
    @property
    def likelihood(self) -> SubdistributionLikelihood:
        """Times, statuses and censoring strata."""
        ...


class CoxSplits:
    """Centre by centre, and earlier against later patients; see `CoxFit`."""

    def internal_external(
        self: _Cox,
        groups: ArrayLike | str,
        data: object | None = None,
        *,
        horizon: float | None = None,
        concordance: ConcordanceKind = "harrell",
        fixed: bool = False,
        level: float = 0.95,
    ) -> InternalExternal:
        """How does the procedure do in a centre that it has not seen?

        Each centre in turn is left out, the whole procedure is repeated on the others, and
        the model, with their baseline hazard, is measured on the centre by one horizon. The
        centres are then pooled; see `LogisticFit.internal_external`.

        Parameters
        ----------
        groups : array-like or str
            Centre, or period, of each row that was used, or of each row of the table that the
            fit was made from; or the name of a column of `data`. No missing values among the
            rows that were used; two or more centres.
        data : frame, optional
            The table that the fit was made from, its rows in the same order.
        horizon : float, optional
            By when everything is measured; the principal horizon of the fit by default.
        concordance : {"harrell", "uno"}
            C of events by the horizon. Harrell's leans on how long patients were followed, so
            centres with other follow-up differ in it; Uno's does not.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates.
        level : float
            Confidence level.

        Returns
        -------
        InternalExternal
            `.table`: of each centre c_index (limits of the infinitesimal jackknife), slope of
            the linear predictor in follow-up cut off at the horizon, observed_expected (one less
            Kaplan-Meier, or with competing events the incidence of Aalen and Johansen, over
            the mean risk) and the Brier score, weighted for censoring within the centre;
            n_events are those by the horizon. A centre without events by then has
            observed_expected and brier alone, one that is not followed to the horizon neither.

        Raises
        ------
        ArgumentError
            Groups do not fit the rows or split a patient; the horizon lies outside follow-up;
            patients came under observation late or have case weights.

        References
        ----------
        Steyerberg and Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005. Debray et al. 2019,
        doi:10.1177/0962280218785504. Uno et al. 2011, doi:10.1002/sim.4154.
        """
        names, codes, by = centres_of(self, groups, data, self.clusters)
        asked = _asked_of_cox(self, horizon, concordance, level)
        return followed_centres(self, asked, names, codes, by, fixed=fixed)

    def temporal_split(
        self: _Cox,
        when: ArrayLike | str,
        data: object | None = None,
        *,
        since: Moment,
        horizon: float | None = None,
        thresholds: ArrayLike = (),
        fixed: bool = False,
        resamples: int = 1000,
        seed: int = 1,
        level: float = 0.95,
    ) -> TemporalSplit:
        """How does a model of the earlier patients do on the later ones?

        The whole procedure is repeated on the earlier patients, and its model, with their
        baseline hazard, is measured on the later ones by one horizon, as `external_validation`
        measures it. The earlier patients keep all of their follow-up, after the date too.

        Parameters
        ----------
        when, data, since, thresholds, fixed, resamples, seed, level
            As in `LogisticFit.temporal_split`.
        horizon : float, optional
            By when everything is measured; the principal horizon of the fit by default.

        Returns
        -------
        TemporalSplit
            `.measures` as those of `ExternalHorizon`; `.earlier` and `.later` with sizes and
            dates.

        Raises
        ------
        ArgumentError
            Dates do not fit the rows, leave one side empty or split a patient; the horizon lies
            outside follow-up; patients came under observation late or have case weights.
        DataError
            One side is not followed to the horizon, or has no event by then.
        FitError
            The earlier patients give no finite estimate.

        References
        ----------
        Steyerberg and Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005. Steyerberg 2018,
        doi:10.1016/j.jclinepi.2018.07.010.
        """
        settings, cuts = checked_resamples(resamples, seed, level), as_thresholds(thresholds)
        split = split_of(self, when, data, since, self.clusters)
        asked = _asked_of_cox(self, horizon, "harrell", level)
        return split_over_time(self, asked, split, cuts, settings, fixed=fixed)


class FineGraySplits:
    """Centre by centre, and earlier against later patients; see `FineGrayFit`."""

    def internal_external(
        self: _FineGray,
        groups: ArrayLike | str,
        data: object | None = None,
        *,
        horizon: float | None = None,
        fixed: bool = False,
        level: float = 0.95,
    ) -> InternalExternal:
        """How does the procedure do in a centre that it has not seen?

        As `CoxFit.internal_external`: observed is the cumulative incidence of Aalen and
        Johansen, slope that of a Fine-Gray model within the centre with robust errors, C
        Harrell's with the competing event counted as never having the event.
        """
        names, codes, by = centres_of(self, groups, data, self.clusters)
        asked = _asked_of_fine_gray(self, horizon, level)
        return followed_centres(self, asked, names, codes, by, fixed=fixed)

    def temporal_split(
        self: _FineGray,
        when: ArrayLike | str,
        data: object | None = None,
        *,
        since: Moment,
        horizon: float | None = None,
        thresholds: ArrayLike = (),
        fixed: bool = False,
        resamples: int = 1000,
        seed: int = 1,
        level: float = 0.95,
    ) -> TemporalSplit:
        """How does a model of the earlier patients do on the later ones?

        As `CoxFit.temporal_split`, against the cumulative incidence.
        """
        settings, cuts = checked_resamples(resamples, seed, level), as_thresholds(thresholds)
        split = split_of(self, when, data, since, self.clusters)
        asked = _asked_of_fine_gray(self, horizon, level)
        return split_over_time(self, asked, split, cuts, settings, fixed=fixed)


def check_comparable(likelihood: PartialLikelihood) -> None:
    """Refuse patients of whom a part alone says nothing by a horizon."""
    if likelihood.times.entry is not None:
        raise ArgumentError(
            "Patients came under observation late, so the share with the event by a horizon is "
            "not that of those who were observed; centres and periods are compared where "
            "follow-up begins at time 0."
        )
    if likelihood.case_weights is not None:
        raise ArgumentError(
            "The fit has case weights, and those left out would have to be weighted, too; centres "
            "and periods are compared of unweighted patients."
        )


def _asked_of_cox(
    fit: _Cox, horizon: float | None, concordance: ConcordanceKind, level: float
) -> AskedOverTime:
    check_comparable(fit.likelihood)
    times = fit.likelihood.times
    return AskedOverTime(
        "cox",
        CoxMeasures(fit.likelihood),
        Followed(times.exit, times.event.astype(np.int64), times.groups),
        _horizon(fit, horizon, times),
        concordance,
        level,
    )


def _asked_of_fine_gray(fit: _FineGray, horizon: float | None, level: float) -> AskedOverTime:
    own = fit.likelihood
    return AskedOverTime(
        "fine-gray",
        FineGrayMeasures(own),
        Followed(own.exit, own.status, np.zeros(own.exit.size, dtype=np.int64)),
        _horizon(fit, horizon, SurvivalTimes(own.exit, fit.event)),
        "harrell",
        level,
    )


def _horizon(fit: TimedFit, horizon: float | None, times: SurvivalTimes) -> float:
    return fit.horizons[0] if horizon is None else checked_horizons([horizon], times)[0]
