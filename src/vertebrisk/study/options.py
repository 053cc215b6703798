"""What a command line may change of a protocol, and how its model is validated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vertebrisk._types import CorrectedInterval, EngineName, Language, ValidationMethod
from vertebrisk.errors import ArgumentError
from vertebrisk.models.validating.scheme import FOLDS, REPEATS
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.validating import DEFAULT_METHOD
from vertebrisk.text.journals import Journal


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a command line may change of a protocol without editing it.

    `scheduler` is the address of dask's, for `engine` "dask".
    """

    data: Path | None = None
    resamples: int | None = None
    seed: int | None = None
    language: Language = "en"
    engine: EngineName | None = None
    scheduler: str | None = None
    journal: Journal = "default"


@dataclass(frozen=True, slots=True)
class Resampling:
    """How this run validates: method, number of resamples or folds, and seed.

    `folds` and `repeats` are None but for a cross-validation, `interval` where percentiles do.
    """

    resamples: int
    seed: int
    method: ValidationMethod = DEFAULT_METHOD
    folds: int | None = None
    repeats: int | None = None
    interval: CorrectedInterval | None = None

    def models(self, patients: int) -> int:
        """How many models the validation makes of a study of so many patients."""
        if self.folds is not None and self.repeats is not None:
            return self.folds * self.repeats
        return patients if self.method == "leave-one-out" else self.resamples

    @property
    def scheme(self) -> dict[str, Any]:
        """Arguments of `validate` that the default does without."""
        limits = {} if self.interval is None else {"interval": self.interval}
        if self.method == DEFAULT_METHOD:
            return limits
        crossed = {} if self.folds is None else {"folds": self.folds, "repeats": self.repeats}
        return {"method": self.method, **crossed, **limits}


def resampling_of(protocol: Protocol, options: RunOptions) -> Resampling:
    """The protocol's validation, with what the command line changes.

    Raises
    ------
    ArgumentError
        Resamples are asked for where the protocol's method draws none.
    """
    own = protocol.validation
    if own.leaves_out and options.resamples is not None:
        raise ArgumentError(
            f"resamples is {options.resamples}, and the protocol validates by "
            f'"{own.method}", which draws none; leave it out.'
        )
    crossed = own.method == "cross-validation"
    return Resampling(
        own.resamples if options.resamples is None else options.resamples,
        own.seed if options.seed is None else options.seed,
        own.method,
        (FOLDS if own.folds is None else own.folds) if crossed else None,
        (REPEATS if own.repeats is None else own.repeats) if crossed else None,
        own.interval,
    )
