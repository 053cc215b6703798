"""What a model says of its own performance when it was developed."""

from __future__ import annotations

from collections.abc import Mapping

from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.report.words import Words
from vertebrisk.text.numbers import MISSING

ENDS = ("corrected", "conf_low", "conf_high")
# Names under which a paper prints a measure, the first that is there taken.
PRINTED: Mapping[str, tuple[str, ...]] = {
    "c_index": ("c_index_corrected", "auc_corrected", "c_index", "auc"),
    "brier": ("brier_corrected", "brier"),
    "slope": ("slope_corrected", "slope"),
}


def developed_text(model: RiskModel, measure: str, words: Words) -> str:
    """The corrected value of a measure with its interval, or the printed one; an en dash if none.

    A file from elsewhere may hold anything: what is no number is passed over.
    """
    for row in _records(model.performance.get("measures")):
        if row["measure"] == measure:
            value, low, high = (_number(row.get(name)) for name in ENDS)
            if value is not None:
                return words.numbers.estimate_interval(value, low, high, 3)
    printed = _records(model.performance.get("published"))
    for name in PRINTED.get(measure, ()):
        for row in printed:
            if row["measure"] == name:
                return str(row.get("value") or MISSING)
    return MISSING


def _records(rows: object) -> list[Mapping[str, object]]:
    listed = rows if isinstance(rows, list) else []
    return [each for each in listed if isinstance(each, Mapping) and "measure" in each]


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
