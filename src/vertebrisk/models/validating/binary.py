"""What a fit of a binary outcome is asked of centres and periods."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vertebrisk._checks import as_thresholds
from vertebrisk.models.validating.centres import BinaryFit, internal_external
from vertebrisk.models.validating.periods import Moment, checked_resamples
from vertebrisk.models.validating.temporal import temporal_split
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.temporal import TemporalSplit


class BinarySplits:
    """Centre by centre, and earlier against later patients; see `LogisticFit`."""

    def internal_external(
        self: BinaryFit,
        groups: ArrayLike | str,
        data: object | None = None,
        *,
        fixed: bool = False,
        level: float = 0.95,
    ) -> InternalExternal:
        """How does the procedure do in a centre that it has not seen?

        Each centre in turn is left out, the whole procedure is repeated on the others, and
        the model is measured on the centre: internal-external cross-validation. The centres
        are then pooled, with the interval in which a further centre lies.

        Parameters
        ----------
        groups : array-like or str
            Centre, or period, of each row that was used, or of each row of the table that the
            fit was made from; or the name of a column of `data`. No missing values among the
            rows that were used; two or more centres.
        data : frame, optional
            The table that the fit was made from, its rows in the same order: a fit keeps no
            columns but its predictors.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates.
        level : float
            Confidence level.

        Returns
        -------
        InternalExternal
            `.table`: of each centre c_index (DeLong's limits, Obuchowski's where patients are
            clusters), slope, in_the_large, observed_expected (limits as `calibration` gives them,
            of independent rows), brier. `.pooled`: C as a logit, observed over expected as a
            logarithm, slope and in_the_large as they are, by REML with the errors of Hartung and
            Knapp. A centre with one outcome has observed_expected and brier alone; where the
            others have one outcome there is nothing.

        Raises
        ------
        ArgumentError
            Groups do not fit the rows, split a patient, or controls were sampled.

        References
        ----------
        Steyerberg and Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005. Debray et al. 2019,
        doi:10.1177/0962280218785504. Snell et al. 2018, doi:10.1177/0962280217705678.
        """
        return internal_external(self, groups, data, fixed=fixed, level=level)

    def temporal_split(
        self: BinaryFit,
        when: ArrayLike | str,
        data: object | None = None,
        *,
        since: Moment,
        thresholds: ArrayLike = (),
        fixed: bool = False,
        resamples: int = 1000,
        seed: int = 1,
        level: float = 0.95,
    ) -> TemporalSplit:
        """How does a model of the earlier patients do on the later ones?

        The whole procedure is repeated on the earlier patients, and its model is measured on
        the later ones as in an external validation. It is one validation, and takes patients
        from the model: read the findings, and `internal_external` by periods.

        Parameters
        ----------
        when : array-like or str
            When each patient came, by dates (ISO texts, too) or numbers: of each row that was
            used, or of each row of the table that the fit was made from; or the name of a column
            of `data`. No missing values among the rows that were used.
        data : frame, optional
            The table that the fit was made from, its rows in the same order.
        since : date, str or number
            The later patients came on this date or after it.
        thresholds : array-like, shape (k,)
            Risks between 0 and 1 at which one would act, for the decision curve.
        fixed : bool
            True holds the chosen predictors fixed and only re-estimates.
        resamples, seed, level
            Number and seed of the bootstrap resamples of the later patients, the model held
            fixed, and the confidence level.

        Returns
        -------
        TemporalSplit
            `.measures` as `external_validation` gives them; `.earlier` and `.later` with sizes
            and dates.

        Raises
        ------
        ArgumentError
            Dates do not fit the rows, leave one side empty, split a patient, or controls were
            sampled.
        DataError
            One side has one outcome alone.
        FitError
            The earlier patients give no finite estimate.

        References
        ----------
        Steyerberg and Harrell 2016, doi:10.1016/j.jclinepi.2015.04.005. Steyerberg 2018,
        doi:10.1016/j.jclinepi.2018.07.010.
        """
        settings = checked_resamples(resamples, seed, level)
        cuts = as_thresholds(thresholds)
        return temporal_split(self, when, data, since, cuts, settings, fixed=fixed)
