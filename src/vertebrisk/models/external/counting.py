"""Rows of new patients counted by what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from vertebrisk._checks import listed
from vertebrisk._types import BoolArray, DataKind
from vertebrisk.errors import DataError
from vertebrisk.models.external.results import Counts
from vertebrisk.models.portable.flagging import AVERAGED
from vertebrisk.text.messages import say
from vertebrisk.text.phrases import term
from vertebrisk.text.plurals import counted

NOT_REAL: tuple[DataKind, ...] = ("simulated", "reconstructed")
EXTRAPOLATION = "extrapolation: "
REASONS = ("missing: ", "unreadable: ", "unknown level: ", "not a number: ", "outside the domain")
OF_STRATA = ("unknown stratum: ", "beyond the follow-up of its stratum")


def counts_of(flags: pl.Series, event: BoolArray, known: BoolArray, use: BoolArray) -> Counts:
    """Who was asked, and why some could not answer.

    Parameters
    ----------
    flags : Series, shape (n,)
        Of `RiskModel.predict`.
    event, known, use : bool array, shape (n,)
        Who has the event, of whom that is known, and on whom everything is measured.
    """
    lost = _tally(flags, known & ~use)
    reasons = {
        text: count for text, count in lost.items() if text.startswith((*REASONS, *OF_STRATA))
    }
    measured_ones = _tally(flags, use)
    return Counts(
        rows=flags.len(),
        n=int(use.sum()),
        n_events=int(event[use].sum()),
        outcome_missing=int((~known).sum()),
        not_scored=int((known & ~use).sum()),
        reasons=reasons,
        averaged=_after(AVERAGED, measured_ones),
        extrapolated=_after(EXTRAPOLATION, measured_ones),
    )


def _tally(flags: pl.Series, rows: BoolArray) -> Counter[str]:
    """How many of some rows have each remark, the most frequent first."""
    found: Counter[str] = Counter()
    for text, count in flags.filter(pl.Series(rows)).value_counts(sort=True).iter_rows():
        for part in text.split("; ") if text else ():
            found[part] += count
    return Counter(dict(sorted(found.items(), key=lambda each: (-each[1], each[0]))))


def _after(prefix: str, remarked: Mapping[str, int]) -> dict[str, int]:
    return {
        text.removeprefix(prefix): count
        for text, count in remarked.items()
        if text.startswith(prefix)
    }


def nobody(counts: Counts) -> DataError:
    """The error of a table of whose rows none can be measured."""
    why = reasons_text(counts)
    return DataError(
        f"None of {counted(counts.rows, 'row')} has both an outcome and a risk: "
        f"{counts.outcome_missing} without an outcome, {counts.not_scored} without a risk"
        f"{f' ({why})' if why else ''}."
    )


def reasons_text(counts: Counts) -> str:
    """Why rows have no risk: ``missing: age 3, unknown level: grade 1``."""
    return listed(
        [
            say("{reason} {count}", reason=_reason(reason), count=count)
            for reason, count in counts.reasons.items()
        ]
    )


def _reason(remark: str) -> str:
    """A remark such as ``missing: age``, as a message."""
    kind, _, name = remark.partition(": ")
    return say("{kind}: {name}", kind=term(kind), name=name) if name else remark


def data_kind(frame: pl.DataFrame) -> DataKind:
    """What the patients are: real, unless the column `data_kind` says otherwise of any."""
    if "data_kind" not in frame.columns:
        return "real"
    said = set(frame["data_kind"].cast(pl.String).str.to_lowercase().drop_nulls())
    return next((kind for kind in NOT_REAL if kind in said), "real")
