"""The committed results: numbers of the full run, found by what they are of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.simulation.measures import Measured

RESULTS = Path(__file__).with_name("results.json")

Row = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Results:
    """Rows of effects and of predictions."""

    effects: Sequence[Row]
    predictions: Sequence[Row]

    @cached_property
    def _by_what(self) -> dict[tuple[str, ...], Row]:
        return {effect_key(row): row for row in self.effects}

    def effect(
        self,
        scenario: str,
        predictor: str,
        method: str,
        intervals: str,
        data: str = "complete",
        missing: str = "by outcome and age",
    ) -> Row:
        """One row of effects."""
        how = "" if data == "complete" else missing
        return self._by_what[scenario, data, how, method, intervals, predictor]

    def prediction(self, scenario: str, method: str) -> Row:
        """One row of predictions."""
        return next(
            row
            for row in self.predictions
            if row["scenario"] == scenario and row["method"] == method
        )


def effect_key(row: Row) -> tuple[str, ...]:
    """What a row of effects is of."""
    names = ("scenario", "data", "missing", "method", "intervals", "predictor")
    return tuple(str(row.get(name, "")) for name in names)


def measured(row: Row, name: str) -> Measured:
    """A measure of a row; NaN where it does not exist."""
    value, error = (row.get(each) for each in (name, f"{name}_mc"))
    return Measured(
        float("nan") if value is None else float(str(value)),
        float("nan") if error is None else float(str(error)),
    )


def count(row: Row, name: str) -> int:
    """A number of data sets."""
    return int(str(row[name]))


def lost(row: Row) -> float:
    """Share of the data sets without an answer, in percent."""
    made = "estimates" if "estimates" in row else "models"
    return 100.0 * (1.0 - count(row, made) / count(row, "samples"))


def read_results() -> Results:
    """Those that are committed."""
    document = json.loads(RESULTS.read_text(encoding="utf-8"))
    return Results(document["effects"], document["predictions"])


def results_text(document: Mapping[str, Sequence[Row]]) -> str:
    """The document as JSON, a row on each line."""
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]"
        for name, rows in document.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"
