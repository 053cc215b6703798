"""The patients to whom a model is fitted anew: their columns, outcome, and who was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.build import needed_columns
from vertebrisk.design.encode import Encoded, encode
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.models.logistic.fitting import check_outcomes
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.plurals import counted


@dataclass(frozen=True, slots=True, eq=False)
class NewPatients:
    """Patients with outcome and all inputs.

    Attributes
    ----------
    columns : array, shape (n, p + 1)
        Those of the model's design, the intercept's ones first.
    event : array, shape (n,)
        1 for the event.
    codes : mapping of str to array
        Each predictor's.
    n_dropped : mapping of str to int
        Patients left out, by reason.
    findings : tuple of Finding
    """

    columns: FloatArray
    event: FloatArray
    codes: Mapping[str, FloatArray]
    n_dropped: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def n(self) -> int:
        """Patients that are used."""
        return self.event.size

    @property
    def n_events(self) -> int:
        """Those of them with the event."""
        return int(self.event.sum())


def new_patients(model: RiskModel, data: object, outcome: str) -> NewPatients:
    """Read by the model's own design: its levels, knots and codes, none of them learnt anew.

    Raises
    ------
    DataError, ExpressionError
        A column is missing, no patient is complete, or only one outcome class occurs.
    """
    frame = as_polars(data)
    rule = Expression.parse(outcome)
    needed_columns(frame, rule.names)
    if frame.height == 0:
        raise DataError("The data have no rows; one a patient is needed.")
    event = rule.rule(frame)
    encoded = encode(model.design, frame)
    matrix = np.empty((frame.height, 0))
    if model.design.terms:
        matrix = model.design.matrix(encoded.codes)
    left, n_dropped = complete(encoded, matrix, event.is_null().to_numpy())
    if not left.any():
        raise DataError(
            "No patient has the outcome and every input of the model "
            f"({listed([f'{reason}: {count}' for reason, count in n_dropped.items()])})."
        )
    values = event.fill_null(value=False).to_numpy().astype(np.float64)[left]
    check_outcomes(values, outcome)
    return NewPatients(
        columns=np.column_stack([np.ones(values.size), matrix[left]]),
        event=values,
        codes={name: codes[left] for name, codes in encoded.codes.items()},
        n_dropped=n_dropped,
        findings=tuple(unusable(encoded)),
    )


def complete(
    encoded: Encoded, matrix: FloatArray, no_outcome: BoolArray
) -> tuple[BoolArray, dict[str, int]]:
    """Rows that can be used, and how many others fell to which reason, the first one counting."""
    size = no_outcome.size
    unusable, missing = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    for name, codes in encoded.codes.items():
        unusable |= encoded.unusable[name]
        missing |= np.isnan(codes)
    reasons = {
        "outcome missing": no_outcome,
        "predictor not usable": unusable,
        "predictor missing": missing,
        "outside the domain of a transformation": ~np.isfinite(matrix).all(axis=1),
    }
    left = np.ones(size, np.bool_)
    counts = {}
    for reason, rows in reasons.items():
        counts[reason] = int((left & rows).sum())
        left &= ~rows
    return left, {reason: count for reason, count in counts.items() if count}


def unusable(encoded: Encoded) -> list[Finding]:
    """Values that are there but mean nothing to the model."""
    return [
        Finding(
            code="values-unknown-to-the-model",
            severity="warning",
            message=f"{counted(int(rows.sum()), 'patient')} left out: '{name}' holds what is no "
            "level and no number of the model.",
            remedy="Write its values as the model does, and update again.",
            explanation="Who is left out for a reason that goes with the outcome moves the "
            "updated risks.",
            column=name,
        )
        for name, rows in encoded.unusable.items()
        if rows.any()
    ]
