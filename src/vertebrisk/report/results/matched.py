"""What matched sets add to a result."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vertebrisk._types import Json
from vertebrisk.nomogram.results import Nomogram


@dataclass(frozen=True, slots=True, eq=False)
class MatchedResult:
    """Matched sets of cases and controls.

    `set_column` names the sets, `matched` the labels of what they are matched on. `sizes`
    columns: cases, controls, sets (how many are composed so), the most frequent first.
    `varying` columns: term, label, sets (in which members differ in it), one row a candidate.
    `reference` holds label and value of each predictor of the reference patient, against whom
    odds ratios of whole patients are read; under the points of `nomogram` stand such odds
    ratios, where otherwise risks do.
    """

    set_column: str
    matched: tuple[str, ...]
    n_sets: int
    n_pairs: int
    sizes: pl.DataFrame
    varying: pl.DataFrame
    reference: tuple[tuple[str, str], ...]
    nomogram: Nomogram

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "set_column": self.set_column,
            "matched": list(self.matched),
            "n_sets": self.n_sets,
            "n_pairs": self.n_pairs,
            "sizes": list(self.sizes.iter_rows(named=True)),
            "varying": list(self.varying.iter_rows(named=True)),
            "nomogram": {
                "axes": [axis.to_dict() for axis in self.nomogram.axes],
                "total": [
                    {"total_points": points, "odds_ratio": ratio}
                    for points, ratio in self.nomogram.total.select(
                        "total_points", "risk"
                    ).iter_rows()
                ],
                "points_per_unit": self.nomogram.points_per_unit,
                "zero_points": self.nomogram.intercept,
            },
            "reference": [{"label": label, "value": value} for label, value in self.reference],
        }
