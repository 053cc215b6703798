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
        **_of_follow_up(protocol),
        f'estimator = "{analysis.estimator}"': analysis.estimator not in ("ml", "auto"),
        f'method = "{analysis.select.method}" of [analysis.select]': (
            analysis.select.method != "prespecified"
        ),
        f'model = "{analysis.model}"': analysis.model == "fine-gray",
        "a logistic model beside": analysis.beside is not None,
        "strata": bool(analysis.strata),
        "profile intervals": analysis.intervals == "profile",
        "uniform shrinkage": analysis.shrinkage is not None,
        "averaging over missing inputs": protocol.missing.averages,
        f'method = "{validation.method}" of [validation]': validation.method != DEFAULT_METHOD,
        "centres of [validation]": validation.centre is not None,
        "a split of [validation]": validation.split is not None,
    }
    return [name for name, found in parts.items() if found]


def _of_follow_up(protocol: Protocol) -> dict[str, bool]:
    outcome = protocol.outcome
    if outcome.kind == "binary":
        return {}
    return {
        "a competing event": outcome.competing is not None,
        "late entry": outcome.entry is not None,
    }
