"""`vertebrisk validate --against`: several models on the same patients."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import print_findings, print_json

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.study.drawing import FigureFormat


def run_comparison(
    arguments: argparse.Namespace,
    thresholds: Sequence[float],
    curve: Sequence[float],
    horizons: Sequence[float],
    formats: Sequence[FigureFormat],
) -> int:
    """Compare MODEL with those of ``--against``; print, and write the folder where asked."""
    horizon = _horizon(arguments, horizons)
    models, notes = _models([arguments.model, *arguments.against])
    from vertebrisk.models.comparing.comparing import compare_file
    from vertebrisk.report.compared.files import compared_files
    from vertebrisk.report.compared.text import render_compared
    from vertebrisk.report.external.folder import write_folder
    from vertebrisk.report.external.source import Source
    from vertebrisk.report.words import Words

    found = compare_file(
        models,
        arguments.cohort,
        outcome=arguments.outcome,
        time=arguments.time,
        competing=arguments.competing,
        thresholds=thresholds,
        curve=curve,
        horizon=horizon,
        resamples=arguments.resamples,
        seed=arguments.seed,
    )
    source = Source.of(arguments.cohort, arguments.resamples, arguments.seed, thresholds)
    if arguments.out is not None:
        files = compared_files(found, models, source, arguments.lang, formats)
        write_folder(arguments.out, files, source)
    if arguments.json:
        print_json(found.to_dict())
    else:
        print(render_compared(found, models, source, Words(arguments.lang)))
        print()
        print_findings(found.findings, cells=True)
        if arguments.out is not None:
            print(f"Report: {(arguments.out / 'report.html').resolve()}")
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    return 0


def _horizon(arguments: argparse.Namespace, horizons: Sequence[float]) -> float | None:
    """The one time by which models of time to event are compared."""
    from vertebrisk.errors import ArgumentError

    if arguments.development:
        raise ArgumentError("--development goes with one model; leave it out with --against.")
    if len(horizons) > 1:
        raise ArgumentError("--against compares models by one time; give one of --horizons.")
    return horizons[0] if horizons else None


def _models(given: Sequence[str]) -> tuple[dict[str, RiskModel], list[str]]:
    """The models by name: the library's id, the study that a file names, or the file's name."""
    from vertebrisk.evidence.export import find_model

    named: dict[str, RiskModel] = {}
    told = []
    for each in given:
        model, notes = find_model(each)
        study = model.provenance.study
        base = study or (Path(each).stem if Path(each).exists() else each)
        alike = sum(name.split("~")[0] == base for name in named)
        name = base if not alike else f"{base}~{alike + 1}"
        named[name] = model
        told += [f"{name}: {note}" for note in notes]
    return named, told
