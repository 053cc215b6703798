"""Internal-external validation: every centre by a model of the others."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, IntArray
from vertebrisk.errors import ArgumentError
from vertebrisk.kernels.sampling import ControlSampling
from vertebrisk.models.validating.columns import OfRows, column_of_rows
from vertebrisk.models.validating.plan import ResamplePlan, procedure_name
from vertebrisk.models.validating.scheme import repeated_procedure
from vertebrisk.validation.centres.assembling import CentreSettings, assembled
from vertebrisk.validation.centres.measured import Centre, binary_centre, unmeasured
from vertebrisk.validation.centres.results import InternalExternal
from vertebrisk.validation.left_out import scores_left_out


class BinaryFit(OfRows, Protocol):
    """A fit of a binary outcome, as far as centres and periods need it."""

    @property
    def chosen(self) -> BoolArray:
        """Terms of the final model among its candidates."""
        ...

    @property
    def clusters(self) -> IntArray | None:
        """Patient of each row where rows are vertebrae."""
        ...

    @property
    def sampling(self) -> ControlSampling | None:
        """Where controls were sampled."""
        ...

    @property
    def outcome(self) -> str:
        """What the event is called."""
        ...


def internal_external(
    fit: BinaryFit, groups: ArrayLike | str, data: object | None, *, fixed: bool, level: float
) -> InternalExternal:
    """See `LogisticFit.internal_external`."""
    if fit.sampling is not None:
        raise ArgumentError(
            "Controls were sampled, so the prevalence of a single centre is not known; "
            "internal-external validation needs cohorts."
        )
    names, codes, by = centres_of(fit, groups, data, fit.clusters)
    plan = ResamplePlan.folded(codes[None], None, level, "cross-validation")
    development, final = repeated_procedure(fit, fixed=fixed)
    left = scores_left_out(
        lambda weights: development(weights, final),
        plan.draw,
        plan.repeats,
        fit.event.astype(np.float64),
    )
    centres: list[Centre] = []
    for code, name in enumerate(names):
        inside = codes == code
        event, own = fit.event[inside], None if fit.clusters is None else fit.clusters[inside]
        if not left.models.usable[code]:
            events = int(event.sum())
            centres.append(unmeasured(name, event.size, events, "the others have one outcome"))
            continue
        finite = not left.models.separated[code]
        centre = binary_centre(name, event, left.linear[0, inside], own, level, finite=finite)
        centres.append(centre)
    return assembled(
        centres,
        CentreSettings(
            outcome=fit.outcome,
            by=by,
            kind="logistic",
            procedure=procedure_name(fit.development, fixed=fixed),
            level=level,
            clustered=fit.clusters is not None,
            uninformed=tuple(
                name for name, lost in zip(names, left.models.deficient, strict=True) if lost
            ),
        ),
    )


def centres_of(
    fit: OfRows, groups: ArrayLike | str, data: object | None, clusters: IntArray | None
) -> tuple[list[str], IntArray, str]:
    """Names of the centres in order, the centre of each row, and what names them."""
    column, by = column_of_rows(fit, groups, data, "groups", "the centre")
    return named_centres(column, by, clusters)


def named_centres(
    column: pl.Series, by: str, clusters: IntArray | None
) -> tuple[list[str], IntArray, str]:
    """The same of a column without missing values, two centres or more, with whole patients."""
    values, codes = np.unique(_sortable(column), return_inverse=True)
    if values.size < 2:
        raise ArgumentError(
            f"{f'{by!r}' if by else 'groups'} holds {listed(values.tolist())} alone; two centres "
            "or more are needed."
        )
    numbers = codes.astype(np.int64)
    _check_whole(numbers, clusters)
    return [str(value) for value in values.tolist()], numbers, by or "group"


def _sortable(column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    text = column.dtype in (pl.Categorical, pl.Enum)
    return (column.cast(pl.String) if text else column).to_numpy()


def _check_whole(codes: IntArray, clusters: IntArray | None) -> None:
    if clusters is None:
        return
    pairs = np.unique(np.stack([clusters, codes]), axis=1)
    split = int((np.bincount(pairs[0]) > 1).sum())
    if split:
        raise ArgumentError(
            f"{split} patients have rows in more than one of the groups; a patient left out must "
            "be left out with all rows. Give each patient one group."
        )
