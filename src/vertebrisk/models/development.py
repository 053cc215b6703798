"""The development procedure: from candidates to a model, repeatable on any weights.

Selection and estimation together are one callable, so that validation can repeat all
of it on every resample without knowing what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from vertebrisk._checks import check_choice, check_fraction, listed
from vertebrisk._types import BoolArray, FloatArray, IntArray, SelectionMethod, TestName
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.distributions import chi2_upper
from vertebrisk.kernels.grouptests import batch_p_values
from vertebrisk.models.fractional.search import ShapeSearch
from vertebrisk.models.likelihoods import Likelihood, SubsetFits
from vertebrisk.models.penalised.factors import column_factors
from vertebrisk.models.penalised.likelihoods import narrowed
from vertebrisk.models.penalised.penalty import Penalty, selecting_penalty
from vertebrisk.models.penalised.selecting import entered_first, lasso_columns
from vertebrisk.models.selection.backward import Backward, Criterion
from vertebrisk.models.selection.stability import Stability, chosen_shares, first_of
from vertebrisk.validation.resampling import Developed

ScreenTest = Literal["lr", "comparison"]
SAME_SHARE = 1e-9  # shares that differ by less are one


@dataclass(frozen=True, slots=True)
class Selection:
    """How predictors are chosen among the candidates.

    Attributes
    ----------
    method : {"prespecified", "univariable", "backward", "lasso", "stability"}
        All candidates; those whose own p value is below `alpha`; backward elimination with a
        refit at every step; those with any coefficient in a lasso fit, which are then
        fitted anew without the penalty; or those chosen in most halves of the patients.
    alpha : float
        Significance level of the screen, or of staying in.
    criterion : {"p", "aic", "bic"}
        What backward elimination goes by: the likelihood-ratio p value, AIC, or BIC, whose
        size is the number of patients, or of events in a model of time to event.
    test : {"lr", "comparison"}
        What the screen goes by: the likelihood-ratio test of the whole variable, or the
        test that compares the outcome groups.
    tests : mapping
        For `test="comparison"` the group test of each term.
    penalty : float or Penalty, optional
        For `method="lasso"` glmnet's lambda, or how it is found: by 10-fold cross-validation
        by default, in every resample of a validation anew.
    stability : Stability, optional
        For `method="stability"` how many halves, the threshold, and what chooses in each.
    shape_alpha : float
        Significance level of the tests between the shapes of a fractional polynomial, ``fp(x)``.
    approximate : bool
        Backward elimination without refits, by the covariance of the model of all candidates
        (Lawless and Singhal 1978), as ``rms::fastbw`` with ``type="individual"``: the criterion
        then takes Wald's statistic. What stays is fitted anew. A resample in which the candidates
        separate the outcomes, or depend on each other, is refitted at each step. Of
        `fit_logistic` and `fit_cox` by maximum likelihood.
    """

    method: SelectionMethod = "prespecified"
    alpha: float = 0.05
    criterion: Criterion = "p"
    test: ScreenTest = "lr"
    tests: Mapping[str, TestName] = field(default_factory=dict)
    penalty: float | Penalty | None = None
    stability: Stability | None = None
    shape_alpha: float = 0.05
    approximate: bool = False

    def __post_init__(self) -> None:
        check_choice(self.method, "method", SelectionMethod)
        check_choice(self.criterion, "criterion", Criterion)
        check_choice(self.test, "test", ScreenTest)
        check_fraction(self.alpha, "alpha")
        check_fraction(self.shape_alpha, "shape_alpha")
        if self.method == "lasso":
            selecting_penalty(self.penalty)
        elif self.penalty is not None:
            raise ArgumentError(
                f"penalty belongs to method='lasso', and the method is '{self.method}'; leave it "
                "out, or select by lasso."
            )
        if self.approximate and self.method != "backward":
            raise ArgumentError(
                f"approximate belongs to method='backward', and the method is '{self.method}'; "
                "leave it out, or select backward."
            )
        if self.stability is not None and self.method != "stability":
            raise ArgumentError(
                f"stability belongs to method='stability', and the method is '{self.method}'; "
                "leave it out, or select by stability."
            )

    @property
    def chooses(self) -> bool:
        """True when the data decide which predictors stay."""
        return self.method != "prespecified"


@dataclass(frozen=True, slots=True, eq=False)
class Development:
    """Candidates, outcome and rule of selection; called with weights, it develops models.

    The same procedure for every kind of model: only the likelihood differs.

    Attributes
    ----------
    design : Design
        All candidate terms.
    matrix : array, shape (n, columns)
        Their columns, without intercept or missing values.
    likelihood : Likelihood
        The outcome, and how a model of it is fitted.
    selection : Selection
    codes : mapping
        Codes of each variable, for the group tests of a screen.
    clusters : int array, shape (n,), or None
        Patient of each row; the rows of a patient share a fold when a penalty is found.
    search : ShapeSearch, optional
        Where powers of fractional polynomials are found by the data: design and matrix then
        are those of the powers that all patients gave.
    """

    design: Design
    matrix: FloatArray
    likelihood: Likelihood
    selection: Selection
    codes: Mapping[str, FloatArray] = field(default_factory=dict)
    clusters: IntArray | None = None
    search: ShapeSearch | None = None

    @property
    def event(self) -> FloatArray:
        """1 for the event, 0 for none, shape (n,)."""
        return self.likelihood.event

    @property
    def chooses(self) -> bool:
        """True when the data decide which predictors stay, or what shape they have."""
        return self.selects or self.search is not None

    @property
    def selects(self) -> bool:
        """True when the data decide which predictors stay, by selection or by a penalty."""
        return self.selection.chooses or self.likelihood.chooses

    @property
    def parameters(self) -> int:
        """Parameters of all candidates, those of a search for powers among them."""
        return len(self.design.columns) if self.search is None else self.search.shapes.parameters

    def __post_init__(self) -> None:
        if self.selection.chooses and any(len(term.factors) > 1 for term in self.design.terms):
            raise ArgumentError(
                "Candidates with interactions cannot be selected by the data; "
                "prespecify the model, or leave the interactions out."
            )
        self._check_tests()

    def _check_tests(self) -> None:
        if self.selection.method != "univariable" or self.selection.test != "comparison":
            return
        lacking = [term.name for term in self.design.terms if term.name not in self.selection.tests]
        if lacking:
            raise ArgumentError(
                f"Screening by the comparison's test needs a test for {listed(lacking)}; "
                "give it in 'tests'."
            )

    def subset(
        self, columns: IntArray, weights: FloatArray, mask: BoolArray | None = None
    ) -> SubsetFits:
        """Fit the model of some columns to every replicate, or to each those of its mask."""
        return self.likelihood.fit(self.of_columns(columns), weights, mask)

    def of_columns(self, columns: IntArray) -> FloatArray:
        """The matrix of some columns; not copied where these are all."""
        every = np.array_equal(columns, np.arange(self.matrix.shape[1]))
        return self.matrix if every else np.asarray(self.matrix[:, columns])

    def term_columns(self, chosen: BoolArray) -> IntArray:
        """Columns of the chosen terms."""
        slices = self.design.slices
        parts = [
            np.arange(slices[term.name].start, slices[term.name].stop)
            for term, use in zip(self.design.terms, chosen, strict=True)
            if use
        ]
        return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)

    def select(self, weights: FloatArray, *, repeated: bool = False) -> BoolArray:
        """Terms chosen in each replicate, shape (replicates, terms).

        `repeated` marks the resamples of a validation, where stability selection splits the
        patients less often.
        """
        if self.search is not None:
            return self.search.repeated(self.likelihood, weights) > 0
        if self.selection.method == "univariable":
            return self.screen_p_values(weights) < self.selection.alpha
        if self.selection.method == "backward":
            approximate = self.selection.approximate
            return self._backward.eliminated(weights, approximate=approximate)
        if self.selection.method == "lasso":
            return self._lasso(weights)
        if self.selection.method == "stability":
            shares = self.stability_shares(weights, repeated=repeated)
            return shares >= self._stability.threshold - SAME_SHARE
        return np.ones((weights.shape[0], len(self.design.terms)), dtype=np.bool_)

    @property
    def _backward(self) -> Backward:
        slices = self.design.slices
        own = (slices[term.name] for term in self.design.terms)
        parts = [np.arange(part.start, part.stop) for part in own]
        chosen = self.selection
        return Backward(self.likelihood, self.matrix, parts, chosen.criterion, chosen.alpha)

    def _lasso(self, weights: FloatArray) -> BoolArray:
        penalty = selecting_penalty(self.selection.penalty)
        factors = column_factors(penalty.factors, self.design)
        columns = lasso_columns(
            self.matrix, self.likelihood, penalty, weights, self.clusters, factors
        )
        return self.terms_of(columns)

    @property
    def _stability(self) -> Stability:
        return self.selection.stability or Stability()

    def stability_shares(self, weights: FloatArray, *, repeated: bool = False) -> FloatArray:
        """Share of the halves in which each term was chosen, shape (replicates, terms)."""
        asked = self._stability
        choose = self._enter if asked.learner == "lasso" else self._smallest
        pairs = asked.pairs_in_resamples if repeated else asked.pairs
        candidates = len(self.design.terms)
        return chosen_shares(choose, self.event, weights, asked, pairs, candidates, self.clusters)

    def _enter(self, weights: FloatArray, wanted: int) -> BoolArray:
        slices = [self.design.slices[term.name] for term in self.design.terms]
        return entered_first(self.matrix, slices, self.likelihood, weights, wanted)

    def _smallest(self, weights: FloatArray, wanted: int) -> BoolArray:
        p_values = self.screen_p_values(weights)
        return first_of(np.where(p_values < 1.0, p_values, np.inf), wanted)

    def screen_p_values(self, weights: FloatArray) -> FloatArray:
        """P value of each candidate on its own, shape (replicates, terms); 1 if untestable."""
        columns = [self._screen_one(index, weights) for index in range(len(self.design.terms))]
        return np.nan_to_num(np.column_stack(columns), nan=1.0)

    def _screen_one(self, index: int, weights: FloatArray) -> FloatArray:
        term = self.design.terms[index]
        if self.selection.test == "comparison":
            values = self.codes[term.factors[0].variable]
            categorical = term.factors[0].kind == "categorical"
            x = values.astype(np.int64) if categorical else values
            test = self.selection.tests[term.name]
            return batch_p_values(test, x, self.event.astype(np.int64), weights)
        chosen = np.arange(len(self.design.terms)) == index
        model = self.subset(self.term_columns(chosen), weights)
        null = self.likelihood.null(model, weights)
        statistic = np.maximum(2.0 * (model.fits.log_likelihood - null), 0.0)
        return chi2_upper(statistic, model.rank)

    def __call__(self, weights: FloatArray, final: BoolArray | None = None) -> Developed:
        """Develop a model on each replicate and score all patients with it.

        `final` marks the terms of the final model, in whose columns the coefficients are
        given; a replicate that chose other terms is projected onto them, so each replicate
        says what its own model means for patients described by the final predictors.
        """
        everything = np.ones(len(self.design.terms), dtype=np.bool_)
        wanted = everything if final is None else final
        matrix, shapes = self.matrix, None
        if self.search is None:
            chosen = self.select(weights, repeated=True)
            mask, target = self._column_mask(chosen), self.term_columns(wanted)
        else:
            states = self.search.repeated(self.likelihood, weights)
            chosen, shapes = states > 0, self.search.of_polynomials(states)
            matrix, mask = self.search.shapes.matrix, self.search.shapes.mask(states)
            target = self.search.columns_of(wanted)
        columns = np.flatnonzero(mask.any(axis=0))
        model = self.likelihood.fit(matrix[:, columns], weights, mask[:, columns])
        linear = model.linear()
        if self.likelihood.chooses:
            kept_columns = model.fits.beta[:, self.likelihood.intercepts :] != 0.0
            mask = np.zeros_like(mask)
            mask[:, columns] = kept_columns
            chosen = self.terms_of(mask)
        before = self.likelihood.intercepts
        beta = np.zeros((weights.shape[0], before + matrix.shape[1]))
        beta[:, _shifted(columns, before)] = model.fits.beta
        coefficients = beta[:, _shifted(target, before)]
        outside = mask.sum(axis=1) > mask[:, target].sum(axis=1)
        if outside.any():
            of_patients = linear[outside][:, model.patterns.of]
            coefficients[outside] = self.likelihood.projected(
                matrix[:, target], weights[outside], of_patients
            )
        kept = chosen if self.selects else chosen[:, :0]
        return Developed(
            patterns=model.patterns,
            linear=linear,
            separated=model.fits.separated,
            runaway=model.runaway(),
            deficient=model.fits.deficient,
            selected=kept,
            coefficients=coefficients,
            own=beta[:, before:] if self.selects and self.search is None else beta[:, :0],
            shapes=shapes,
        )

    def searched(self) -> Development:
        """With the powers that all patients give, and what was compared on the way."""
        if self.search is None:
            return self
        search = self.search.of_all_patients(self.likelihood)
        design = search.design
        return replace(self, design=design, matrix=design.matrix(self.codes), search=search)

    def chosen(self) -> BoolArray:
        """Terms chosen by all patients, shape (terms,)."""
        if self.search is not None:
            return np.asarray(self.search.state > 0)
        return np.asarray(self.select(np.ones((1, self.event.size)))[0])

    def held(self, chosen: BoolArray) -> Development:
        """The chosen terms held fixed: only their coefficients are estimated anew."""
        names = [term.name for term, use in zip(self.design.terms, chosen, strict=True) if use]
        columns = self.term_columns(chosen)
        matrix = np.asarray(self.matrix[:, columns])
        likelihood = narrowed(self.likelihood, columns)
        return Development(self.design.keep(names), matrix, likelihood, Selection())

    def terms_of(self, mask: BoolArray) -> BoolArray:
        """Terms with any column in use: (replicates, columns) to (replicates, terms)."""
        parts = [self.design.slices[term.name] for term in self.design.terms]
        return np.column_stack(
            [mask[:, part].any(axis=1) for part in parts]
            or [np.empty((mask.shape[0], 0), np.bool_)]
        )

    def _column_mask(self, chosen: BoolArray) -> BoolArray:
        """Columns in use, from terms in use."""
        widths = [len(term.column_levels) for term in self.design.terms]
        return np.repeat(chosen, widths, axis=1)


def _shifted(columns: IntArray, before: int) -> IntArray:
    """Positions of coefficients: those before the columns, and those of the columns."""
    return np.concatenate([np.arange(before), before + columns])
