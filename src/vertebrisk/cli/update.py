"""`vertebrisk update`: a model made to suit the patients of another place or time."""

from __future__ import annotations

import argparse
import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vertebrisk.cli._options import (
    add_cohort,
    add_json,
    add_threads,
    loaded_model,
    print_findings,
    print_json,
    print_notes,
    progress_bar,
    propose_mapping,
)

if TYPE_CHECKING:
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.models.updating.asking import AskedMethod
    from vertebrisk.models.updating.files import FileUpdate
    from vertebrisk.models.updating.performance import UpdateValidation
    from vertebrisk.models.updating.updating import UpdatedModel

_METHODS: tuple[AskedMethod, ...] = (
    "closed-test",
    "none",
    "in-the-large",
    "baseline",
    "recalibration",
    "extension",
    "revision",
    "revised-extension",
)
_TITLES = {
    "c_index": "C-index",
    "brier": "Brier score",
    "in_the_large": "calibration in the large",
    "slope": "calibration slope",
    "observed_expected": "observed/expected",
}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "update",
        help="a model updated to new patients",
        allow_abbrev=False,
        description="Recalibrate, revise or extend a model in new patients, as little as a closed "
        "test allows, and write the updated model with its lineage. A model of time to event has "
        "its baseline estimated anew.",
        epilog="Example: vertebrisk update results/model.json new_patients.csv "
        '--outcome "vas_1m >= 4" --extend t_score --out updated.json',
    )
    add_cohort(parser)
    parser.add_argument(
        "--time",
        default="",
        metavar="COLUMN",
        help="for a model of time to event: the follow-up, in its unit",
    )
    parser.add_argument(
        "--method",
        choices=_METHODS,
        default="closed-test",
        help="what to do, in place of the closed test's choice",
    )
    parser.add_argument(
        "--extend",
        action="append",
        default=[],
        metavar="TERM",
        help='new predictor, as a formula has it: t_score, "rcs(ct_value, 4)"; may be repeated',
    )
    parser.add_argument(
        "--codebook",
        type=Path,
        metavar="FILE",
        help="codebook.toml with labels, units, codes and levels of new predictors",
    )
    parser.add_argument(
        "--shrink",
        action="store_true",
        help="draw a revision or extension towards the recalibrated model; no limits then",
    )
    parser.add_argument(
        "--alpha", type=float, default=0.05, metavar="P", help="level of the tests (0.05)"
    )
    parser.add_argument(
        "--resamples",
        type=int,
        default=200,
        metavar="N",
        help="resamples in which the update is repeated, for its optimism (200); 0 for none",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="seed of the resamples")
    parser.add_argument(
        "--when", metavar="DATE", help="date of the update for the lineage (default: today)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="updated model to write, .json")
    add_threads(parser)
    add_json(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from vertebrisk.models.updating.files import update_file

    if arguments.propose_mapping is None:
        _check_out(arguments)
    model, notes = loaded_model(arguments)
    if arguments.propose_mapping is not None:
        return propose_mapping(model, arguments.cohort, arguments.propose_mapping)
    outcome = _outcome(arguments)
    with progress_bar(arguments.json) as progress:
        progress("updating", 0, 0)
        found = update_file(
            model,
            arguments.cohort,
            outcome=outcome,
            mapping=arguments.mapping,
            method=arguments.method,
            extension=arguments.extend,
            shrink=arguments.shrink,
            alpha=arguments.alpha,
            codebook=arguments.codebook,
            resamples=arguments.resamples,
            seed=arguments.seed,
            progress=progress,
            when=date.today().isoformat() if arguments.when is None else arguments.when,
        )
    found.update.model.save(arguments.out)
    if arguments.json:
        print_json({**found.to_dict(), "file": str(arguments.out)})
    else:
        _print_update(model, found)
        kept = ", the model as it was" if found.update.method == "none" else ""
        print(f"Wrote {arguments.out}{kept}")
    print_notes(notes)
    return 0


def _outcome(arguments: argparse.Namespace) -> str:
    """The rule, with its time where there is one."""
    from vertebrisk.errors import ArgumentError

    if not arguments.outcome.strip():
        raise ArgumentError("--outcome is needed: a column or a rule, such as 'vas_1m >= 4'.")
    if not arguments.time:
        return str(arguments.outcome)
    return f"Surv({arguments.time}, {arguments.outcome})"


def _check_out(arguments: argparse.Namespace) -> None:
    """The output is a JSON file, and none of the files that are read."""
    from vertebrisk.errors import ArgumentError

    out, given = arguments.out, [Path(arguments.model), arguments.cohort]
    if out is None:
        raise ArgumentError("--out is needed: the file for the updated model, such as new.json.")
    if out.suffix.lower() != ".json":
        raise ArgumentError(f"--out '{out}' must end with .json; a model document is written.")
    for each in (*given, *([arguments.codebook] if arguments.codebook else [])):
        if out.resolve() == each.resolve():
            raise ArgumentError(f"--out '{out}' would overwrite an input; name another file.")
    if arguments.resamples < 0:
        raise ArgumentError(f"--resamples {arguments.resamples} is below 0; 0 is none.")


def _print_update(model: RiskModel, found: FileUpdate) -> None:
    from vertebrisk.report.render_text import text_width

    outcome, update = model.outcome, found.update
    meant = ", ".join(part for part in (outcome.name, outcome.time_point) if part)
    print(f"Outcome: {found.outcome}" + (f" (the model's: {meant})" if meant else ""))
    print(f"{update.n} of {found.rows} rows used, {update.n_events} with the event")
    for reason, count in update.n_dropped.items():
        print(f"  {count} left out: {reason}")
    _print_tests(update)
    if update.slope is not None:
        added = ", and what extends it" if update.method == "extension" else ""
        start = "" if model.kind != "logistic" else f"{update.intercept:.4f} + "
        print(f"New linear predictor: {start}{update.slope:.4f} x the old one{added}")
    if update.shrinkage is not None:
        print(f"Shrinkage: {update.shrinkage:.3f} of the way from the recalibrated model")
    for term, level, before, after in update.coefficients.iter_rows():
        name = f"{term} = {level}" if level else term
        blank = " " * (40 - text_width(name))
        print(f"  {name}{blank} {'new' if before is None else f'{before:.4f}':>9} -> {after:.4f}")
    if found.validation is not None:
        _print_performance(found.validation, kept=update.method == "none")
    print_findings(found.findings)


def _print_tests(update: UpdatedModel) -> None:
    from vertebrisk.text.numbers import PLAIN

    most = update.table["method"][-1]
    print(f"Tests by likelihood ratio, each against the {most}, the largest model:")
    for row in update.table.iter_rows(named=True):
        if row["note"]:
            said = f"cannot be estimated: {row['note']}"
        elif row["method"] == most:
            said = ""
        elif row["p_left"] is None:
            said = "as many parameters as the largest"
        else:
            p = PLAIN.p_statement(row["p_left"])
            said = f"LR {row['lr_left']:.2f} on {row['df_left']} df, {p}"
        taken = "  <- taken" if row["chosen"] else ""
        print(f"  {row['method']:<18} {row['df']:>3} parameters  {said}{taken}")
    print(textwrap.fill(f"Taken: {update.method}, {_why(update)}.", 100))


def _why(update: UpdatedModel) -> str:
    if update.choice == "named":
        return "as it was asked for"
    most = update.table["method"][-1]
    if update.method == most:
        return f"since every smaller change is rejected at {update.alpha:g}"
    return f"the least change that is not rejected at {update.alpha:g} in favour of the {most}"


def _print_performance(checked: UpdateValidation, *, kept: bool) -> None:
    from vertebrisk.text.numbers import PLAIN

    print("Performance in these patients:")
    print(f"  {'':<25} {'original':>9} {'updated, apparent':>18} {'corrected':>10}")
    for row in checked.table.iter_rows(named=True):
        values = (row[name] for name in ("original", "apparent", "corrected"))
        shown = ["none" if each is None else PLAIN.estimate(each, 3) for each in values]
        print(f"  {_TITLES[row['measure']]:<25} {shown[0]:>9} {shown[1]:>18} {shown[2]:>10}")
    taken = ", ".join(f"{name} {count}" for name, count in checked.methods.items())
    fitted = "That the model stays as it is was chosen by" if kept else "The model was fitted to"
    text = (
        f"{fitted} these patients: the apparent numbers of the update flatter. Corrected is less "
        f"the optimism of {checked.resamples} resamples in which the whole update was repeated "
        f"(taken: {taken or 'nothing'}). Neither is a validation: validate the updated model in "
        "patients of its own."
    )
    print(textwrap.fill(text, 100))
    for reason, count in checked.failed.items():
        print(f"  {count} resamples without an update: {reason}")
