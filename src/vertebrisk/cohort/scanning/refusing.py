"""What cannot be done with patients that are read in pieces, said before they are read."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import Protocol


def check_in_pieces(protocol: Protocol) -> None:
    """Raise ProtocolError where a protocol asks for what needs all patients at once."""
    what = next(_needing_all(protocol), None)
    if what is not None:
        raise ProtocolError(
            f"{what}, which needs all patients in memory at once; the file is read in pieces. "
            'Take it out, or run with engine = "memory" on a machine with enough of it.'
        )


def _needing_all(protocol: Protocol) -> Iterator[str]:
    if protocol.study.unit == "vertebra":
        yield 'The unit in [study] is "vertebra"'
    if protocol.sampling is not None:
        yield "[sampling] describes sampled controls or matched sets"
    if protocol.followup:
        yield "[[followup]] asks for repeated measures"
    if protocol.agreement:
        yield "[[agreement]] compares two readers"
    if protocol.missing.imputes:
        yield "[missing] asks for imputation"
