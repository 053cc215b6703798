"""What a search for powers found, as a table and as findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.design.design import Design
from vertebrisk.design.powers import LINEAR, SHAPES
from vertebrisk.findings import Finding
from vertebrisk.models.fractional.selecting import CYCLES, find_shapes, p_values, shape_name
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing, counted

if TYPE_CHECKING:
    from vertebrisk.models.development import Development
    from vertebrisk.models.fractional.shapes import Shapes

LARGE_SHARE = 0.25  # of its own fitted value that one patient decides
SHAPES_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "variable": pl.String,
    "degree": pl.Int64,
    "shift": pl.Float64,
    "scale": pl.Float64,
    "powers": pl.List(pl.Float64),
    "linear": pl.Float64,
    "fp1_powers": pl.List(pl.Float64),
    "fp1": pl.Float64,
    "fp2_powers": pl.List(pl.Float64),
    "fp2": pl.Float64,
    "p_null": pl.Float64,
    "p_linear": pl.Float64,
    "p_fp1": pl.Float64,
}


def shapes_frame(development: Development) -> pl.DataFrame:
    """What the closed test compared in the last cycle, one row for each ``fp(x)``.

    Returns
    -------
    polars.DataFrame
        variable, degree, shift, scale, powers (of the model; empty where the variable left), then
        likelihood-ratio statistics over the model without the variable: linear, fp1 and fp2 (best
        single power and best pair, fp1_powers and fp2_powers); p_null, p_linear and p_fp1, the
        most complex shape tested against none, the straight line and one power.

    References
    ----------
    Ambler and Royston 2001, doi:10.1080/00949650108812083.
    """
    search = development.search
    if search is None or search.found is None:
        return pl.DataFrame(schema=SHAPES_SCHEMA)
    rows = []
    for place in search.shapes.polynomials.tolist():
        factor = search.shapes.design.terms[place].factors[0]
        found = search.found.compared[place]
        p_null, p_linear, p_one = p_values(found, factor.degree)
        second = factor.degree == 2
        rows.append(
            {
                "variable": factor.variable,
                "degree": factor.degree,
                "shift": factor.shift,
                "scale": factor.scale,
                "powers": list(SHAPES[search.state[place]]),
                "linear": float(found.gain_linear[0]),
                "fp1_powers": list(SHAPES[found.one[0]]),
                "fp1": float(found.gain_one[0]),
                "fp2_powers": list(SHAPES[found.two[0]]) if second else None,
                "fp2": float(found.gain_two[0]) if second else None,
                "p_null": float(p_null[0]),
                "p_linear": float(p_linear[0]),
                "p_fp1": float(p_one[0]) if second else None,
            }
        )
    return pl.DataFrame(rows, schema=SHAPES_SCHEMA)


def search_findings(development: Development) -> list[Finding]:
    """What is to be said of powers that the data chose."""
    search = development.search
    if search is None or search.found is None:
        return []
    shapes, state = search.shapes, search.state
    bent = [place for place in shapes.polynomials.tolist() if state[place] not in (0, LINEAR)]
    found = [chosen_powers(shapes, state)]
    if not search.found.settled[0]:
        found.append(unsettled(shapes))
    for place in bent:
        found += _shifted(shapes, place)
    extreme = {place: _extreme_rows(search.design, development, place) for place in bent}
    extreme = {place: rows for place, rows in extreme.items() if rows.any()}
    if extreme:
        rows = np.any(list(extreme.values()), axis=0)
        kept = np.where(rows, 0.0, 1.0)[None]
        without = find_shapes(shapes, development.likelihood, kept).states[0]
        found.append(extreme_values(shapes, list(extreme), int(rows.sum()), state, without))
    return found


def chosen_powers(shapes: Shapes, state: IntArray) -> Finding:
    """The data chose powers, which tests and intervals take for known."""
    return Finding(
        code="powers-chosen",
        severity="note",
        message=say(
            "The data chose the shape of {variables}: {described}.",
            variables=_variables(shapes, shapes.polynomials),
            described=_described(shapes, state),
        ),
        remedy=say(
            "Read the intervals of the repeated procedure and how often each shape was "
            "chosen; write known powers, such as powers(x, -1), where earlier studies "
            "give them."
        ),
        explanation=say(
            "Standard errors and P values of the coefficients take the powers for known, "
            "so they are too small; the validation finds the powers anew in each "
            "resample (Royston and Sauerbrei 2008, doi:10.1002/9780470770771)."
        ),
    )


def unsettled(shapes: Shapes) -> Finding:
    """The cycles over the variables did not come to rest."""
    return Finding(
        code="powers-unsettled",
        severity="warning",
        message=say(
            "The powers of {variables} still changed after {cycles} cycles over the "
            "variables; the last of them stand.",
            variables=_variables(shapes, shapes.polynomials),
            cycles=CYCLES,
        ),
        remedy=say("Choose the shape of some of the variables beforehand."),
    )


def extreme_values(
    shapes: Shapes, bent: list[int], patients: int, state: IntArray, without: IntArray
) -> Finding:
    """Few patients with extreme values decide a curve."""
    changed = (state != without)[shapes.polynomials].any()
    them = say("that one") if patients == 1 else say("them")
    then = (
        say(
            "without {them} the shapes are others: {described}",
            them=them,
            described=_described(shapes, without),
        )
        if changed
        else say("without {them} the shapes are the same", them=them)
    )
    return Finding(
        code="extreme-values",
        severity="warning" if changed else "note",
        message=say(
            "{patients} with extreme values of {variables} {decide} a large part of "
            "the curve; {then}.",
            patients=counted(patients, "patient"),
            variables=_variables(shapes, bent),
            decide=agreeing(patients, "decides", "decide"),
            then=then,
        ),
        remedy=say(
            "Check these values; where they are right, enter the logarithm, or a spline, "
            "whose ends are straight."
        ),
        explanation=say(
            "Powers far from 1 follow the smallest or the largest values. A patient is "
            "named who decides {large_share:g} % of his own fitted value or more "
            "(Royston and Sauerbrei 2007, Computational Statistics and Data Analysis "
            "51:4240-4253).",
            large_share=100 * LARGE_SHARE,
        ),
    )


def _shifted(shapes: Shapes, place: int) -> list[Finding]:
    factor = shapes.design.terms[place].factors[0]
    if factor.shift == 0:
        return []
    return [
        Finding(
            code="shifted-values",
            severity="note",
            message=say(
                "'{variable}' has values that are not positive; {shift:g} was added to all "
                "of them before taking powers.",
                variable=factor.variable,
                shift=factor.shift,
            ),
            remedy=say(
                "Where zero means that there is none of it, enter that as a category of its "
                "own beside the amount."
            ),
            explanation=say(
                "Powers and logarithms need positive numbers, and the shape near the "
                "smallest value depends on what is added."
            ),
            column=factor.variable,
        )
    ]


def _extreme_rows(design: Design, development: Development, place: int) -> BoolArray:
    """Patients with a large share in their own fitted value by the columns of a polynomial."""
    return _leverage(design.terms[place].columns(development.codes)) > LARGE_SHARE


def _leverage(columns: FloatArray) -> FloatArray:
    """Diagonal of the projection on the columns and a constant, shape (n,)."""
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    basis, _ = np.linalg.qr(np.column_stack([np.ones(columns.shape[0]), scaled]))
    return np.asarray((basis**2).sum(axis=1))


def _variables(shapes: Shapes, places: Iterable[int]) -> str:
    return joined([shapes.design.terms[place].variables[0] for place in places], " and ")


def _described(shapes: Shapes, state: IntArray) -> str:
    """Each variable with its shape in words."""
    parts = []
    for place in shapes.polynomials.tolist():
        name, shape = shapes.design.terms[place].variables[0], int(state[place])
        if shape == 0:
            parts.append(say("{name} left out", name=name))
        elif shape == LINEAR:
            parts.append(say("{name} a straight line", name=name))
        else:
            parts.append(say("{name} with powers {powers}", name=name, powers=shape_name(shape)))
    return joined(parts, "; ")
