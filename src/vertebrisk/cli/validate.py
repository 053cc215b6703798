"""`vertebrisk validate`: how well a model does on patients that it was not made from."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_cohort,
    add_page,
    add_threads,
    check_page,
    loaded_model,
    print_json,
    print_notes,
    print_page,
    progress_bar,
    propose_mapping,
)
from vertebrisk.cli._printing import printing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vertebrisk.models.external.results import ExternalValidation
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.report.printing import Printing


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "validate",
        help="external validation: a model on new patients",
        allow_abbrev=False,
        description="Discrimination, calibration and net benefit of a model on patients that it "
        "was not made from. Nothing is fitted anew. Rows without outcome or risk are counted.",
        epilog="Example: vertebrisk validate results/model.json new_patients.csv "
        '--outcome "vas_1m >= 4" --thresholds 0.1,0.2. With --against OTHER the two are compared.',
    )
    add_cohort(parser)
    parser.add_argument(
        "--against",
        action="append",
        default=[],
        metavar="MODEL",
        help="another model, compared with MODEL on the same patients, as often as wished; "
        "MODEL=MAPPING.toml where it has a mapping of its own",
    )
    parser.add_argument(
        "--time",
        default="",
        metavar="EXPR",
        help="for a model of time to event: column or derivation of the follow-up, in its unit",
    )
    parser.add_argument(
        "--competing",
        default="",
        metavar="EXPR",
        help="rule, true where follow-up ended with what makes the event impossible",
    )
    parser.add_argument(
        "--horizons",
        default="",
        metavar="LIST",
        help="times by which risks are looked at: 12,24 (default: the model's)",
    )
    parser.add_argument(
        "--development",
        type=Path,
        metavar="FILE",
        help="patients that the model was made from, to tell how these differ",
    )
    parser.add_argument(
        "--missing",
        choices=("refuse", "leave", "average"),
        help="what is done about missing inputs (default: averaged over by a model that can, else "
        "their rows are left out)",
    )
    parser.add_argument(
        "--prevalence",
        type=float,
        metavar="SHARE",
        help="of a model of sampled controls: share with the event where these patients are from",
    )
    parser.add_argument(
        "--thresholds", default="", metavar="LIST", help="risks at which one would act: 0.1,0.2"
    )
    parser.add_argument(
        "--resamples", type=int, default=1000, metavar="N", help="bootstrap resamples (1000)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of the resamples")
    parser.add_argument(
        "--threshold-range",
        default="0.02,0.5",
        metavar="LOW,HIGH",
        help="of the decision curve of the report (0.02,0.5)",
    )
    add_threads(parser)
    add_page(parser, "validation")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    thresholds = _numbers(arguments.thresholds, "--thresholds", "risks, such as 0.1,0.2")
    horizons = _numbers(arguments.horizons, "--horizons", "times, such as 12,24")
    cuts = thresholds if arguments.out is None else _curve(arguments.threshold_range, thresholds)
    printing = printing_of(arguments)
    check_page(arguments.out)
    if arguments.against:
        from vertebrisk.cli._compared import run_comparison

        return run_comparison(arguments, thresholds, cuts, horizons, printing)
    from vertebrisk.cli._validated import print_validation
    from vertebrisk.findings import gathered
    from vertebrisk.models.external.validating import validate_file

    model, notes = loaded_model(arguments)
    if arguments.propose_mapping is not None:
        return propose_mapping(model, arguments.cohort, arguments.propose_mapping)
    with progress_bar(arguments.json) as progress:
        progress("validating", 0, 0)
        found = validate_file(
            model,
            arguments.cohort,
            outcome=arguments.outcome,
            time=arguments.time,
            competing=arguments.competing,
            horizons=horizons or None,
            thresholds=cuts,
            resamples=arguments.resamples,
            seed=arguments.seed,
            development=arguments.development,
            mapping=arguments.mapping,
            missing=arguments.missing,
            prevalence=arguments.prevalence,
            progress=progress,
        )
        found = replace(found, findings=gathered(found.findings, printing.language))
        if arguments.out is not None:
            _write(found, model, thresholds, replace(printing, watch=progress), arguments)
    if arguments.json:
        print_json(found.to_dict())
    else:
        print_validation(model, found, thresholds, arguments.lang)
        print_page(arguments.out, arguments.lang)
    print_notes(notes)
    return 0


def _write(
    found: ExternalValidation,
    model: RiskModel,
    thresholds: Sequence[float],
    printing: Printing,
    arguments: argparse.Namespace,
) -> None:
    """Page, document, figures and manifest."""
    from vertebrisk.report.external.files import external_files
    from vertebrisk.report.external.folder import write_folder
    from vertebrisk.report.external.source import Source

    source = Source.of(arguments.cohort, arguments.resamples, arguments.seed, thresholds)
    files = external_files(found, model, source, printing)
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


def _numbers(text: str, option: str, such: str) -> list[float]:
    from vertebrisk.errors import ArgumentError

    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise ArgumentError(f"{option} '{text}' is not a list of {such}.") from None
