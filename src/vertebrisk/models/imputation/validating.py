"""Internal validation with the imputation repeated in every resample: `PooledFit.validate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vertebrisk._checks import as_thresholds
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.encode import encode
from vertebrisk.kernels.resamples import derived_seed
from vertebrisk.models.development import Selection
from vertebrisk.models.imputation.completing import Completer
from vertebrisk.models.imputation.developing import (
    PooledModel,
    PooledProcedure,
    pooled_full_model,
)
from vertebrisk.models.imputation.measuring import (
    BinaryPatients,
    FollowedPatients,
    Measured,
    Performance,
)
from vertebrisk.models.likelihoods import Likelihood
from vertebrisk.models.survival.fit import CoxFit
from vertebrisk.models.survival.validating import followed_outcome
from vertebrisk.models.validating.plan import DEFAULT_THRESHOLDS, ResamplePlan
from vertebrisk.validation.left_out import FoldScores
from vertebrisk.validation.resampling import Replicates, joined
from vertebrisk.validation.results import Validation
from vertebrisk.validation.summary import ValidationSettings
from vertebrisk.validation.working import batched

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit

TEST, TRAINING = 1, 2  # labels of the seeds
BLOCK = 4  # resamples of one turn of a thread: each is imputed and fitted by itself
LOWEST = -700.0  # logarithm of a hazard that is none
NOTHING = np.empty(0)  # the baseline of no model


def validate_pooled(
    fit: PooledFit,
    plan: ResamplePlan,
    imputations: int,
    iterations: int,
    *,
    fixed: bool,
    horizons: Sequence[float] | None,
    thresholds: FloatArray | None,
    progress: Callable[[int], None] | None,
) -> Validation:
    """See `PooledFit.validate`."""
    design = fit.design if fixed else fit.candidates
    final = np.array([term in fit.design.terms for term in design.terms], dtype=np.bool_)
    data = fit.imputations
    completer = Completer.of(data.data, data.variables, design, iterations)
    tables = np.empty((data.imputations, fit.n, 0))
    if design.terms:
        tables = np.array([design.matrix(encode(design, each).codes) for each in data.frames()])
    widths = [len(term.column_levels) for term in design.terms]
    first = fit.fits[0]
    before = first.development.likelihood.intercepts
    kept = np.concatenate([np.arange(before), before + np.flatnonzero(np.repeat(final, widths))])
    beta = _spread(fit.pooled.estimate, kept, before + tables.shape[2])
    model = PooledModel(final, beta, fit.covariance, separated=False, deficient=False)
    linear = (tables @ beta[before:]).mean(axis=0) + (beta[0] if before else 0.0)
    patients: Measured
    if isinstance(first, CoxFit):
        outcome = followed_outcome(first, horizons, thresholds)
        patients = FollowedPatients.of(first.likelihood, outcome, linear)
    else:
        cuts = DEFAULT_THRESHOLDS if thresholds is None else as_thresholds(thresholds)
        patients = BinaryPatients.of(first.development.event, cuts, linear)
    selection = Selection() if fixed else fit.selection
    work = ImputedValidation(
        completer=completer,
        procedure=PooledProcedure(design, selection, fit.firth),
        patients=patients,
        imputations=imputations,
        seed=plan.seed,
        final=final,
        horizons=np.array(first.horizons if isinstance(first, CoxFit) else ()),
    )
    full = None
    if selection.chooses:
        full = pooled_full_model(work.procedure, tables, first.development.likelihood)
    settings = ValidationSettings(
        procedure="model held fixed" if fixed or not fit.selection.chooses else "whole procedure",
        seed=plan.seed if plan.drawn is None else None,
        level=plan.level,
        candidates=tuple(term.name for term in design.terms) if selection.chooses else (),
        final=tuple(term.name for term, use in zip(design.terms, final, strict=True) if use),
        full=full,
        method=plan.method,
        interval=plan.interval,
    )
    return work.run(model, tables, plan, settings, progress)


@dataclass(frozen=True, slots=True, eq=False)
class ImputedValidation:
    """What every resample is done with.

    Attributes
    ----------
    completer : Completer
    procedure : PooledProcedure
    patients : Measured
        All of them, with their outcome.
    imputations : int
    seed : int
        Of the imputations.
    final : bool array, shape (terms,)
        Terms of the final model.
    horizons : array
        Those at which stored draws hold the baseline; empty for a binary outcome.
    """

    completer: Completer
    procedure: PooledProcedure
    patients: Measured
    imputations: int
    seed: int
    final: BoolArray
    horizons: FloatArray

    def run(
        self,
        model: PooledModel,
        tables: FloatArray,
        plan: ResamplePlan,
        settings: ValidationSettings,
        progress: Callable[[int], None] | None,
    ) -> Validation:
        """Validate; `tables` are those that the final model was fitted to."""
        patients = self.patients
        baseline = patients.baseline(model, tables)
        apparent = patients.performance(model, baseline, tables, refit=False)
        nothing = patients.nothing(model, baseline, tables, apparent)
        test = self._without_outcome()
        columns = tables.shape[2]

        def together(found: list[_One]) -> Replicates:
            chooses, before = self.procedure.selection.chooses, model.beta.size - columns
            return _joined(found, apparent, chooses=chooses, columns=columns, before=before)

        def block(start: int, count: int) -> list[_One]:
            return self._block(plan, start, count, test)

        pooled = None
        if plan.folds is None:
            pieces = batched(lambda *of: together(block(*of)), plan.resamples, BLOCK, progress)
            replicates = joined(_as_wide(pieces))
        else:
            found = [
                one for part in batched(block, plan.resamples, BLOCK, progress) for one in part
            ]
            replicates = together(found)
            parts = [one.left for one in found if one.left is not None]
            pooled = patients.measured_once(parts, plan.repeats)
        validation = patients.summarised(replicates, apparent, nothing, settings, pooled)
        return replace(validation, n_separated=int(replicates.separated.sum()))

    def _without_outcome(self) -> FloatArray:
        """All patients' tables as a new hospital would impute them: not knowing the outcome."""
        n, m = self.completer.codes.shape[0], self.imputations
        seed = derived_seed(self.seed, TEST)
        return self.completer.complete(np.arange(n), np.empty((n, 0)), np.arange(m), seed)

    def _block(self, plan: ResamplePlan, start: int, count: int, test: FloatArray) -> list[_One]:
        """Some resamples, one after the other."""
        return [
            self._one(weights, start + place, test, plan)
            for place, weights in enumerate(plan.draw(start, count))
        ]

    def _one(self, weights: FloatArray, number: int, test: FloatArray, plan: ResamplePlan) -> _One:
        rows = np.repeat(np.arange(weights.size), weights.astype(np.int64))
        rest = np.flatnonzero(weights == 0.0)
        own = self.patients.take(rows)
        unmade = _One(None, own.share())
        if plan.folds is not None:
            unmade = replace(unmade, left=self.patients.fold(None, NOTHING, test, weights))
        untested = plan.leaves_out and not self.patients.test(rest)
        if untested or not self.patients.teach(rows) or not self.completer.known(rows):
            return unmade
        m = self.imputations
        tables = self.completer.complete(
            rows, own.known(), number * m + np.arange(m), derived_seed(self.seed, TRAINING)
        )
        model = self.procedure(tables, own.likelihood)
        if model.separated or not np.isfinite(model.beta).all():
            return replace(unmade, separated=True)
        baseline = own.baseline(model, tables)
        found = replace(unmade, model=model)
        found = replace(found, coefficients=self._in_final_columns(model, tables, own))
        if plan.folds is not None:
            return replace(found, left=self.patients.fold(model, baseline, test, weights))
        others = self.patients
        if plan.leaves_out:
            others, test = self.patients.take(rest), test[:, rest]
        return replace(
            found,
            training=own.performance(model, baseline, tables, refit=False),
            test=others.performance(model, baseline, test, refit=True),
        )

    def _in_final_columns(
        self, model: PooledModel, tables: FloatArray, own: Measured
    ) -> FloatArray:
        """The resample's model in the columns of the final one, and its baseline."""
        design = self.procedure.design
        widths = [len(term.column_levels) for term in design.terms]
        target = np.flatnonzero(np.repeat(self.final, widths))
        before = own.likelihood.intercepts
        kept = np.concatenate([np.arange(before), before + target]).astype(np.int64)
        if (model.chosen & ~self.final).any():
            inside = np.mean(
                [_projected(own.likelihood, table[:, target], model.beta, table)
                 for table in tables], axis=0,
            )  # fmt: skip
        else:
            inside = model.beta[kept]
        if not isinstance(own, FollowedPatients):
            return np.asarray(inside)
        moved = replace(model, beta=_spread(inside, kept, model.beta.size))
        base = np.maximum(own.at(moved, tables, self.horizons).ravel(), LOWEST)
        return np.concatenate([inside, base])


