"""`vertebrisk pool`: what published studies say together."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_json,
    print_json,
    progress_bar,
)
from vertebrisk.cli._printing import add_printing, printing_of

if TYPE_CHECKING:
    from vertebrisk.evidence.pooling.papers import PooledPapers
    from vertebrisk.report.printing import Printing

MEASURES = ("incidence", "odds-ratio", "c-statistic", "oe", "slope")
METHODS = ("REML", "DL", "PM", "ML", "HE", "SJ", "FE")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "pool",
        help="what published studies say together",
        allow_abbrev=False,
        description="Pool what papers print: the incidence of an outcome, the odds ratio of a "
        "factor under whatever names the papers give it, or the performance of models. Studies "
        "that give no number are listed with the reason.",
        epilog="Example: vertebrisk pool li2021 anonymous2020 --measure odds-ratio "
        "--factor fascia_injury --out pooled",
    )
    parser.add_argument(
        "papers",
        nargs="*",
        metavar="PAPER",
        help="library id, a study's TOML file, or 'library' for all of the library",
    )
    _add_what(parser)
    _add_how(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for pool.html, pool.json and figures"
    )
    add_printing(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _add_what(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("what is pooled")
    what.add_argument(
        "--measure", choices=MEASURES, default="incidence", help="what is pooled (incidence)"
    )
    what.add_argument(
        "--factor", metavar="NAME", help="of an odds ratio: a factor, or a variable's name"
    )
    what.add_argument(
        "--factors", type=Path, metavar="FILE", help="TOML mapping of factors of your own"
    )
    what.add_argument(
        "--outcome", metavar="NAMES", default="", help="which outcomes, joined by commas"
    )
    what.add_argument(
        "--source", choices=("adjusted", "crude"), help="of an odds ratio: only this kind"
    )
    what.add_argument(
        "--performance",
        choices=("apparent", "corrected", "external"),
        help="of a C-statistic, O/E ratio or slope: on whom it was measured",
    )
    what.add_argument(
        "--table", type=Path, metavar="FILE", help="CSV of estimates of other studies, one a row"
    )


def _add_how(parser: argparse.ArgumentParser) -> None:
    how = parser.add_argument_group("how")
    how.add_argument(
        "--method", choices=METHODS, default="REML", help="variance between studies (REML)"
    )
    how.add_argument(
        "--model",
        choices=("normal", "binomial-normal"),
        default="normal",
        help="binomial-normal: an incidence of rare events",
    )
    how.add_argument(
        "--no-hartung-knapp", action="store_true", help="normal test and interval in place of t"
    )
    how.add_argument(
        "--prediction-df",
        choices=("k-1", "k-2", "normal"),
        help="of the prediction interval; that of the test by default",
    )
    how.add_argument(
        "--subgroup", metavar="NAME", help="pool apart by threshold, time_point, design, ..."
    )
    how.add_argument("--moderator", metavar="NAME", help="regress on a property of the studies")
    how.add_argument(
        "--leave-one-out", action="store_true", help="pool again without each of the studies"
    )


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.evidence.pooling.papers import pool_papers
    from vertebrisk.findings import gathered
    from vertebrisk.report.pooling.text import render_pooling

    printing = printing_of(arguments)
    with progress_bar(arguments.json) as progress:
        progress("pooling", 0, 0)
        result = pool_papers(
            arguments.papers,
            arguments.measure,
            table=arguments.table,
            factor=arguments.factor,
            factors=arguments.factors,
            source=arguments.source,
            performance=arguments.performance,
            outcomes=tuple(name.strip() for name in arguments.outcome.split(",") if name.strip()),
            model=arguments.model,
            method=arguments.method,
            hartung_knapp=not arguments.no_hartung_knapp,
            prediction_df=arguments.prediction_df,
            subgroup=arguments.subgroup,
            moderator=arguments.moderator,
            without_each=arguments.leave_one_out,
        )
        result = replace(result, findings=gathered(result.findings, printing.language))
        written = (
            _written(result, arguments, replace(printing, watch=progress))
            if arguments.out is not None
            else []
        )
    if arguments.json:
        from vertebrisk.report.pooling.files import pooling_document

        print_json(pooling_document(result))
    else:
        print(render_pooling(result, printing.words))
        if written:
            print(f"\nWrote {', '.join(str(path) for path in written)}")
    return 0


def _written(
    result: PooledPapers,
    arguments: argparse.Namespace,
    printing: Printing,
) -> list[Path]:
    """The page, the document and the figures of a result, written."""
    from vertebrisk._files import write_all
    from vertebrisk.report.pooling.files import pooling_files

    files = pooling_files(result, printing)
    write_all(arguments.out, files)
    return [arguments.out / name for name in files]
