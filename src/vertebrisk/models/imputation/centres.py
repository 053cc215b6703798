"""Internal-external validation with the imputation repeated without each centre."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import check_choice, check_fraction, check_positive_int, check_seed, nearest
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.resamples import derived_seed
from vertebrisk.models.development import Selection
from vertebrisk.models.imputation.completing import Completer
from vertebrisk.models.imputation.developing import PooledProcedure
from vertebrisk.models.imputation.measuring import BinaryPatients, FollowedPatients
from vertebrisk.models.imputation.validating import TEST, TRAINING
from vertebrisk.models.survival.checking import checked_horizons
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.validating import followed_outcome
from vertebrisk.models.validating.centres import named_centres
from vertebrisk.models.validating.columns import as_series
from vertebrisk.models.validating.over_time import check_comparable
from vertebrisk.models.validating.timed_centres import no_model, others_reached
from vertebrisk.validation.centres.assembling import CentreSettings, assembled
from vertebrisk.validation.centres.measured import Centre, Reason, binary_centre, unmeasured
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.centres.tables import over_tables
from vertebrisk.validation.centres.timed import Followed, timed_centre
from vertebrisk.validation.survival.concordance import ConcordanceKind
from vertebrisk.validation.survival.resampling import risks_by

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit


class ImputedCentres:
    """What a pooled fit is asked of centres."""

    def internal_external(
        self,
        groups: ArrayLike | str,
        *,
        horizon: float | None = None,
        concordance: ConcordanceKind = "harrell",
        imputations: int = 5,
        iterations: int = 5,
        seed: int = 1,
        fixed: bool = False,
        level: float = 0.95,
    ) -> InternalExternal:
        """How does the procedure, the imputation with it, do in a centre that it has not seen?

        Each centre in turn is left out; the missing values of the others are imputed with
        their outcome, and the whole procedure is repeated on their tables. The centre's
        patients are scored with values imputed without anybody's outcome, as those of new
        patients would be, table by table; see `LogisticFit.internal_external` and
        `CoxFit.internal_external`.

        Parameters
        ----------
        groups : array-like or str
            Centre of each row of `imputations.data`, or the name of one of its columns. No
            missing values, and no variable of the model or of the imputation.
        horizon, concordance
            Of a time to event, as in `CoxFit.internal_external`.
        imputations, iterations : int
            Without each centre.
        seed : int
            Of the imputations.
        fixed : bool
            True holds the chosen predictors fixed.
        level : float
            Confidence level.

        Returns
        -------
        InternalExternal
            The tables' measures are combined by Rubin's rules on the scale on which centres are
            pooled, where their limits lie, too. Where a table of the others is separated, the
            centre has nothing.

        Raises
        ------
        ArgumentError
            Groups do not fit the rows, or an argument is out of range.

        References
        ----------
        Marshall et al. 2009, doi:10.1186/1471-2288-9-57. Wahl et al. 2016,
        doi:10.1186/s12874-016-0239-7.
        """
        fit = cast("PooledFit", self)
        check_positive_int(imputations, "imputations")
        check_positive_int(iterations, "iterations")
        check_seed(seed)
        check_fraction(level, "level")
        check_choice(concordance, "concordance", ConcordanceKind)
        names, codes, by = _centres(fit, groups)
        work = _Work.of(fit, horizon, concordance, imputations, iterations, seed, fixed=fixed)
        found = [work.centre(name, codes == code, code, level) for code, name in enumerate(names)]
        held = fixed or not fit.selection.chooses
        first = fit.fits[0]
        timed = isinstance(first, CoxFit)
        settings = CentreSettings(
            outcome=fit.outcome,
            by=by,
            kind="cox" if timed else "logistic",
            procedure="model held fixed" if held else "whole procedure",
            level=level,
            horizon=work.horizon,
            time_unit=first.time_unit if isinstance(first, CoxFit) else "",
            concordance=concordance if timed else "area",
        )
        return assembled(found, settings)


def _centres(fit: PooledFit, groups: ArrayLike | str) -> tuple[list[str], IntArray, str]:
    """Names of the centres, the centre of each row, and what names them."""
    data, by = fit.imputations.data, ""
    if isinstance(groups, str):
        by = groups
        if by not in data.columns:
            raise ArgumentError(
                f"The imputed table has no column '{by}', which groups names."
                f"{nearest(by, data.columns)}"
            )
        if by in fit.candidates.variables or by in [
            each.name for each in fit.imputations.variables
        ]:
            raise ArgumentError(
                f"'{by}', which groups names, is a variable of the model or of the imputation; "
                "other centres say nothing of its value for those left out. Impute and fit "
                "without it."
            )
        column = data[by]
    else:
        column = as_series(groups, "groups")
    if column.len() != fit.n:
        raise ArgumentError(
            f"groups has {column.len()} values; one for each of the {fit.n} rows of the imputed "
            "table is needed."
        )
    _check_known(column, by)
    return named_centres(column, by, None)


def _check_known(column: pl.Series, by: str) -> None:
    missing = int(column.null_count())
    if column.dtype.is_float():
        missing += int(column.is_nan().sum())
    if missing:
        raise ArgumentError(
            f"{f'{by!r}' if by else 'groups'} has {missing} missing values; give the centre of "
            "every row, or leave those rows out before imputing."
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What is done without each centre; `test` are tables of all, made without their outcome."""

    completer: Completer
    procedure: PooledProcedure
    patients: BinaryPatients | FollowedPatients
    test: FloatArray
    seed: int
    horizon: float | None
    concordance: ConcordanceKind

    @classmethod
    def of(
        cls,
        fit: PooledFit,
        horizon: float | None,
        concordance: ConcordanceKind,
        imputations: int,
        iterations: int,
        seed: int,
        *,
        fixed: bool,
    ) -> _Work:
        design = fit.design if fixed else fit.candidates
        data, first = fit.imputations, fit.fits[0]
        completer = Completer.of(data.data, data.variables, design, iterations)
        rows, nothing = np.arange(fit.n), np.empty((fit.n, 0))
        chains = np.arange(imputations)
        test = completer.complete(rows, nothing, chains, derived_seed(seed, TEST))
        patients: BinaryPatients | FollowedPatients
        by: float | None = None
        linear = first.linear_predictor
        if isinstance(first, CoxFit):
            check_comparable(first.likelihood)
            by = first.horizons[0]
            by = by if horizon is None else checked_horizons([horizon], first.times)[0]
            outcome = followed_outcome(first, [by], None)
            patients = FollowedPatients.of(first.likelihood, outcome, linear)
        else:
            if horizon is not None:
                raise ArgumentError("horizon belongs to a model of time to event; leave it out.")
            patients = BinaryPatients.of(first.development.event, np.empty(0), linear)
        selection = Selection() if fixed else fit.selection
        procedure = PooledProcedure(design, selection, fit.firth)
        return cls(completer, procedure, patients, test, seed, by, concordance)

    def centre(self, name: str, inside: BoolArray, number: int, level: float) -> Centre:
        """One centre by the others."""
        reason = self._no_model(inside)
        if reason is not None:
            return unmeasured(name, int(inside.sum()), self._events(inside), reason)
        rows, m = np.flatnonzero(~inside), self.test.shape[0]
        own = self.patients.take(rows)
        tables = self.completer.complete(
            rows, own.known(), number * m + np.arange(m), derived_seed(self.seed, TRAINING)
        )
        model = self.procedure(tables, own.likelihood)
        if model.separated or not np.isfinite(model.beta).all():
            reason = "the others give no finite estimate"
            return unmeasured(name, int(inside.sum()), self._events(inside), reason)
        before = own.likelihood.intercepts
        linear = self.test[:, inside] @ model.beta[before:]
        if isinstance(own, FollowedPatients):
            hazard = own.baseline(model, tables)[0, :, 0]
            return self._followed(name, inside, linear, hazard, level)
        event = self._event()[inside]
        parts = [
            binary_centre(name, event, each, None, level, finite=True)
            for each in linear + model.beta[0]
        ]
        return over_tables(parts, level)

    def _no_model(self, inside: BoolArray) -> Reason | None:
        """Why the others give a centre nothing."""
        rows = np.flatnonzero(~inside)
        if isinstance(self.patients, FollowedPatients):
            assert self.horizon is not None
            reason = no_model(self._everyone(), inside, self.horizon)
            if reason is not None:
                return reason
            if not self.patients.teach(rows):
                return "a stratum is in no other centre"
        elif not self.patients.teach(rows):
            return "the others have one outcome"
        return None if self.completer.known(rows) else "the others lack a variable"

    def _followed(
        self, name: str, inside: BoolArray, linear: FloatArray, hazard: FloatArray, level: float
    ) -> Centre:
        everyone = self._everyone()
        own = everyone.take(inside)
        assert self.horizon is not None
        reached = others_reached(everyone, inside, self.horizon)
        return over_tables(
            [
                timed_centre(
                    name,
                    own,
                    each,
                    risks_by(each, hazard[own.strata]),
                    self.horizon,
                    self.concordance,
                    level,
                    finite=True,
                    reached=reached,
                )
                for each in linear
            ],
            level,
        )

    def _everyone(self) -> Followed:
        assert isinstance(self.patients, FollowedPatients)
        outcome, times = self.patients.outcome, self.patients.likelihood.times
        return Followed(outcome.exit, outcome.status, times.groups)

    def _event(self) -> BoolArray:
        """Who has the event, by the horizon where there is one."""
        if isinstance(self.patients, BinaryPatients):
            return self.patients.event > 0.5
        assert self.horizon is not None
        return self._everyone().events_by(self.horizon)

    def _events(self, inside: BoolArray) -> int:
        return int(self._event()[inside].sum())