@dataclass(frozen=True, slots=True, eq=False)
class _One:
    """One resample or fold; without a model where none could be made."""

    model: PooledModel | None
    share: FloatArray
    separated: bool = False
    training: Performance | None = None
    test: Performance | None = None
    coefficients: FloatArray | None = None
    left: FoldScores | None = None


def _as_wide(pieces: list[Replicates]) -> list[Replicates]:
    """Batches without a model know no coefficients: NaN, as many as the others have."""
    width = max(piece.coefficients.shape[1] for piece in pieces)
    terms = max(piece.selected.shape[1] for piece in pieces)
    return [
        piece
        if piece.coefficients.shape[1] == width and piece.selected.shape[1] == terms
        else replace(
            piece,
            coefficients=np.full((piece.usable.size, width), np.nan),
            selected=np.zeros((piece.usable.size, terms), np.bool_),
        )
        for piece in pieces
    ]


def _projected(
    likelihood: Likelihood, columns: FloatArray, beta: FloatArray, table: FloatArray
) -> FloatArray:
    before = likelihood.intercepts
    linear = table @ beta[before:] + (beta[0] if before else 0.0)
    everyone = np.ones((1, table.shape[0]))
    return np.asarray(likelihood.projected(columns, everyone, linear[None])[0])


def _spread(values: FloatArray, places: IntArray, size: int) -> FloatArray:
    whole = np.zeros(size)
    whole[places] = values
    return whole


