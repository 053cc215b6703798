"""`vertebrisk library`: published studies listed, shown, appraised, and exported as models."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import add_json, print_json
from vertebrisk.cli._printing import add_language

if TYPE_CHECKING:
    from vertebrisk._types import Language


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "library",
        help="published studies: list, show, appraise, export as a model",
        allow_abbrev=False,
        description="The published studies that come with vertebrisk, every number as printed.",
        epilog="Example: vertebrisk library show li2021",
    )
    add_json(parser)
    parser.set_defaults(run=_list)
    actions = parser.add_subparsers(
        dest="action", metavar="[list | show ID | appraise [ID ...] | export ID]"
    )
    _add_list(actions)
    _add_show(actions)
    _add_appraise(actions)
    _add_export(actions)


def _add_list(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "list",
        help="one line a study (this is the default)",
        allow_abbrev=False,
        epilog="Example: vertebrisk library list",
    )
    _add_json(parser)
    parser.set_defaults(run=_list)


def _add_show(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "show",
        help="one study, whole",
        allow_abbrev=False,
        epilog="Example: vertebrisk library show li2021",
    )
    parser.add_argument("study", metavar="ID", help="library id, or a TOML file of your own")
    _add_json(parser)
    parser.set_defaults(run=_show)


def _add_appraise(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "appraise",
        help="risk of bias of the studies, by PROBAST",
        allow_abbrev=False,
        description="Answer PROBAST's 20 questions from what the file of a study says, with the "
        "reason for each answer and 'no information' where it is silent. Without an ID, every "
        "study of the library, one line each.",
        epilog="Example: vertebrisk library appraise li2021 --out appraisal.html",
    )
    parser.add_argument("studies", metavar="ID", nargs="*", help="library ids, or TOML files")
    parser.add_argument("--out", type=Path, metavar="FILE", help="page to write, FILE.html")
    add_language(parser)
    _add_json(parser)
    parser.set_defaults(run=_appraise)


def _add_export(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = actions.add_parser(
        "export",
        help="the study's model as model.json, where the paper gives enough",
        allow_abbrev=False,
        description="Write the model of a paper as model.json. Where no intercept of a population "
        "is printed, --prevalence solves for it over the patients that you state.",
        epilog="Example: vertebrisk library export anonymous2020 --prevalence 0.054 "
        "--distribution paper --out model.json",
    )
    parser.add_argument("study", metavar="ID", help="library id, or a TOML file of your own")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", default=Path("model.json"), help="model.json to write"
    )
    parser.add_argument("--model", default="final", metavar="NAME", help="which printed model")
    parser.add_argument(
        "--reading",
        choices=("consistent", "printed"),
        help="rows that contradict themselves: as the recorded reading says, or as printed",
    )
    parser.add_argument(
        "--prevalence", type=float, metavar="P", help="share with the event, 0 to 1"
    )
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--cohort", type=Path, metavar="FILE", help="patients of the population")
    whom.add_argument(
        "--distribution",
        metavar="FILE",
        help="TOML file of the predictors' distributions, or 'paper' for the printed ones",
    )
    _add_json(parser)
    parser.set_defaults(run=_export)


def _add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``, which may also stand before the action."""
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="print the result as JSON"
    )


def _list(arguments: argparse.Namespace) -> int:
    from vertebrisk.evidence.contents import contents
    from vertebrisk.evidence.library import library
    from vertebrisk.report.render_study import render_library

    studies = library()
    if not arguments.json:
        print(render_library(studies))
        return 0
    print_json(
        {
            "studies": [
                {
                    "id": study.id,
                    "title": study.citation.title,
                    "authors": study.citation.authors,
                    "year": study.citation.year,
                    "source": study.citation.source,
                    "outcome": study.outcome.name,
                    "design": study.design.kind,
                    "model": study.design.model,
                    "n": study.n,
                    "n_events": study.n_events,
                    "prints": list(contents(study)),
                }
                for study in studies
            ]
        }
    )
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from vertebrisk.evidence.library import find_study
    from vertebrisk.report.render_study import render_study

    study = find_study(arguments.study)
    if arguments.json:
        print_json(study.to_dict())
    else:
        print(render_study(study))
    return 0


def _appraise(arguments: argparse.Namespace) -> int:
    from vertebrisk.errors import ArgumentError

    out: Path | None = arguments.out
    language: Language = arguments.lang
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise ArgumentError(f"--out '{out}' must end with .html; that is what is written.")
    from vertebrisk.evidence.appraisal.appraising import appraise_library

    appraisals = appraise_library(*arguments.studies)
    if out is not None:
        from vertebrisk import _files
        from vertebrisk.report.appraisal.page import appraisal_page

        _files.write_text(out, appraisal_page(appraisals, language))
    if arguments.json:
        file = {} if out is None else {"file": str(out)}
        print_json({"appraisals": [each.said(language).to_dict() for each in appraisals]} | file)
        return 0
    from vertebrisk.report.appraisal.text import render_appraisal, render_appraisals

    parts = [render_appraisal(each, language) for each in appraisals] if arguments.studies else []
    if len(appraisals) != 1:
        parts.append(render_appraisals(appraisals, language))
    print("\n\n\n".join(parts))
    if out is not None:
        print(f"\nWrote {out}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from vertebrisk.errors import ArgumentError

    out: Path = arguments.out
    if out.suffix.lower() != ".json":
        raise ArgumentError(f"--out '{out}' must end with .json; that is what is written.")
    from vertebrisk.evidence.export import published_model
    from vertebrisk.evidence.library import find_study

    study = find_study(arguments.study)
    patients = None
    if arguments.cohort is not None:
        from vertebrisk.cohort.reading import read_file

        patients = read_file(arguments.cohort).frame
    text = arguments.distribution
    made = published_model(
        study,
        model=arguments.model,
        reading=arguments.reading,
        prevalence=arguments.prevalence,
        patients=patients,
        distribution="paper" if text == "paper" else Path(text) if text is not None else None,
    )
    made.model.save(out)
    if arguments.json:
        print_json({"file": str(out), "model": made.model.to_dict(), "notes": list(made.notes)})
        return 0
    print(f"Wrote {out}: {made.model.equation()}")
    for note in made.notes:
        print(f"note: {note}")
    return 0
