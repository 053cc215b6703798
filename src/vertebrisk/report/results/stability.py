"""What stability selection found."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Json


@dataclass(frozen=True, slots=True, eq=False)
class StabilityResult:
    """Share of the halves in which each candidate was chosen, and the bounds.

    `shares` has predictor, share and chosen, the largest share first. `bound` is that on the
    expected number of candidates chosen though no better than chance, `unimodal_bound` the
    sharper one, None where it does not apply.
    """

    learner: str
    pairs: int
    pairs_in_resamples: int
    threshold: float
    per_half: int
    bound: float
    unimodal_bound: float | None
    shares: pl.DataFrame

    def to_dict(self) -> Json:
        """JSON form."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return {**document, "shares": list(self.shares.iter_rows(named=True))}
