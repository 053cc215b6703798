"""The table: every piece of work beside its peers."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rows_decision
import rows_large
import rows_repeated
import rows_small
from bounds import Machine
from turns import HEADING, Line, Peer, Work, in_turn

ROWS: dict[str, Callable[[Path, bool], Work]] = {
    "validation": rows_small.fixed,
    "backward": rows_repeated.backward,
    "screening": rows_repeated.screening,
    "cox-validation": rows_small.cox_validation,
    "logistic": rows_large.logistic,
    "cox": rows_large.cox,
    "concordance": rows_large.concordance,
    "auc": rows_large.auc,
    "firth": rows_small.firth,
    "imputation": rows_repeated.imputation,
    "decision": rows_decision.decision,
    "run": rows_repeated.whole_run,
}


@dataclass(slots=True)
class Table:
    """Lines that were measured, and what was not."""

    lines: list[Line] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"rows": [line.to_dict() for line in self.lines], "missing": self.missing}


def measure(names: Sequence[str], machine: Machine, *, quick: bool) -> Table:
    """Measure the rows of these names, and print each line as it stands."""
    print(f"\n{HEADING}", flush=True)
    found = Table()
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            row(ROWS[name](Path(folder), quick), Path(folder), machine, found, quick=quick)
    for line in found.lines:
        said = line.note()
        if said is not None:
            print(said)
    short = [line for line in found.lines if statistics.median(line.ratios) < line.peer.goal]
    print(f"{len(found.lines) - len(short)} of {len(found.lines)} ratios reach their goal.")
    return found


def row(work: Work, folder: Path, machine: Machine, found: Table, *, quick: bool) -> None:
    """One piece of work beside each of its peers; what could not be measured is said."""
    for peer in work.peers:
        said = peer.missing()
        if said is None:
            try:
                line = in_turn(work, peer, folder, machine.bound, 2 if quick else None)
            except RuntimeError as error:
                said = str(error)
            else:
                found.lines.append(line)
                print(line.line(), flush=True)
        if said is not None:
            found.missing.append(unmeasured(work, peer, said))
            print(found.missing[-1], flush=True)


def unmeasured(work: Work, peer: Peer, why: str) -> str:
    """What stands where a ratio would."""
    return f"{work.name}: NOT MEASURED beside {peer.name}: {why}"
