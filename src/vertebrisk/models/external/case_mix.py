"""Do the new patients differ from those that the model was made from, and what does that cost?

References
----------
Debray et al. 2015 (membership model, spread of the linear predictor),
doi:10.1016/j.jclinepi.2014.06.018. Van Klaveren et al. 2016 (concordance expected of a model),
doi:10.1002/sim.6997. Gönen and Heller 2005 (the same of a Cox model), doi:10.1093/biomet/92.4.965.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.encode import encode
from vertebrisk.design.rules import Expression
from vertebrisk.errors import DataError, ExpressionError
from vertebrisk.findings import Finding
from vertebrisk.kernels.newton import fit_logistic_batch
from vertebrisk.models.external.results import CaseMix, Membership
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted
from vertebrisk.validation.discrimination import roc_auc
from vertebrisk.validation.results import Estimate

NARROWER, WIDER = 0.8, 1.25  # ratios of SDs beyond which a C-index is not to be compared as it is
FAR = 0.5  # SDs of the development patients
MOST_PAIRED = 5_000  # patients all of whose pairs are looked at
RANK = 1e-9


def comparable_spread(model: RiskModel) -> LinearSpread | None:
    """The model's own spread, unless it is that of a sample of cases and controls."""
    sampled = model.population.design == "case-control" and model.population.prevalence is None
    return None if sampled else model.linear_spread


def expected_concordance(risk: FloatArray) -> float | None:
    """Share of pairs of an event and none in which the former has the higher risk, were it right.

    Van Klaveren's model-based concordance: every pair of patients counts by the probability that
    the first has the event and the second not. None where that is nowhere possible.
    """
    values, place = np.unique(risk, return_inverse=True)
    case = np.bincount(place, risk, values.size)
    other = np.bincount(place, 1.0 - risk, values.size)
    below = np.cumsum(other) - other
    itself = np.bincount(place, risk * (1.0 - risk), values.size)  # no pair with oneself
    ordered = float((case * (below + 0.5 * other) - 0.5 * itself).sum())
    pairs = float(case.sum() * other.sum() - itself.sum())
    return ordered / pairs if pairs > 0.0 else None


def expected_concordance_of_hazards(linear: FloatArray) -> float | None:
    """The same of a Cox model's linear predictors: which of two patients has the event first.

    Over 5,000 patients it is that of 5,000 evenly spaced among their ranks.
    """
    values = np.sort(linear)
    if values.size > MOST_PAIRED:
        values = values[np.linspace(0, values.size - 1, MOST_PAIRED).astype(np.intp)]
    if values.size < 2:
        return None
    total = 0.0
    for first in range(0, values.size, 500):
        apart = values[None, :] - values[first : first + 500, None]
        later = np.arange(values.size)[None] > np.arange(first, first + apart.shape[0])[:, None]
        total += float((later / (1.0 + np.exp(-np.maximum(apart, 0.0)))).sum())
    return total / (values.size * (values.size - 1) / 2.0)


def linear_predictors(scores: pl.DataFrame, use: BoolArray | None = None) -> FloatArray:
    """Those of scored rows (of the rows in `use`) of which no input was averaged over."""
    rows = scores if use is None else scores.filter(pl.Series(use))
    return rows["linear_predictor"].drop_nulls().to_numpy().astype(np.float64)


