"""From a published study to a file of patients that agree with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from vertebrisk._checks import check_seed
from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import DataError
from vertebrisk.evidence.library import find_study
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.evidence.reconstruction.agreement import (
    compare_claims,
    compare_rows,
    compare_statistics,
)
from vertebrisk.evidence.reconstruction.assumed import Assumed, read_assumed
from vertebrisk.evidence.reconstruction.contradictions import contradictions
from vertebrisk.evidence.reconstruction.fitted import FittedTable, compare_model, fit_table
from vertebrisk.evidence.reconstruction.followup import draw_scores, draw_times
from vertebrisk.evidence.reconstruction.joint import (
    Joint,
    arrange_exchanges,
    arrange_patterns,
    model_values,
)
from vertebrisk.evidence.reconstruction.margins import make_margin
from vertebrisk.evidence.reconstruction.moments import reorder_by_rank
from vertebrisk.evidence.reconstruction.notes import Agreement, ReconstructionNotes
from vertebrisk.evidence.reconstruction.sizes import (
    GroupSize,
    Log,
    Margin,
    group_sizes,
    others_unsampled,
)
from vertebrisk.evidence.reconstruction.targets import Table, read_table

DataKind = Literal["reconstructed", "simulated"]


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """Patients made from a published study, and everything that is to be said of them.

    Attributes
    ----------
    frame : polars DataFrame
        One row a patient, in random order; ``data_kind`` says in every row that none is real.
    notes : ReconstructionNotes
        Assumptions, contradictions of the print, and how near each printed number came.
    decimals : dict
        Recorded decimals of the numeric columns.
    """

    frame: pl.DataFrame
    notes: ReconstructionNotes
    decimals: dict[str, int]

    def csv_text(self) -> str:
        """The patients as CSV: UTF-8, Unix line ends, each number with its recorded decimals.

        Texts that a spreadsheet would take for a formula get an apostrophe in front.
        """
        shown = [
            pl.col(name).map_elements(f"{{:.{places}f}}".format, return_dtype=pl.String)
            for name, places in self.decimals.items()
        ]
        texts = [name for name, kind in self.frame.schema.items() if kind == pl.String]
        guarded = [
            pl.when(pl.col(name).str.contains(r"^[=+\-@\t\r]"))
            .then("'" + pl.col(name))
            .otherwise(pl.col(name))
            .alias(name)
            for name in texts
        ]
        return self.frame.with_columns(shown + guarded).write_csv(line_terminator="\n")


def reconstruct(paper: PublishedStudy | str | Path, seed: int = 1) -> pl.DataFrame:
    """Individual patients that agree with everything a paper prints.

    Parameters
    ----------
    paper : PublishedStudy, str or Path
        A study, a library id, or the path of a study's TOML file.
    seed : int
        Seed of everything that is drawn; the same seed gives the same patients.

    Returns
    -------
    polars DataFrame
        One row a patient: ``data_kind`` ("reconstructed" where the whole paper was at hand,
        "simulated" where only an abstract was), ``patient_id``, the variables, the outcome.
        `reconstruction` gives assumptions and agreement beside it.

    Raises
    ------
    DataError
        If the paper is not known, has no groups, contradicts its own sizes, or prints a mean
        outside the limits of its variable.
    PaperError
        If the file cannot be understood.
    ArgumentError
        If the seed is not a whole number of 0 or more.
    """
    return reconstruction(paper, seed).frame


def reconstruction(paper: PublishedStudy | str | Path, seed: int = 1) -> Reconstruction:
    """As `reconstruct`, with assumptions, contradictions and agreement number by number.

    Counts are exact in each group; means and SDs are chosen among whole sums; the joint
    distribution of the model's variables comes from an integer programme over covariate
    patterns, or from exchanges of values between patients of one group. Parameters and
    errors are those of `reconstruct`.
    """
    check_seed(seed)
    study = paper if isinstance(paper, PublishedStudy) else find_study(paper)
    rng = np.random.default_rng(seed)
    log = Log()
    assumed = read_assumed(study)
    for reason in assumed.reasons:
        log.assume("paper", reason)
    sizes = group_sizes(study)
    others = others_unsampled(study, sizes)
    event = np.repeat([g.event for g in sizes], [g.n for g in sizes])
    group = np.repeat(np.arange(len(sizes)), [g.n for g in sizes])
    margins = _margins(study, assumed, sizes, log, rng)
    time = draw_times(study, assumed, event, log, rng)
    table = read_table(study, assumed, margins, sizes, log)
    joint, fitted = None, None
    if table is not None:
        joint = _joint(study, table, margins, group, event, time, rng)
        log.conflicts.extend(joint.conflicts)
        margins |= _split(table, margins, joint.values, sizes)
        fitted = fit_table(table, joint.chosen, joint.values, event, time)
    _pair(assumed, margins, table, log, rng)
    scores = _scores(assumed, sizes, log, rng)
    log.assume("other variables", "independent of one another inside each group, given the above.")
    log.conflicts.extend(contradictions(study, sizes))
    agreements = list(_agreements(study, assumed, margins, sizes, others, fitted, joint, scores))
    frame, decimals = _frame(study, assumed, margins, sizes, others, time, scores, rng)
    notes = ReconstructionNotes(
        study=study.id,
        citation=study.citation.text,
        data_kind=_kind(study),
        seed=int(seed),
        n=frame.height,
        n_events=int(event.sum()) + others[1],
        assumptions=tuple(log.assumptions),
        conflicts=tuple(dict.fromkeys(log.conflicts)),
        readings=joint.tried if joint is not None else (),
        agreements=tuple(agreements),
    )
    return Reconstruction(frame, notes, decimals)


def _kind(study: PublishedStudy) -> DataKind:
    return "simulated" if study.citation.source == "abstract" else "reconstructed"


def _margins(
    study: PublishedStudy,
    assumed: Assumed,
    sizes: tuple[GroupSize, ...],
    log: Log,
    rng: np.random.Generator,
) -> dict[str, Margin]:
    """Every variable of which the paper says anything, or for which something is assumed."""
    compared = {row.variable for row in study.compared}
    modelled = {row.term for model in study.model for row in model.coefficient}
    drawn = {column for scores in assumed.scores for column in scores.columns}
    wanted = (compared | modelled | set(assumed.distribution)) - drawn
    if not wanted:
        raise DataError(
            f"'{study.id}' prints nothing of any variable. Transcribe its tables as [[compared]], "
            "or say in [assumed.distribution] what to draw."
        )
    return {
        name: make_margin(study, assumed, name, sizes, log, rng)
        for name in study.variables
        if name in wanted
    }


def _joint(
    study: PublishedStudy,
    table: Table,
    margins: dict[str, Margin],
    group: IntArray,
    event: BoolArray,
    time: FloatArray | None,
    rng: np.random.Generator,
) -> Joint:
    own = [margins[name] for name in table.variables]
    for margin in own:
        if margin.levels and any((values < 0).any() for values in margin.values):
            raise DataError(
                f"'{margin.name}' is in the model of '{study.id}', but its counts leave patients "
                "without a level. Give every level's counts."
            )
    values, area = model_values(own), _printed_area(study)
    if time is None and len(np.unique(group)) == 2:
        found = arrange_patterns(table, values, event, area, rng)
        if found is not None:
            return found
    cox = table.model.kind == "cox"
    if cox and time is None:
        raise DataError(
            f"'{study.id}' has a Cox model, but no times. Give model = \"cox\" in [design]."
        )
    return arrange_exchanges(table, values, group, event, time if cox else None, area, rng)


def _printed_area(study: PublishedStudy) -> tuple[float, float] | None:
    """What the area under the curve may be: the one printed with the most digits."""
    printed = [each.value for each in study.statistic if each.name in ("auc", "c_index")]
    if not printed:
        return None
    return max(printed, key=lambda number: number.decimals).interval


def _split(
    table: Table,
    margins: dict[str, Margin],
    values: FloatArray,
    sizes: tuple[GroupSize, ...],
) -> dict[str, Margin]:
    """Arranged values back in their margins."""
    ends = np.cumsum([group.n for group in sizes])[:-1]
    found = {}
    for place, name in enumerate(table.variables):
        old = margins[name]
        steps = np.rint(values[:, place] / old.step).astype(np.int64)
        found[name] = Margin(name, old.levels, old.decimals, tuple(np.split(steps, ends)))
    return found


def _pair(
    assumed: Assumed,
    margins: dict[str, Margin],
    table: Table | None,
    log: Log,
    rng: np.random.Generator,
) -> None:
    """Measurements that go together by their ranks; the second follows the first."""
    fixed = table.variables if table is not None else ()
    for pair in assumed.pairs:
        leader, follower = pair.variables
        if follower in fixed or leader not in margins or follower not in margins:
            raise DataError(
                f"[[assumed.pairs]] lets '{follower}' follow '{leader}'; both need values, and "
                "the model's variables cannot follow others."
            )
        old = margins[follower]
        values = tuple(
            reorder_by_rank(one.astype(np.float64), other.astype(np.float64), pair.correlation, rng)
            for one, other in zip(margins[leader].values, old.values, strict=True)
        )
        steps = tuple(np.rint(each).astype(np.int64) for each in values)
        margins[follower] = Margin(follower, old.levels, old.decimals, steps)
        reason = f": {pair.reason}" if pair.reason else ""
        log.assume(
            f"{leader}, {follower}",
            f"ranks correlated with {pair.correlation:g} inside each group{reason}.",
        )


def _scores(
    assumed: Assumed, sizes: tuple[GroupSize, ...], log: Log, rng: np.random.Generator
) -> dict[str, FloatArray]:
    columns: dict[str, FloatArray] = {}
    for scores in assumed.scores:
        drawn = draw_scores(scores, sizes, log, rng)
        columns |= {name: drawn[:, place] for place, name in enumerate(scores.columns)}
    return columns


def _agreements(
    study: PublishedStudy,
    assumed: Assumed,
    margins: dict[str, Margin],
    sizes: tuple[GroupSize, ...],
    others: tuple[int, int],
    fitted: FittedTable | None,
    joint: Joint | None,
    scores: dict[str, FloatArray],
) -> Iterator[Agreement]:
    yield from compare_rows(study, assumed, margins, sizes)
    if fitted is not None and joint is not None:
        yield from compare_model(fitted, joint.chosen)
    area = fitted.area if fitted is not None else math.nan
    yield from compare_statistics(study, sizes, others, area)
    yield from compare_claims(study, scores, margins, sizes)


def _frame(
    study: PublishedStudy,
    assumed: Assumed,
    margins: dict[str, Margin],
    sizes: tuple[GroupSize, ...],
    others: tuple[int, int],
    time: FloatArray | None,
    scores: dict[str, FloatArray],
    rng: np.random.Generator,
) -> tuple[pl.DataFrame, dict[str, int]]:
    """All patients in random order, with the columns' recorded decimals."""
    decimals = {name: m.decimals for name, m in margins.items() if not m.levels and m.decimals}
    columns: dict[str, pl.Series] = {name: _series(m) for name, m in margins.items()}
    for given in assumed.scores:
        for name in given.columns:
            columns[name] = _number_series(name, scores[name], given.decimals)
            decimals |= {name: given.decimals} if given.decimals else {}
    ordered = [name for name in study.variables if name in columns]
    ordered += [name for name in columns if name not in ordered]
    if time is not None:
        name = assumed.times.column
        columns[name] = _number_series(name, time, assumed.times.decimals)
        decimals |= {name: assumed.times.decimals} if assumed.times.decimals else {}
        ordered.append(name)
    event = np.repeat([g.event for g in sizes], [g.n for g in sizes])
    if not any(each.decides is not None for each in assumed.scores):
        name = study.outcome.name
        columns[name] = pl.Series(name, np.where(event, "Yes", "No"))
        ordered.append(name)
    table = pl.DataFrame([columns[name].alias(name) for name in dict.fromkeys(ordered)])
    if study.design.kind == "case-control":
        table = _with_others(study, table, others)
    table = table[rng.permutation(table.height)]
    width = max(4, len(str(table.height)))
    prefix = "".join(letter for letter in study.id if letter.isalpha())[:2].upper()
    identifiers = [f"{prefix}{number:0{width}d}" for number in range(1, table.height + 1)]
    front = [
        pl.Series("data_kind", [_kind(study)] * table.height),
        pl.Series("patient_id", identifiers),
    ]
    return pl.DataFrame([*front, *table.get_columns()]), decimals


