"""What an analysis of patients that are read in pieces cannot give, told before they are read."""

from __future__ import annotations

from vertebrisk._checks import listed
from vertebrisk.errors import ProtocolError
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.validating import DEFAULT_METHOD


def check_streamable(protocol: Protocol) -> None:
    """Refuse an analysis that needs all patients at once.

    What the cohort itself cannot be made of is told by `load_scanned_cohort`.

    Raises
    ------
    ProtocolError
        One line that names every such part of the protocol.
    """
    asked = _asked(protocol)
    if asked:
        raise ProtocolError(
            f"Patients are read in pieces, which is not possible with {listed(asked)}. Change the "
            'protocol, or run it with engine = "memory" on a machine that holds the file.'
        )


def _asked(protocol: Protocol) -> list[str]:
    analysis, validation = protocol.analysis, protocol.validation
    parts = {
        "an outcome that is followed up": protocol.outcome.kind != "binary",
        f'estimator = "{analysis.estimator}"': analysis.estimator not in ("ml", "auto"),
        f'method = "{analysis.select.method}" of [analysis.select]': (
            analysis.select.method != "prespecified"
        ),
        f'model = "{analysis.model}"': analysis.model == "fine-gray",
        "a logistic model beside": analysis.beside is not None,
        "profile intervals": analysis.intervals == "profile",
        "uniform shrinkage": analysis.shrinkage is not None,
        "averaging over missing inputs": protocol.missing.averages,
        f'method = "{validation.method}" of [validation]': validation.method != DEFAULT_METHOD,
        "centres of [validation]": validation.centre is not None,
        "a split of [validation]": validation.split is not None,
    }
    return [name for name, found in parts.items() if found]
