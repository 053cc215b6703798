"""What may be asked of a model of a scan."""

from __future__ import annotations

from vertebrisk._checks import listed
from vertebrisk.errors import ArgumentError
from vertebrisk.text.plurals import agreeing


def check_streamed(**asked: bool) -> None:
    """Refuse what needs the patients in memory."""
    given = [name for name, there in asked.items() if there]
    if given:
        raise ArgumentError(
            f"{listed(given)} {agreeing(len(given), 'is', 'are')} not taken with a scan, whose "
            "models are prespecified and fitted by maximum likelihood, a row a patient; leave "
            f"{agreeing(len(given), 'it', 'them')} out, or read the patients with read_table."
        )
