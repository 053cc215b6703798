"""One factor for all coefficients, where a protocol asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.models.survival.fine_gray import FineGrayFit
from vertebrisk.protocol import Protocol
from vertebrisk.report.results.shrinkage import ShrinkageResult
from vertebrisk.validation.results import Validation

if TYPE_CHECKING:
    from vertebrisk.models.survival.fit import CoxFit
    from vertebrisk.models.uniform_shrinkage import ShrunkenModel


def shrunken_model(
    fit: LogisticFit | CoxFit | FineGrayFit, validation: Validation, protocol: Protocol
) -> ShrunkenModel | None:
    """The shrunken model; None where none is asked for, or there is nothing to shrink."""
    kind = protocol.analysis.shrinkage
    if kind is None or isinstance(fit, FineGrayFit) or not fit.design.terms:
        return None
    return fit.shrunken(validation if kind == "bootstrap" else None)


def shrinkage_result(shrunken: ShrunkenModel | None) -> ShrinkageResult | None:
    """What the report says of it."""
    if shrunken is None:
        return None
    return ShrinkageResult(
        shrunken.kind, shrunken.factor, shrunken.estimated, shrunken.coefficients
    )
