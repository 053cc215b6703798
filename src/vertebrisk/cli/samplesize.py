"""`vertebrisk samplesize`: how many patients a model needs, to be developed or validated."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vertebrisk.cli._options import add_json, print_json

if TYPE_CHECKING:
    from vertebrisk.validation.sample_size.results import SampleSize

# What each kind of outcome must be told, and may be, by purpose: names of options.
_NEEDED = {
    ("develop", "binary"): ("parameters", "prevalence"),
    ("develop", "survival"): ("parameters", "rate", "horizon", "mean_followup"),
    ("develop", "continuous"): ("parameters", "r2", "mean", "sd"),
    ("validate", "binary"): ("prevalence", "c_index"),
    ("validate", "survival"): ("risk", "c_index"),
}
_ALLOWED = {
    ("develop", "binary"): ("r2_cs", "r2_nagelkerke", "c_index", "shrinkage"),
    ("develop", "survival"): ("r2_cs", "r2_nagelkerke", "shrinkage"),
    ("develop", "continuous"): ("shrinkage",),
    ("validate", "binary"): (
        "linear_predictor",
        "threshold",
        "sensitivity",
        "specificity",
        "widths",
    ),
    ("validate", "survival"): ("lost", "widths"),
}
_COMMON = {"command", "purpose", "outcome", "json", "run", "available"}
_TITLES = {
    "shrinkage": "coefficients need shrinking by no more than",
    "optimism": "apparent R2 too high by at most",
    "overall-risk": "overall risk known within plus or minus",
    "residual-sd": "residual SD known within a factor of",
    "mean": "mean outcome known within a factor of",
    "observed-expected": "width of the interval of observed/expected",
    "slope": "width of the interval of the calibration slope",
    "c-index": "width of the interval of the C-index",
    "net-benefit": "width of the interval of the standardised net benefit",
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "samplesize",
        help="patients needed to develop or to validate a model",
        allow_abbrev=False,
        description="The fewest patients with whom a model can be developed without overfitting, "
        "or validated with narrow intervals, by the criteria of Riley and others.",
        epilog="Example: vertebrisk samplesize develop --parameters 12 --prevalence 0.14",
    )
    purposes = parser.add_subparsers(dest="purpose", required=True, metavar="develop | validate")
    _add_develop(purposes)
    _add_validate(purposes)


def _add_develop(purposes: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = purposes.add_parser(
        "develop",
        help="patients to develop a model with so many candidates",
        allow_abbrev=False,
        epilog="Example: vertebrisk samplesize develop --parameters 12 --prevalence 0.14 "
        "--c-index 0.78 --available 268",
    )
    parser.add_argument("--outcome", choices=("binary", "survival", "continuous"), default="binary")
    parser.add_argument(
        "--parameters",
        type=int,
        metavar="N",
        help="candidate parameters: every level but the reference and every spline column counts",
    )
    _numbers(
        parser,
        {
            "prevalence": "binary: share of patients with the event",
            "rate": "survival: events per patient and unit of time",
            "horizon": "survival: time of the predictions, in that unit",
            "mean-followup": "survival: mean follow-up, in that unit",
            "r2-cs": "expected R2 of Cox and Snell (15 %% of its largest value)",
            "r2-nagelkerke": "expected R2 of Nagelkerke, in its place",
            "c-index": "binary: expected C-index, in its place",
            "r2": "continuous: expected adjusted R2",
            "mean": "continuous: mean outcome",
            "sd": "continuous: SD of the outcome",
            "shrinkage": "least shrinkage factor (0.9)",
        },
    )
    _finish(parser)


def _add_validate(purposes: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = purposes.add_parser(
        "validate",
        help="patients to validate a model on",
        allow_abbrev=False,
        epilog="Example: vertebrisk samplesize validate --prevalence 0.14 --c-index 0.78 "
        "--threshold 0.2",
    )
    parser.add_argument("--outcome", choices=("binary", "survival"), default="binary")
    _numbers(
        parser,
        {
            "prevalence": "binary: share of patients with the event",
            "risk": "survival: average risk of the event by the horizon",
            "c-index": "expected C-index",
            "lost": "survival: share lost to follow-up before the horizon (0)",
            "threshold": "binary: threshold of risk for the net benefit",
            "sensitivity": "binary: expected at the threshold",
            "specificity": "binary: expected at the threshold",
        },
    )
    parser.add_argument(
        "--linear-predictor",
        nargs=2,
        type=float,
        metavar=("MEAN", "SD"),
        help="binary: mean and SD of the model's linear predictor there",
    )
    parser.add_argument(
        "--width",
        dest="widths",
        action="append",
        metavar="NAME=WIDTH",
        help="width of a 95 %% interval: observed-expected, slope, net-benefit (0.2), "
        "c-index (0.1); may be given for each",
    )
    _finish(parser)


def _numbers(parser: argparse.ArgumentParser, options: dict[str, str]) -> None:
    for name, text in options.items():
        parser.add_argument(f"--{name}", type=float, metavar="X", help=text)


def _finish(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--available", type=int, metavar="N", help="patients at hand")
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.validation.sample_size import developing, validating

    functions: dict[tuple[str, str], Callable[..., SampleSize]] = {
        ("develop", "binary"): developing.sample_size_binary,
        ("develop", "survival"): developing.sample_size_survival,
        ("develop", "continuous"): developing.sample_size_continuous,
        ("validate", "binary"): validating.sample_size_validation_binary,
        ("validate", "survival"): validating.sample_size_validation_survival,
    }
    what = (arguments.purpose, arguments.outcome)
    given = _given(arguments, what)
    if "widths" in given:
        given["widths"] = _widths(given["widths"])
    if "linear_predictor" in given:
        given["linear_predictor"] = tuple(given["linear_predictor"])
    size = functions[what](**given, available=arguments.available)
    if arguments.json:
        print_json(size.to_dict())
    else:
        _print_size(size)
    return 0 if size.enough is not False else 1


def _given(arguments: argparse.Namespace, what: tuple[str, str]) -> dict[str, Any]:
    """Options that were stated, all of them of this outcome, and those it needs among them."""
    from vertebrisk.errors import ArgumentError

    stated = {
        name: value
        for name, value in vars(arguments).items()
        if value is not None and name not in _COMMON
    }
    for name in stated:
        if name not in _NEEDED[what] + _ALLOWED[what]:
            raise ArgumentError(
                f"{_option(name)} is not for --outcome {what[1]}; that takes "
                f"{', '.join(map(_option, _NEEDED[what] + _ALLOWED[what]))}."
            )
    for name in _NEEDED[what]:
        if name not in stated:
            raise ArgumentError(
                f"{_option(name)} is missing; --outcome {what[1]} needs "
                f"{', '.join(map(_option, _NEEDED[what]))}."
            )
    return stated


def _option(name: str) -> str:
    return "--width" if name == "widths" else f"--{name.replace('_', '-')}"


def _widths(written: list[str]) -> dict[str, float]:
    from vertebrisk.errors import ArgumentError

    widths = {}
    for text in written:
        name, _, number = text.partition("=")
        try:
            widths[name.strip()] = float(number)
        except ValueError:
            raise ArgumentError(f"--width '{text}' is not NAME=WIDTH, such as slope=0.3.") from None
    return widths


def _print_size(size: SampleSize) -> None:
    purpose = "develop" if size.purpose == "development" else "validate"
    events = "" if size.events is None else f", {size.events:.0f} of them with the event"
    print(f"To {purpose} the model: {size.n} patients{events}")
    if size.events_per_parameter is not None:
        what = "patients" if size.events is None else "events"
        print(f"  {size.events_per_parameter:.1f} {what} per candidate parameter")
    for each in size.criteria:
        verdict = "" if each.met is None else f"; at hand {each.attained:.3g}"
        mark = {None: "-", True: "+", False: "!"}[each.met]
        print(f"{mark} {each.n:>7}  {_TITLES[each.name]} {each.target:g}{verdict}")
    taken = ", ".join(f"{name} {value:.4g}" for name, value in size.assumptions.items())
    print(textwrap.fill(f"Taken: {taken}", 100, subsequent_indent="  "))
    if size.available is not None:
        enough = "enough" if size.enough else "not enough"
        print(f"{size.available} patients at hand are {enough}.")
