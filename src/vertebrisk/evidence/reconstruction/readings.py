"""A printed model as the question whether patients with its margins can have it as their fit."""

from __future__ import annotations

import numpy as np

from vertebrisk.evidence.feasibility.programme import Patterns, Predictor
from vertebrisk.evidence.reconstruction.patterns import PrintedModel


def margin_patterns(model: PrintedModel) -> Patterns:
    """The patterns of a printed model, with its margins among patients with and without the event.

    Raises
    ------
    ArgumentError
        If there are no patients with the event, or none without it.
    """
    return Patterns(
        model.design,
        model.members,
        np.tile(model.events, (2, 1)),
        np.tile(model.patients - model.events, (2, 1)),
    )


def printed_predictor(model: PrintedModel) -> Predictor:
    """The linear predictor of each pattern, with all that was rounded or cut off like it.

    A constant of NaN is one that the paper does not print: it is left free.
    """
    free = bool(np.isnan(model.coefficients[0]))
    design, coefficients = model.design[:, free:], model.coefficients[free:]
    point = design @ coefficients
    off = np.abs(design) @ (2 * model.coefficient_units[free:])
    return Predictor(point, point - off, point + off, free)
