"""`vertebrisk validate --against`: several models on the same patients."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    print_findings,
    print_json,
    print_notes,
    print_page,
    progress_bar,
)

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.report.printing import Printing


def run_comparison(
    arguments: argparse.Namespace,
    thresholds: Sequence[float],
    curve: Sequence[float],
    horizons: Sequence[float],
    printing: Printing,
) -> int:
    """Compare MODEL with those of ``--against``; print, and write the folder where asked."""
    horizon = _horizon(arguments, horizons)
    models, mappings, notes = _models(arguments)
    from vertebrisk.findings import gathered
    from vertebrisk.models.comparing.comparing import compare_file
    from vertebrisk.report.compared.files import compared_files
    from vertebrisk.report.compared.text import render_compared
    from vertebrisk.report.external.folder import write_folder
    from vertebrisk.report.external.source import Source

    with progress_bar(arguments.json) as progress:
        progress("comparing", 0, 0)
        found = compare_file(
            models,
            arguments.cohort,
            outcome=arguments.outcome,
            time=arguments.time,
            competing=arguments.competing,
            thresholds=thresholds,
            curve=curve,
            horizon=horizon,
            mappings=mappings,
            resamples=arguments.resamples,
            seed=arguments.seed,
            progress=progress,
        )
        found = replace(found, findings=gathered(found.findings, printing.language))
        source = Source.of(arguments.cohort, arguments.resamples, arguments.seed, thresholds)
        if arguments.out is not None:
            files = compared_files(found, models, source, replace(printing, watch=progress))
            write_folder(arguments.out, files, source)
    if arguments.json:
        print_json(found.to_dict())
    else:
        print(render_compared(found, models, source, printing.words))
        print()
        print_findings(found.findings, arguments.lang)
        print_page(arguments.out, arguments.lang)
    print_notes(notes)
    return 0


def _horizon(arguments: argparse.Namespace, horizons: Sequence[float]) -> float | None:
    """The one time by which models of time to event are compared."""
    from vertebrisk.errors import ArgumentError

    for name in ("development", "missing", "prevalence", "propose_mapping"):
        if getattr(arguments, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ArgumentError(f"{option} goes with one model; leave it out with --against.")
    if len(horizons) > 1:
        raise ArgumentError("--against compares models by one time; give one of --horizons.")
    return horizons[0] if horizons else None


def _models(
    arguments: argparse.Namespace,
) -> tuple[dict[str, RiskModel], dict[str, Path], list[str]]:
    """The models by name, their mappings, and what must be told of them.

    A name is the library's id, the study that a file names, or the file's name; a mapping stands
    behind its model, ``MODEL=MAPPING.toml``, or is that of ``--mapping`` for the first.
    """
    from vertebrisk.evidence.export import find_model

    named: dict[str, RiskModel] = {}
    mappings: dict[str, Path] = {}
    told = []
    given = [(arguments.model, arguments.mapping), *map(_with_mapping, arguments.against)]
    for text, mapping in given:
        model, notes = find_model(text)
        base = model.provenance.study or (Path(text).stem if Path(text).exists() else text)
        alike = sum(name.split("~")[0] == base for name in named)
        name = base if not alike else f"{base}~{alike + 1}"
        named[name] = model
        if mapping is not None:
            mappings[name] = mapping
        told += [f"{name}: {note}" for note in notes]
    return named, mappings, told


def _with_mapping(text: str) -> tuple[str, Path | None]:
    """A model and its mapping, where one stands behind it."""
    model, _, mapping = text.rpartition("=")
    if model and mapping.lower().endswith(".toml"):
        return model, Path(mapping)
    return text, None
