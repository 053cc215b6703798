"""Univariable Fine-Gray regression: each variable alone against the cumulative incidence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vertebrisk.errors import DataError, FitError
from vertebrisk.models.selection.screening import COX_RATIO
from vertebrisk.models.survival.fine_gray import FineGrayFit


def screen_fine_gray_term(
    term: str, fitted: Callable[[], FineGrayFit], n: int, n_events: int
) -> list[dict[str, object]]:
    """Rows of one variable, with the columns of `screen_univariable_cox`.

    The errors are those of the sandwich, so there is no likelihood-ratio test.

    Parameters
    ----------
    term : str
    fitted : callable
        Fits the model of this variable alone.
    n, n_events : int
        Patients and events, for a variable without an estimate.
    """
    try:
        fit = fitted()
    except (FitError, DataError):
        note = "no finite estimate"
        return [{"term": term, "level": "", "n": n, "n_events": n_events, "note": note}]
    whole = {"n": n, "n_events": n_events, "df": len(fit.design.columns), "note": ""}
    return [{**line, **_ratios(line), **whole} for line in fit.coefficients().to_dicts()]


def _ratios(line: dict[str, float]) -> dict[str, float]:
    values = (line["estimate"], line["conf_low"], line["conf_high"])
    return {name: float(np.exp(value)) for name, value in zip(COX_RATIO, values, strict=True)}
