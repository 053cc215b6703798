"""Matched sets of a case-control study: who is in one, and what is wrong with some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from vertebrisk._checks import check_sets, listed
from vertebrisk._types import BoolArray, IntArray
from vertebrisk.cohort.idle_sets import REASON, idle_sets
from vertebrisk.cohort.outcomes import KnownOutcome
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.kernels.conditional.sets import informative_rows
from vertebrisk.protocol import Protocol
from vertebrisk.text.messages import say
from vertebrisk.text.plurals import agreeing, counted, in_rows

LARGE_SHARE = 0.25  # of all pairs, from which on one set rules the C-index
FEW_SETS = 10  # sets in which a candidate varies, under which its estimate is shaky


def with_sets(
    protocol: Protocol, known: KnownOutcome, file: str
) -> tuple[KnownOutcome, IntArray | None]:
    """Rows of sets that have a case and a control, and the code of each row's set.

    Raises
    ------
    DataError
        No set has both, or a set is too large for the exact likelihood.
    """
    name = protocol.matched_set
    if name is None:
        return known, None
    known = _named(name, known, file)
    sets = set_codes(known.frame[name])
    keep = informative_rows(known.event, sets)
    if not keep.any():
        raise DataError(
            f"No set of '{name}' in '{file}' has a case and a control; each needs one of both. "
            "Check 'set' in [sampling] and the eligibility rules."
        )
    found = idle_sets(known.event, sets, keep, file)
    if not keep.all():
        known = known.leaving(keep, "set-idle", REASON, "").noted(found)
    sets = set_codes(known.frame[name])
    check_sets(known.event, sets, name)
    return known.noted([*_several_cases(known.event, sets), *_dominant(known.event, sets)]), sets


def set_codes(column: pl.Series) -> IntArray:
    """Codes from 0 of the matched sets, in the order of their first rows."""
    order = column.unique(maintain_order=True)
    place = {value: code for code, value in enumerate(order.to_list())}
    return np.array([place[value] for value in column.to_list()], dtype=np.int64)


def _named(name: str, known: KnownOutcome, file: str) -> KnownOutcome:
    """The rows whose set is known."""
    nameless = known.frame[name].is_null().to_numpy()
    if not nameless.any():
        return known
    rows = tuple(int(row) for row in known.rows[nameless])
    if len(rows) == known.event.size:
        raise DataError(f"Column '{name}' in '{file}', the 'set' of [sampling], has no value.")
    finding = Finding(
        "set-not-named",
        "warning",
        say(
            "Column '{name}', the matched set, is empty in {rows} ({where}), which {leaves}.",
            name=name,
            rows=counted(len(rows), "row"),
            where=in_rows(rows),
            leaves=agreeing(len(rows), "leaves", "leave"),
        ),
        say("Fill it in; merged cells of a spreadsheet keep the first value only."),
        file=file,
        column=name,
        rows=rows,
    )
    return known.leaving(~nameless, "set-missing", say("matched set missing"), "").noted([finding])


def _several_cases(case: BoolArray, sets: IntArray) -> list[Finding]:
    cases = np.bincount(sets, weights=case)
    several = int((cases > 1).sum())
    if several == 0:
        return []
    return [
        Finding(
            "several-cases-in-set",
            "note",
            say(
                "{several} of {matched_sets} {have} more than one case (up to {most:.0f}); "
                "the likelihood of all ways to choose them is used, as clogit with its exact "
                "method.",
                several=several,
                matched_sets=counted(cases.size, "matched set"),
                have=agreeing(several, "has", "have"),
                most=cases.max(),
            ),
            say("Look whether sets of one name were meant to be one."),
        )
    ]


def _dominant(case: BoolArray, sets: IntArray) -> list[Finding]:
    """One set that holds a large part of all pairs."""
    cases = np.bincount(sets, weights=case)
    pairs = cases * (np.bincount(sets) - cases)
    share = float(pairs.max() / pairs.sum())
    if pairs.size < FEW_SETS or share < LARGE_SHARE:
        return []
    return [
        Finding(
            "dominant-set",
            "warning",
            say(
                "One of {size} matched sets holds {share:.0%} of all pairs of a case and a "
                "control.",
                size=pairs.size,
                share=share,
            ),
            say("Look whether it is one set; match each case with about as many controls."),
            say(
                "The C-index within sets counts pairs, so that it, and its correction by "
                "resampled sets, rest on that one."
            ),
        )
    ]


def set_findings(
    protocol: Protocol, frame: pl.DataFrame, sets: IntArray | None, file: str
) -> list[Finding]:
    """Matched variables that differ inside sets, and candidates that hardly do."""
    if protocol.sampling is None or sets is None:
        return []
    total = int(sets.max()) + 1
    found = []
    for name in protocol.sampling.matched:
        if name not in frame.columns:
            continue
        differing = varying_sets(frame[name], sets)
        if differing:
            found.append(
                Finding(
                    "matched-differs",
                    "note",
                    say(
                        "Sets are matched on '{name}', and {differing} of {total} hold different "
                        "values of it.",
                        name=name,
                        differing=differing,
                        total=total,
                    ),
                    say(
                        "Where it was matched within limits, enter it as a candidate to adjust for "
                        "what is left."
                    ),
                    file=file,
                    column=name,
                )
            )
    return found + _candidates(protocol.candidate_names, frame, sets, file)


def _candidates(
    names: Sequence[str], frame: pl.DataFrame, sets: IntArray, file: str
) -> list[Finding]:
    total = int(sets.max()) + 1
    varying = {name: varying_sets(frame[name], sets) for name in names if name in frame.columns}
    fixed = [name for name, count in varying.items() if count == 0]
    few = [f"'{name}' ({count})" for name, count in varying.items() if 0 < count < FEW_SETS]
    found = [
        Finding(
            "same-in-sets",
            "warning",
            say(
                "Candidate '{name}' has one value in each matched set, so it has no estimate.",
                name=name,
            ),
            say(
                "Take it out of the candidates; what sets are matched on can be part of an "
                "interaction only."
            ),
            say("A conditional analysis compares members of a set, who do not differ in it."),
            file=file,
            column=name,
        )
        for name in fixed
    ]
    if few:
        found.append(
            Finding(
                "few-discordant-sets",
                "warning",
                say(
                    "Few of the {total} matched sets hold different values of {few}.",
                    total=total,
                    few=listed(few),
                ),
                say("Read their odds ratios with their intervals, or leave them out beforehand."),
                say("Sets in which all members have one value of a candidate say nothing of it."),
                file=file,
            )
        )
    return found


def varying_sets(column: pl.Series, sets: IntArray) -> int:
    """How many sets hold more than one known value of a variable."""
    frame = pl.DataFrame({"set": sets, "value": column}).drop_nulls()
    counts = frame.group_by("set").agg(pl.col("value").n_unique())
    return int((counts["value"] > 1).sum())


def shared_patients(clusters: IntArray | None, sets: IntArray | None) -> list[Finding]:
    """Patients whose vertebrae lie in several sets."""
    if clusters is None or sets is None:
        return []
    pairs = np.unique(np.column_stack([clusters, sets]), axis=0)
    shared = int((np.bincount(pairs[:, 0]) > 1).sum())
    if shared == 0:
        return []
    return [
        Finding(
            "sets-share-patients",
            "warning",
            say(
                "Vertebrae of {patients} lie in more than one matched set, and the sets are "
                "taken for independent.",
                patients=counted(shared, "patient"),
            ),
            say(
                "Match so that all vertebrae of a patient lie in one set, or keep one "
                "vertebra a patient."
            ),
            say("Sets that share a patient repeat one another, so errors come out too small."),
        )
    ]