def _joined(
    found: list[_One], like: Performance, *, chooses: bool, columns: int, before: int
) -> Replicates:
    """All resamples; models have `columns` coefficients after `before` of an intercept."""
    made = [each for each in found if each.model is not None]
    width = made[0].coefficients.size if made and made[0].coefficients is not None else 0
    terms = made[0].model.chosen.size if made and made[0].model is not None else 0
    nothing = Performance(
        dict.fromkeys(like.measures, np.nan),
        np.full_like(like.curve, np.nan),
        np.full_like(like.benefit, np.nan),
    )
    training = [each.training or nothing for each in found]
    test = [each.test or nothing for each in found]
    names = tuple(like.measures)
    return Replicates(
        training={name: np.array([one.measures[name] for one in training]) for name in names},
        test={name: np.array([one.measures[name] for one in test]) for name in names},
        training_curves=np.array([each.curve for each in training]),
        test_curves=np.array([each.curve for each in test]),
        training_benefit=np.array([each.benefit for each in training]),
        test_benefit=np.array([each.benefit for each in test]),
        separated=np.array([each.separated for each in found]),
        deficient=np.array([each.model is not None and each.model.deficient for each in found]),
        usable=np.array([each.model is not None for each in found]),
        prevalence=np.array([each.share for each in found]),
        selected=np.array([
            np.zeros(terms, np.bool_) if each.model is None else each.model.chosen
            for each in found
        ]) if chooses else np.empty((len(found), 0), np.bool_),
        coefficients=np.array([
            np.full(width, np.nan) if each.coefficients is None else each.coefficients
            for each in found
        ]),
        own=np.array([
            np.full(columns, np.nan) if each.model is None else each.model.beta[before:]
            for each in found
        ]) if chooses else np.empty((len(found), 0)),
    )  # fmt: skip