def membership(
    model: RiskModel, development: pl.DataFrame | None, here: pl.DataFrame, outcome: str
) -> Membership | None:
    """Fit the membership model; None without the development patients.

    Parameters
    ----------
    model : RiskModel
    development, here : DataFrame
        Rows with a gap are left out.
    outcome : str
        A rule that both tables can answer; "" compares the predictors alone.

    Raises
    ------
    DataError, ExpressionError
        When a column is missing, or either table has fewer than two complete rows.
    """
    if development is None:
        return None
    parts = []
    for frame, whose in ((development, "development"), (here, "validation")):
        try:
            part = _columns(model, frame, outcome)
        except (DataError, ExpressionError) as error:
            raise type(error)(f"Of the {whose} patients: {error}") from None
        if part.shape[0] < 2:
            raise DataError(
                f"Of the {whose} patients {counted(part.shape[0], 'row')} "
                f"{agreeing(part.shape[0], 'has', 'have')} every input and the outcome; the "
                "membership model needs two or more."
            )
        parts.append(part)
    new = np.repeat([False, True], [part.shape[0] for part in parts])
    columns = _independent(np.concatenate(parts))
    fits = fit_logistic_batch(columns, new.astype(np.float64), np.ones((1, new.size)))
    area = roc_auc(new, columns @ fits.beta[0])
    return Membership(
        n_development=parts[0].shape[0],
        n_here=parts[1].shape[0],
        c_index=Estimate(area.estimate, area.conf_low, area.conf_high),
        with_outcome=bool(outcome),
        separated=bool(fits.separated[0]),
    )


def _columns(model: RiskModel, frame: pl.DataFrame, outcome: str) -> FloatArray:
    """Ones, columns of the model's design and the outcome, complete rows alone, shape (m, p)."""
    codes = encode(model.design, frame).codes
    parts = [np.ones(frame.height)]
    if model.design.terms:
        parts.append(model.design.matrix(codes))
    if outcome:
        event = Expression.parse(outcome).rule(frame)
        parts.append(event.cast(pl.Float64).fill_null(float("nan")).to_numpy())
    whole = np.column_stack(parts)
    return np.asarray(whole[np.isfinite(whole).all(axis=1)])


def _independent(columns: FloatArray) -> FloatArray:
    """Columns, the intercept first, of which none is a combination of the others."""
    kept: BoolArray = np.ptp(columns, axis=0) > 0.0
    rest = columns[:, kept]
    if not rest.shape[1]:
        return columns[:, :1]
    scaled = (rest - rest.mean(axis=0)) / rest.std(axis=0)
    from scipy.linalg import qr

    _, upper, order = qr(scaled, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(upper))
    used = np.sort(order[: int((sizes > RANK * sizes[0]).sum())])
    return np.column_stack([columns[:, 0], scaled[:, used]])


def of_case_mix(found: CaseMix) -> Iterator[Finding]:
    """Patients who differ from those that the model was made from."""
    before, here = found.developed, found.here
    if before is not None and here is not None and before.sd > 0.0:
        ratio = here.sd / before.sd
        if not NARROWER <= ratio <= WIDER:
            how, what = (say("more"), say("lower")) if ratio < 1.0 else (say("less"), say("higher"))
            yield Finding(
                "case-mix-spread",
                "note",
                say(
                    "The SD of the linear predictor is {sd:.3g} here and {sd_before:.3g} in the "
                    "patients that the model was made from: these are {how} alike, and a {what} "
                    "C-index is to be expected of that alone.",
                    sd=here.sd,
                    sd_before=before.sd,
                    how=how,
                    what=what,
                ),
                say(
                    "Compare the C-index with the one expected of these patients, not with the old."
                ),
                say("Debray et al. 2015, doi:10.1016/j.jclinepi.2014.06.018."),
            )
        if abs(here.mean - before.mean) > FAR * before.sd:
            higher = say("higher") if here.mean > before.mean else say("lower")
            yield Finding(
                "case-mix-level",
                "note",
                say(
                    "The mean linear predictor is {mean:.3g} here and {mean_before:.3g} in the "
                    "patients that the model was made from: the model expects {higher} risks "
                    "here.",
                    mean=here.mean,
                    mean_before=before.mean,
                    higher=higher,
                ),
                say("Compare who was included, and the units of the inputs."),
                say("Debray et al. 2015, doi:10.1016/j.jclinepi.2014.06.018."),
            )
    if found.membership is not None and found.membership.separated:
        yield Finding(
            "membership-separated",
            "warning",
            say(
                "Some input or the outcome tells every development patient from these: they "
                "have nothing in common there."
            ),
            say("Compare the inputs of both files; one may be coded differently."),
        )
