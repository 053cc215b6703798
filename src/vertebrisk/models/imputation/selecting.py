"""Terms chosen by tests that are pooled over the completed tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vertebrisk._types import FloatArray
from vertebrisk.design.design import Design
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.imputation import rubin
from vertebrisk.models.development import Development, Selection
from vertebrisk.models.fit import LogisticFit
from vertebrisk.models.survival.fit import CoxFit


def chosen_terms(fits: Sequence[LogisticFit | CoxFit], selection: Selection) -> tuple[str, ...]:
    """Names of the terms that stay, from fits of all candidates to each table.

    Raises
    ------
    ArgumentError
        The rule goes by what pooled fits do not have.
    """
    design = fits[0].design
    names = tuple(term.name for term in design.terms)
    if not selection.chooses:
        return names
    if selection.criterion != "p" or selection.test != "lr":
        raise ArgumentError(
            "With imputations predictors are chosen by the P values of pooled tests; use "
            "criterion='p' and test='lr'."
        )
    developments = [fit.development for fit in fits]
    if selection.method == "univariable":
        return tuple(
            name for name in names
            if pooled_p_values(developments, design, [name])[0] < selection.alpha
        )  # fmt: skip
    kept = list(names)
    while kept:
        p_values = pooled_p_values(developments, design, kept)
        worst = int(np.argmax(p_values))
        if p_values[worst] <= selection.alpha:
            break
        del kept[worst]
    return tuple(kept)


def pooled_p_values(
    developments: Sequence[Development], design: Design, terms: Sequence[str]
) -> FloatArray:
    """P of D1 of each term in the model of these terms, one development a table."""
    beta, covariance = pooled_parts(developments, design, terms)
    size = developments[0].event.size
    slices = design.keep(terms).slices
    before = beta.shape[1] - sum(each.stop - each.start for each in slices.values())
    found = []
    for name in terms:
        part = np.arange(slices[name].start, slices[name].stop) + before
        own = covariance[:, part][:, :, part]
        found.append(rubin.wald_test(beta[:, part], own, size - beta.shape[1]).p_value)
    return np.array(found)


def pooled_parts(
    developments: Sequence[Development], design: Design, terms: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Estimates, shape (tables, p), and covariances, shape (tables, p, p), of some terms."""
    chosen = np.array([term.name in terms for term in design.terms])
    everyone = np.ones((1, developments[0].event.size))
    fits = [each.subset(each.term_columns(chosen), everyone).fits for each in developments]
    return np.array([each.beta[0] for each in fits]), np.array([each.covariance() for each in fits])
