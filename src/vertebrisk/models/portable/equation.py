"""A model's linear predictor and baseline as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel


def printed_equation(model: RiskModel) -> str:
    """See `RiskModel.equation`."""
    parts = [f"{model.intercept:.6g}"] if model.kind == "logistic" else []
    powers = {term.name for term in model.design.terms if term.named_by_columns}
    for column, beta in zip(model.design.columns, model.beta, strict=True):
        name = f"[{column.term} = {column.level}]" if column.level else column.term
        name = f"[{column.level}]" if column.term in powers else name
        sign = "-" if beta < 0 else "+"
        parts.append(f"{sign} {abs(beta):.6g} {name}")
    linear = " ".join(parts).removeprefix("+ ") or "0"
    return "\n".join([linear, *_printed_baseline(model)])


def _printed_baseline(model: RiskModel) -> Iterator[str]:
    for baseline in model.baselines:
        where = f", {baseline.stratum}" if baseline.stratum else ""
        for each in model.horizons:
            if each <= baseline.limit:
                yield f"H0({each:g} {model.time_unit}{where}) = {baseline.at(each)[0]:.6g}"