def _series(margin: Margin) -> pl.Series:
    values = np.concatenate(margin.values)
    if margin.levels:
        names = [None if code < 0 else margin.levels[code] for code in values]
        return pl.Series(margin.name, names, dtype=pl.String)
    if margin.decimals == 0:
        return pl.Series(margin.name, values)
    return pl.Series(margin.name, np.round(values / 10**margin.decimals, margin.decimals))


def _number_series(name: str, values: FloatArray, decimals: int) -> pl.Series:
    """Floats, or whole numbers where no decimals are recorded; NaN becomes missing."""
    series = pl.Series(name, np.round(values, decimals), nan_to_null=True)
    return series.cast(pl.Int64) if decimals == 0 else series


def _with_others(
    study: PublishedStudy, table: pl.DataFrame, others: tuple[int, int]
) -> pl.DataFrame:
    """The patients who were not sampled: their outcome is known, nothing else is."""
    without, with_event = others
    name = study.outcome.name
    rest = pl.DataFrame({name: ["No"] * without + ["Yes"] * with_event}, schema={name: pl.String})
    sampled = table.with_columns(sampled=pl.lit("Yes"))
    if name not in table.columns:
        raise DataError(
            f"'{study.id}' is a case-control study, so its outcome cannot be decided by scores of "
            "the sampled patients alone. Leave 'decides' out of [[assumed.scores]]."
        )
    return pl.concat([sampled, rest.with_columns(sampled=pl.lit("No"))], how="diagonal")
