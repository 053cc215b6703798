"""What a command line may change of a protocol."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vertebrisk._types import Language
from vertebrisk.protocol import Protocol


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a command line may change of a protocol without editing it."""

    data: Path | None = None
    resamples: int | None = None
    seed: int | None = None
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class Resampling:
    """Number of resamples and seed of this run."""

    resamples: int
    seed: int


def resampling_of(protocol: Protocol, options: RunOptions) -> Resampling:
    """The protocol's resampling, with what the command line changes."""
    own = protocol.validation
    return Resampling(
        own.resamples if options.resamples is None else options.resamples,
        own.seed if options.seed is None else options.seed,
    )
