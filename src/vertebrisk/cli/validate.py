"""`vertebrisk validate`: how well a model does on patients that it was not made from."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import add_json, figure_formats, print_findings, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vertebrisk.models.external.results import Counts, ExternalValidation
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.study.drawing import FigureFormat
    from vertebrisk.validation.results import DecisionCurve

_TITLES = {
    "c_index": "C-index",
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


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "validate",
        help="external validation: a model on new patients",
        allow_abbrev=False,
        description="Discrimination, calibration and net benefit of a model on patients that it "
        "was not made from. Nothing is fitted anew. Rows without outcome or risk are counted.",
        epilog="Example: vertebrisk validate results/model.json new_patients.csv "
        '--outcome "vas_1m >= 4" --thresholds 0.1,0.2',
    )
    parser.add_argument("model", metavar="MODEL", help="model.json of a run, or a library id")
    parser.add_argument("cohort", type=Path, metavar="COHORT", help="patient file")
    parser.add_argument(
        "--outcome",
        required=True,
        metavar="EXPR",
        help="column that is true or 1 where the event occurred, or a rule",
    )
    parser.add_argument(
        "--thresholds", default="", metavar="LIST", help="risks at which one would act: 0.1,0.2"
    )
    parser.add_argument(
        "--resamples", type=int, default=1000, metavar="N", help="bootstrap resamples (1000)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of the resamples")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for report.html, validation.json, figures"
    )
    parser.add_argument(
        "--threshold-range",
        default="0.02,0.5",
        metavar="LOW,HIGH",
        help="of the decision curve of the report (0.02,0.5)",
    )
    parser.add_argument(
        "--formats", default="svg", metavar="LIST", help="figure formats: svg,pdf,png,tiff"
    )
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the report")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    thresholds = _thresholds(arguments.thresholds)
    cuts = thresholds if arguments.out is None else _curve(arguments.threshold_range, thresholds)
    formats = figure_formats(arguments.formats)
    _check_out(arguments.out)
    from vertebrisk.evidence.export import find_model
    from vertebrisk.models.external.validating import validate_file

    model, notes = find_model(arguments.model)
    found = validate_file(
        model,
        arguments.cohort,
        outcome=arguments.outcome,
        thresholds=cuts,
        resamples=arguments.resamples,
        seed=arguments.seed,
    )
    if arguments.out is not None:
        _write(found, model, thresholds, formats, arguments)
    if arguments.json:
        print_json(found.to_dict())
    else:
        _print_validation(model, found, thresholds)
        if arguments.out is not None:
            print(f"Report: {(arguments.out / 'report.html').resolve()}")
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def _write(
    found: ExternalValidation,
    model: RiskModel,
    thresholds: Sequence[float],
    formats: Sequence[FigureFormat],
    arguments: argparse.Namespace,
) -> None:
    """Page, document, figures and manifest."""
    from vertebrisk.report.external.files import external_files
    from vertebrisk.report.external.folder import write_folder
    from vertebrisk.report.external.source import Source

    source = Source.of(arguments.cohort, arguments.resamples, arguments.seed, thresholds)
    files = external_files(found, model, source, arguments.lang, formats)
    write_folder(arguments.out, files, source)


def _curve(text: str, own: list[float]) -> list[float]:
    """The thresholds of the decision curve, those asked among them."""
    from vertebrisk.errors import ArgumentError
    from vertebrisk.validation.decision import thresholds_between

    ends = [_number(part) for part in text.split(",")]
    if len(ends) != 2 or not 0.0 < ends[0] < ends[1] < 1.0:
        raise ArgumentError(
            f"--threshold-range '{text}' is no range of risks between 0 and 1, such as 0.02,0.5."
        )
    return sorted({*thresholds_between(ends[0], ends[1]).tolist(), *own})


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _thresholds(text: str) -> list[float]:
    from vertebrisk.errors import ArgumentError

    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise ArgumentError(
            f"--thresholds '{text}' is not a list of risks, such as 0.1,0.2."
        ) from None


def _check_out(out: Path | None) -> None:
    from vertebrisk.report.external.folder import check_folder

    if out is not None:
        check_folder(out)


def _print_validation(
    model: RiskModel, found: ExternalValidation, thresholds: Sequence[float]
) -> None:
    outcome = model.outcome
    meant = ", ".join(part for part in (outcome.name, outcome.time_point) if part)
    print(f"Outcome: {found.outcome}" + (f" (the model's: {meant})" if meant else ""))
    _print_counts(found.counts)
    if found.linear_predictor_sd is not None:
        print(
            f"Linear predictor: mean {found.linear_predictor_mean:.3f}, "
            f"SD {found.linear_predictor_sd:.3f}"
        )
    for name, value, low, high, how in found.measures.iter_rows():
        shown = "does not exist" if value is None else f"{value:.3f}"
        limits = "" if low is None else f"  ({low:.3f} to {high:.3f}, {how})"
        print(f"  {_TITLES[name]:<25} {shown:>7}{limits}")
    print(f"ICI, E50, E90 and Emax by {found.smoother}.")
    if found.decision is not None:
        _print_decision(found.decision, thresholds)
    print_findings(found.findings, cells=True)


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


def _print_decision(decision: DecisionCurve, thresholds: Sequence[float]) -> None:
    if thresholds:
        print("Net benefit (acting by the model, on all, on none):")
    frame = decision.frame
    for cut in frame["threshold"].unique(maintain_order=True):
        if cut not in thresholds:
            continue
        by_model = dict(frame.filter(threshold=cut).select("model", "net_benefit").iter_rows())
        shown = ", ".join(f"{by_model[name]:.4f}" for name in ("model", "all", "none"))
        print(f"  at {cut:g}: {shown}")
