"""What the data say against the candidates before any of them meets the outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import FloatArray
from vertebrisk.design.terms import WrittenFactor, WrittenTerm, parse_terms
from vertebrisk.errors import ProtocolError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import counted

_TOLERANCE = 1e-8
_MOST_COMPARED = 500


def candidate_findings(terms: Sequence[str], frame: pl.DataFrame, file: str) -> tuple[Finding, ...]:
    """Findings on the candidates as the model would take them; no outcome is looked at.

    Parameters
    ----------
    terms : sequence of str
        `Protocol.model_terms`.
    frame : DataFrame
        The eligible rows: Enum or Float64 columns.

    Raises
    ------
    ProtocolError
        A term shapes labels as if they were numbers.
    """
    check_shapes(terms, frame)
    complete = frame.select(used_names(terms)).drop_nulls()
    return (
        *too_many(terms, complete, complete.height, file),
        *collinear(terms, complete, file),
    )


def check_shapes(terms: Sequence[str], frame: pl.DataFrame) -> None:
    """Raise ProtocolError where a term shapes labels as if they were numbers."""
    for term in parse_terms(tuple(terms)):
        for factor in term.factors:
            _check_shape(factor, frame)


def used_names(terms: Sequence[str]) -> list[str]:
    """Variables of the terms, each once."""
    return list(
        dict.fromkeys(name for term in parse_terms(tuple(terms)) for name in term.variables)
    )


def _check_shape(factor: WrittenFactor, frame: pl.DataFrame) -> None:
    numeric = frame[factor.variable].dtype.is_numeric()
    if not numeric and factor.kind not in ("plain", "categorical"):
        raise ProtocolError(
            f"'{factor.name}' in [analysis] needs numbers, but '{factor.variable}' holds labels. "
            "Take it out of 'terms', or describe the variable as a number."
        )


def too_many(
    terms: Sequence[str], complete: pl.DataFrame, n: int, file: str
) -> tuple[Finding, ...]:
    """A finding on more parameters than complete rows, of which there are `n`.

    `complete` needs to hold no more than the levels that occur.
    """
    parameters = sum(term_parameters(term, complete) for term in parse_terms(tuple(terms)))
    if parameters < n or not n:
        return ()
    return (
        Finding(
            "more-parameters-than-rows",
            "error",
            say(
                "The candidates have {parameters}, but only {rows} with a value in each: no "
                "model can hold all of them.",
                parameters=counted(parameters, "parameter"),
                rows=counted(n, "row"),
            ),
            say("Choose fewer candidates for clinical reasons, or merge levels."),
            file=file,
        ),
    )


def term_parameters(term: WrittenTerm, complete: pl.DataFrame) -> int:
    """Parameters that a term has in rows in which all its variables are known."""
    return math.prod(_columns(factor, complete) for factor in term.factors)


def _columns(factor: WrittenFactor, complete: pl.DataFrame) -> int:
    """Parameters of one factor: levels that occur less one, or pieces of a spline."""
    if factor.kind == "rcs":
        return factor.knot_count - 1
    if factor.kind == "fp":
        return 2 * factor.degree
    if factor.kind == "powers":
        return len(factor.powers)
    values = complete[factor.variable]
    if factor.kind == "categorical" or not values.dtype.is_numeric():
        return max(values.n_unique() - 1, 0)
    return 1


def collinear(terms: Sequence[str], complete: pl.DataFrame, file: str) -> tuple[Finding, ...]:
    """Numeric candidates that are a sum of multiples of those before them."""
    names = [
        term.factors[0].variable
        for term in parse_terms(tuple(terms))
        if len(term.factors) == 1
        and term.factors[0].kind == "plain"
        and complete[term.variables[0]].dtype.is_numeric()
        and complete[term.variables[0]].n_unique() > 1
    ][:_MOST_COMPARED]
    if complete.height <= len(names) + 1:
        return ()
    basis: FloatArray = np.empty((complete.height, 0), dtype=np.float64)
    kept: list[str] = []
    findings: list[Finding] = []
    for name in names:
        column = complete[name].to_numpy()
        centred = column - column.mean()
        centred = centred / np.linalg.norm(centred)
        rest = centred - basis @ (basis.T @ centred)
        rest = rest - basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > _TOLERANCE:
            basis = np.column_stack((basis, rest / size))
            kept.append(name)
            continue
        weights = np.linalg.lstsq(_standardised(complete, kept), centred, rcond=None)[0]
        sources = [
            f"'{each}'" for each, w in zip(kept, weights, strict=True) if abs(w) > _TOLERANCE
        ]
        findings.append(_determined(name, sources, file))
    return tuple(findings)


def _standardised(complete: pl.DataFrame, names: Sequence[str]) -> FloatArray:
    values = complete.select(names).to_numpy()
    centred = values - values.mean(axis=0)
    return np.asarray(centred / np.linalg.norm(centred, axis=0), dtype=np.float64)


def _determined(name: str, sources: Sequence[str], file: str) -> Finding:
    return Finding(
        "collinear-candidates",
        "warning",
        say(
            "Candidate '{name}' is determined exactly by {sources}: their coefficients "
            "cannot be told apart.",
            name=name,
            sources=listed(sources),
        ),
        say("Leave one of them out of the candidates."),
        file=file,
        column=name,
    )
