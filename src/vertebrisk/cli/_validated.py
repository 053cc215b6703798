"""An external validation as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vertebrisk.cli._options import print_findings

if TYPE_CHECKING:
    import polars as pl

    from vertebrisk._types import Language
    from vertebrisk.models.external.results import (
        CaseMix,
        Counts,
        ExternalHorizon,
        ExternalValidation,
    )
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.validation.results import DecisionCurve

_TITLES = {
    "auc": "AUC, time-dependent",
    "c_index": "C-index",
    "c_index_uno": "C-index, Uno's",
    "in_the_large": "calibration in the large",
    "intercept": "calibration intercept",
    "slope": "calibration slope",
    "observed_expected": "observed/expected",
    "brier": "Brier score",
    "brier_scaled": "Brier score, scaled",
    "r2": "R2 (Nagelkerke)",
    "ici": "ICI",
    "e50": "E50",
    "e90": "E90",
    "emax": "Emax",
}


def print_validation(
    model: RiskModel, found: ExternalValidation, thresholds: Sequence[float], language: Language
) -> None:
    """Counts, measures with their intervals, net benefit at some thresholds, and findings."""
    outcome = model.outcome
    meant = ", ".join(part for part in (outcome.name, outcome.time_point) if part)
    print(f"Outcome: {found.outcome}" + (f" (the model's: {meant})" if meant else ""))
    for step in model.provenance.lineage:
        print(f"The model: {step.told(language)}")
    _print_counts(found.counts)
    _print_followed(found)
    _print_case_mix(found.case_mix)
    _print_measures(found.measures)
    if not found.horizons:
        print(f"ICI, E50, E90 and Emax by {found.smoother}.")
        _print_decision(found.decision, thresholds)
    for each in found.horizons:
        _print_horizon(each, model.time_unit, thresholds)
    print_findings(found.findings, language)


def _print_case_mix(found: CaseMix) -> None:
    for spread, whose in ((found.here, "here"), (found.developed, "where the model was made")):
        if spread is not None:
            print(f"Linear predictor {whose}: mean {spread.mean:.3f}, SD {spread.sd:.3f}")
    if found.c_expected is not None:
        print(f"C-index expected of these patients, were the risks right: {found.c_expected:.3f}")
    if found.membership is not None:
        area = found.membership.c_index
        limits = "" if area.conf_low is None else f" ({area.conf_low:.3f} to {area.conf_high:.3f})"
        print(
            f"Membership model: {found.membership.n_development} development patients told from "
            f"{found.membership.n_here} here with a C-index of {area.estimate:.3f}{limits}"
        )


def _print_measures(measures: pl.DataFrame) -> None:
    for name, value, low, high, how in measures.iter_rows():
        shown = "does not exist" if value is None else f"{value:.3f}"
        limits = "" if low is None else f"  ({low:.3f} to {high:.3f}, {how})"
        print(f"  {_TITLES[name]:<25} {shown:>7}{limits}")


def _print_followed(found: ExternalValidation) -> None:
    if found.followed is None:
        return
    each = found.followed
    median = "not reached" if each.median is None else f"{each.median:g}"
    rivals = f", {each.n_competing} with a competing event" if each.competing else ""
    longest = f"{each.longest:g} {each.unit}".rstrip()
    print(f"Followed for {longest} at most, median {median}{rivals}")


def _print_horizon(found: ExternalHorizon, unit: str, thresholds: Sequence[float]) -> None:
    share = found.observed
    limits = "" if share.conf_low is None else f" ({share.conf_low:.3f} to {share.conf_high:.3f})"
    print(f"By {found.horizon:g} {unit}".rstrip() + ":")
    print(
        f"  {found.n_events} of {found.n} with the event, {found.n_unknown} censored before, "
        f"{found.n_followed} still followed"
    )
    print(f"  observed {share.estimate:.3f}{limits}, expected {found.expected:.3f}")
    _print_measures(found.measures)
    if found.auc_expected is not None:
        print(f"  AUC expected of these patients, were the risks right: {found.auc_expected:.3f}")
    smoother = f"  ICI, E50, E90 and Emax by {found.smoother}."
    print(textwrap.fill(smoother, 100, subsequent_indent="  "))
    _print_decision(found.decision, thresholds)


def _print_counts(counts: Counts) -> None:
    print(f"{counts.n} of {counts.rows} rows measured, {counts.n_events} with the event")
    for what, count in (
        ("without a known outcome", counts.outcome_missing),
        ("without a risk", counts.not_scored),
    ):
        if count:
            print(f"  {count} {what}")
    for title, each in (
        ("no risk", counts.reasons),
        ("averaged over", counts.averaged),
        ("outside the model's range", counts.extrapolated),
    ):
        if each:
            text = ", ".join(f"{name} {count}" for name, count in each.items())
            print(textwrap.fill(f"  {title}: {text}", 100, subsequent_indent="    "))


def _print_decision(decision: DecisionCurve | None, thresholds: Sequence[float]) -> None:
    if decision is None or not thresholds:
        return
    print("Net benefit (acting by the model, on all, on none):")
    frame = decision.frame
    for cut in frame["threshold"].unique(maintain_order=True):
        if cut not in thresholds:
            continue
        by_model = dict(frame.filter(threshold=cut).select("model", "net_benefit").iter_rows())
        values = (by_model[name] for name in ("model", "all", "none"))
        shown = ", ".join("not known" if each is None else f"{each:.4f}" for each in values)
        print(f"  at {cut:g}: {shown}")
