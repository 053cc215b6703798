"""What `vertebrisk check` does: protocol and data checked, nothing modelled."""

from __future__ import annotations

from pathlib import Path

from vertebrisk.cohort.assembly import assemble, read_study_file
from vertebrisk.cohort.cohort import Cohort
from vertebrisk.cohort.sparse_levels import sparse_levels
from vertebrisk.errors import VertebriskError
from vertebrisk.findings import Finding
from vertebrisk.protocol import load_protocol
from vertebrisk.text.messages import reason, say


def check_study(
    protocol_path: Path, data: Path | None = None
) -> tuple[Cohort | None, tuple[Finding, ...]]:
    """Check a protocol and its data.

    Returns
    -------
    cohort, findings
        `cohort` is None where no cohort can be made of a file that could be read; the
        last finding, ``cannot-run``, then says why, and the others what was found until then.

    Raises
    ------
    ProtocolError
        The protocol cannot be understood.
    DataError
        The protocol or the data file cannot be read.
    """
    protocol = load_protocol(protocol_path, other_data=data is not None)
    table = read_study_file(protocol, data)
    findings: list[Finding] = []
    try:
        cohort = assemble(protocol, table, findings)
    except VertebriskError as error:
        stopped = Finding(
            "cannot-run", "error", reason(error), say("Correct this first."), file=table.path.name
        )
        return None, (*findings, stopped)
    return cohort, (*cohort.findings, *sparse_levels(cohort, protocol))
