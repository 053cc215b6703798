"""What is done about missing inputs, and about risks of sampled controls."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from scipy.special import logit

from vertebrisk._checks import check_choice, check_fraction, listed
from vertebrisk._types import FloatArray
from vertebrisk.errors import DataError, ModelError
from vertebrisk.models.external.results import Counts
from vertebrisk.models.portable.flagging import MISSING
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.text.plurals import counted

MissingPolicy = Literal["refuse", "leave", "average"]


def under_policy(model: RiskModel, missing: MissingPolicy | None) -> RiskModel:
    """The model as it is to treat missing inputs; None leaves that to the model.

    Raises
    ------
    ArgumentError
        There is no such policy.
    ModelError
        It is to average and does not know how.
    """
    if missing is None:
        return model
    check_choice(missing, "missing", MissingPolicy)
    if missing != "average":
        return replace(model, missing_inputs=None)
    if model.missing_inputs is None:
        raise ModelError(
            "missing is 'average', and this model does not average over missing inputs; make one "
            "that does with RiskModel.with_missing_inputs, or choose 'leave' or 'refuse'."
        )
    return model


def refuse_gaps(missing: MissingPolicy | None, counts: Counts) -> None:
    """DataError where rows with gaps are to be refused and there are some."""
    gaps = {
        reason.removeprefix(MISSING): count
        for reason, count in counts.reasons.items()
        if reason.startswith(MISSING)
    }
    if missing == "refuse" and gaps:
        said = listed([f"{name} in {counted(count, 'row')}" for name, count in gaps.items()])
        raise DataError(
            f"Inputs are missing ({said}), and missing is 'refuse'. Complete them, or choose "
            "'leave' (such rows are counted and left out) or 'average'."
        )


def at_prevalence(model: RiskModel, prevalence: float | None) -> RiskModel:
    """A model of sampled controls with the risks of a population of that prevalence.

    Its intercept is moved by the log-odds of the prevalence less those for which its risks hold:
    of its own prevalence, or of the share of cases in its sample.

    Raises
    ------
    ArgumentError
        The prevalence is no share.
    ModelError
        The model is not one of sampled controls, or its cases and controls are not known.

    References
    ----------
    King and Zeng 2001, doi:10.1093/oxfordjournals.pan.a004868
    """
    if prevalence is None:
        return model
    check_fraction(prevalence, "prevalence")
    population = model.population
    if model.kind != "logistic" or population.design != "case-control":
        raise ModelError(
            "prevalence is for a logistic model of sampled controls, and this one is of a cohort: "
            "its risks hold as they stand. To fit them to a place with other risks, update it "
            "(vertebrisk update --method in-the-large, or update_model)."
        )
    share, spread = population.prevalence, model.linear_spread
    if share is None:
        if not 0 < population.n_events < population.n:
            raise ModelError(
                "prevalence is given, and the model does not know how many cases and controls it "
                "was made from, so its intercept cannot be moved."
            )
        share, spread = population.n_events / population.n, None
    shift = float(logit(prevalence) - logit(share))
    return replace(
        model,
        intercept=model.intercept + shift,
        linear_ticks=model.linear_ticks + shift,
        linear_spread=spread and spread.moved(shift, 1.0),
        population=replace(population, prevalence=prevalence),
        draws=None if model.draws is None else _moved(model.draws, shift),
    )


def _moved(draws: FloatArray, shift: float) -> FloatArray:
    moved = draws.copy()
    moved[:, 0] += shift
    return moved
