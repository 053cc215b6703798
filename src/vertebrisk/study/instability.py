"""The stability of a study's predictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vertebrisk.errors import FitError
from vertebrisk.models.logistic.fit import LogisticFit
from vertebrisk.study.steps import Prepared, threshold_grid
from vertebrisk.validation.instability import Instability

if TYPE_CHECKING:
    from vertebrisk.models.imputation.pooled import PooledFit
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fit import CoxFit

MODELS = 200  # of the resamples of the validation, the first
FEWEST = 20  # where there are very many patients
RISKS = 20_000_000  # risks of all patients by all models that are held at once


def instability_result(
    prepared: Prepared, fit: LogisticFit | CoxFit | FineGrayFit | PooledFit, **imputed: int
) -> Instability | None:
    """Models of the first resamples of the validation on all patients; fewer of very many.

    `imputed` are the number of imputed tables in each, and the rounds of the imputation.

    None where the protocol does without, and where fewer than two models could be made.
    """
    plan, validation = prepared.plan, prepared.protocol.validation
    held = max(FEWEST, RISKS // prepared.cohort.n)
    resamples = min(plan.resamples, MODELS, held)
    if not validation.instability or resamples < 2:
        return None
    asked: dict[str, Any] = {
        "thresholds": validation.thresholds or None,
        "curve_thresholds": threshold_grid(prepared.protocol),
        "progress": _counted(prepared, resamples),
    }
    try:
        return fit.instability(resamples, plan.seed, **(asked | imputed))
    except FitError:  # of which the validation tells: resamples with one outcome only
        return None


def _counted(prepared: Prepared, resamples: int) -> Callable[[int], None]:
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        prepared.progress("instability", done, resamples)

    return advance
