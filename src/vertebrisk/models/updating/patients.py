"""The patients to whom a model is fitted anew: their columns, outcome, and who was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vertebrisk._checks import listed
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, DataKind, FloatArray, IntArray
from vertebrisk.design.build import VariableInfo, needed_columns
from vertebrisk.design.design import Design
from vertebrisk.design.encode import Encoded, encode
from vertebrisk.design.rules import Expression
from vertebrisk.design.terms import WrittenTerm
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.models.external.counting import data_kind
from vertebrisk.models.external.remarks import of_units
from vertebrisk.models.logistic.fitting import check_outcomes
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.updating.extension import extended, lacking
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import counted


@dataclass(frozen=True, slots=True, eq=False)
class NewPatients:
    """Patients with outcome and all inputs.

    Attributes
    ----------
    columns : array, shape (n, p + 1)
        Those of the model's design, the intercept's ones first.
    added : array, shape (n, q)
        Those of the terms that extend it.
    added_terms : int
    design : Design
        The model's, with those terms.
    event : array, shape (n,)
        1 for the event.
    codes : mapping of str to array
        Each predictor's.
    data_kind : {"real", "reconstructed", "simulated"}
    n_dropped : mapping of str to int
        Patients left out, by reason.
    findings : tuple of Finding
    """

    columns: FloatArray
    added: FloatArray
    added_terms: int
    design: Design
    event: FloatArray
    codes: Mapping[str, FloatArray]
    data_kind: DataKind
    n_dropped: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def whole(self) -> FloatArray:
        """Intercept, columns of the model and of what extends it, shape (n, p + 1 + q)."""
        return np.column_stack([self.columns, self.added])

    @property
    def n(self) -> int:
        """Patients that are used."""
        return self.event.size

    @property
    def n_events(self) -> int:
        """Those of them with the event."""
        return int(self.event.sum())

    @property
    def smaller(self) -> tuple[int, str]:
        """Patients in the smaller outcome class, and what they are."""
        others = self.n - self.n_events
        return (self.n_events, "event") if self.n_events <= others else (others, "non-event")

    def take(self, rows: IntArray) -> NewPatients:
        """The patients of some rows, each as often as it is named."""
        return replace(
            self,
            columns=self.columns[rows],
            added=self.added[rows],
            event=self.event[rows],
            codes={name: own[rows] for name, own in self.codes.items()},
        )


def new_patients(
    model: RiskModel,
    data: object,
    outcome: str,
    extension: Sequence[WrittenTerm] = (),
    info: Mapping[str, VariableInfo] | None = None,
) -> NewPatients:
    """Read by the model's own design: its levels, knots and codes, none of them learnt anew.

    Those of the terms of `extension` are learnt from the complete rows.

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
    left, n_dropped = complete(
        encoded, matrix, event.is_null().to_numpy(), lacking(frame, extension)
    )
    if not left.any():
        raise DataError(
            "No patient has the outcome and every input of the model "
            f"({listed([f'{reason}: {count}' for reason, count in n_dropped.items()])})."
        )
    values = event.fill_null(value=False).to_numpy().astype(np.float64)[left]
    check_outcomes(values, outcome)
    design, codes, added = extended(model.design, frame.filter(left), extension, info)
    return NewPatients(
        columns=np.column_stack([np.ones(values.size), matrix[left]]),
        added=added,
        added_terms=len(extension),
        design=design,
        event=values,
        codes={**{name: own[left] for name, own in encoded.codes.items()}, **codes},
        data_kind=data_kind(frame),
        n_dropped=n_dropped,
        findings=(
            *unusable(encoded),
            *of_units(model.design, encoded),
            *of_outcome(design, rule.names),
        ),
    )


def complete(
    encoded: Encoded, matrix: FloatArray, no_outcome: BoolArray, without: BoolArray
) -> tuple[BoolArray, dict[str, int]]:
    """Rows that can be used, and how many others fell to which reason, the first one counting.

    `without` are rows that lack a new predictor.
    """
    size = no_outcome.size
    unusable, missing = np.zeros(size, np.bool_), without.copy()
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
            message=say(
                "{patients} left out: '{name}' holds what is no level and no number of the model.",
                patients=counted(int(rows.sum()), "patient"),
                name=name,
            ),
            remedy=say("Write its values as the model does, and update again."),
            explanation=say(
                "Who is left out for a reason that goes with the outcome moves the updated risks."
            ),
            column=name,
        )
        for name, rows in encoded.unusable.items()
        if rows.any()
    ]


def of_outcome(design: Design, names: Iterable[str]) -> list[Finding]:
    """Inputs of the updated model that its outcome reads."""
    read = [name for name in names if name in design.variables]
    return (
        [
            Finding(
                code="outcome-is-input",
                severity="warning",
                message=say(
                    "The outcome reads {read}, which the model takes as input, too.",
                    read=listed(read),
                ),
                remedy=say("Check the rule: whoever knows the outcome needs no risk of it."),
            )
        ]
        if read
        else []
    )
