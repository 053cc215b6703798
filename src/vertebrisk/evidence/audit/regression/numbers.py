"""One regression row for the audit: its numbers, and the arithmetic that binds them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vertebrisk.evidence.audit.regression.wald_columns import with_z
from vertebrisk.evidence.audit.subject import Subject
from vertebrisk.evidence.audit.values import Quantity
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import CONSTANT, Coefficient, PaperModel
from vertebrisk.evidence.wald import (
    FIELDS,
    Region,
    Scale,
    region_of,
    says_something,
    value_of,
    z_range,
)
from vertebrisk.text.messages import say

# Programs multiply by 1.96 or by the quantile itself, 1.95996.
QUANTILE_DOUBT = 5e-5
LIMITS = ("conf_low", "conf_high", "estimate_low", "estimate_high")
Fields = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowNumbers:
    """The usable numbers of one row. `factor_df` is 0 but for the joint test of a factor."""

    model: PaperModel
    row: Coefficient
    printed: Mapping[str, Printed]
    scale: Scale
    factor_df: int = 0
    label_of_term: str = ""

    @property
    def name(self) -> str:
        """Term and level, as the paper calls them."""
        term = self.label_of_term or self.row.term
        return f"{term} = {self.row.level}" if self.row.level else term

    @property
    def key(self) -> tuple[str, str]:
        """Term and level, as the paper's file names them."""
        return self.row.term, self.row.level

    @property
    def coefficient(self) -> str:
        """The field that gives b: the estimate, or else the ratio."""
        return "estimate" if "estimate" in self.printed else "ratio"

    def has(self, *fields: str) -> bool:
        """True if all of these are printed."""
        return all(field in self.printed for field in fields)

    def without(self, field: str) -> RowNumbers:
        """The same row without one number."""
        return replace(
            self, printed={key: each for key, each in self.printed.items() if key != field}
        )

    def region(self, fields: Fields, *, truncated: bool = False) -> Region:
        """What the named numbers allow."""
        return region_of(self.printed, fields, self.scale, truncated=truncated)

    def holds(self, fields: Fields) -> bool:
        """True if the named numbers can be true together."""
        return not self.region(fields).empty

    def cut_off(self, fields: Fields) -> bool:
        """True if they can where digits were cut off instead of rounded."""
        return not self.region(fields, truncated=True).empty

    def recomputed(self, field: str, others: Fields) -> tuple[float, float] | None:
        """All that the others allow the field to be; None where they hold nothing."""
        region = self.region(others)
        return None if region.empty else region.range(value_of(field, self.scale))

    def label(self, field: str) -> str:
        """Name of a field as tables head it."""
        ratio = "HR" if self.model.kind == "cox" else "OR"
        return {
            "estimate": "B", "std_error": "SE", "z": "z", "wald": "Wald", "p_value": "P",
            "ratio": ratio, "conf_low": say('lower limit'), "conf_high": say('upper limit'),
            "estimate_low": say('lower limit of B'), "estimate_high": say('upper limit of B'),
        }[field]  # fmt: skip

    def shown(self, field: str) -> str:
        """Name and print of a field."""
        return f"{self.label(field)} {self.printed[field]}"

    def quantities(self, fields: Fields) -> tuple[Quantity, ...]:
        """The named numbers, with their place."""
        place = f"{self.model.place}, {self.name}"
        ordered = [field for field in FIELDS if field in fields]
        return tuple(
            Quantity(self.label(field), self.printed[field].text, place) for field in ordered
        )


def rows_of(model: PaperModel) -> Iterator[RowNumbers]:
    """The rows of a table with what each prints."""
    level = 95.0 if model.conf_level is None else model.conf_level.value
    for row in model.coefficient:
        printed = {
            name: number
            for name in FIELDS
            if (number := getattr(row, name)) is not None and says_something(name, number)
        }
        others = [
            each
            for each in model.coefficient
            if each.term == row.term and each.level and not _reference(each)
        ]
        joint = not row.level and row.term != CONSTANT and bool(others)
        scale = Scale(level, row.per, QUANTILE_DOUBT)
        yield RowNumbers(model, row, printed, scale, len(others) if joint else 0)


def _reference(row: Coefficient) -> bool:
    """True for the row of a reference level: empty, or with a ratio of 1 or a B of 0 alone."""
    shown = [name for name in FIELDS if getattr(row, name) is not None]
    if not set(shown) <= {"estimate", "ratio"}:
        return False
    ratio, estimate = row.ratio, row.estimate
    return (ratio is None or ratio.number == 1) and (estimate is None or estimate.number == 0)


def tables_of(subject: Subject) -> Iterator[list[RowNumbers]]:
    """The rows of every table; of one that quotes another, those that say something else."""
    for model in subject.models:
        quoted = next((each for each in subject.models if each.id == model.quotes), None)
        rows = () if quoted is None else quoted.coefficient
        told = {(each.term, each.level): each for each in rows}
        yield [
            replace(row, label_of_term=subject.label(row.row.term))
            for row in rows_of(with_z(model))
            if not _told(row.row, told.get((row.row.term, row.row.level)))
        ]


def _told(row: Coefficient, quoted: Coefficient | None) -> bool:
    if quoted is None:
        return False
    pairs = [(getattr(row, name), getattr(quoted, name)) for name in FIELDS]
    return all(
        one is None or (other is not None and one.number == other.number) for one, other in pairs
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """Numbers of one row that one formula binds.

    `certain` is False where another honest method than Wald's may have made one of them:
    an interval from the profile likelihood, a P from the likelihood ratio.
    """

    id: str
    fields: Fields
    target: str
    certain: bool

    @property
    def others(self) -> Fields:
        """All but the target."""
        return tuple(field for field in self.fields if field != self.target)


def identities(row: RowNumbers) -> Iterator[Identity]:
    """The formulas that bind numbers of this row."""
    if row.factor_df:
        return
    b, found = row.coefficient, row.has
    if found("estimate", "ratio"):
        yield Identity("ratio-of-coefficient", ("estimate", "ratio"), "ratio", True)
    for statistic in ("wald", "z"):
        if found(b, "std_error", statistic):
            yield Identity(
                f"{statistic}-of-coefficient",
                (b, "std_error", statistic),
                statistic,
                True,
            )
        if found(statistic, "p_value"):
            yield Identity(
                f"p-of-{statistic}",
                (statistic, "p_value"),
                "p_value",
                True,
            )
    if found("wald", "z"):
        yield Identity("wald-of-z", ("z", "wald"), "wald", True)
    for limit in LIMITS:
        if found(b, "std_error", limit):
            yield Identity("interval-of-coefficient", (b, "std_error", limit), limit, False)
    if found(b, "std_error", "p_value") and not (found("wald") or found("z")):
        yield Identity("p-of-coefficient", (b, "std_error", "p_value"), "p_value", False)
    pair = next((pair for pair in (LIMITS[:2], LIMITS[2:]) if found(*pair)), None)
    if pair is not None:
        middle = "ratio" if pair == LIMITS[:2] and found("ratio") else b
        if found(middle):
            yield Identity("interval-symmetry", (middle, *pair), middle, False)
        if found("p_value"):
            yield Identity("p-of-interval", (*pair, "p_value"), "p_value", False)


@dataclass(frozen=True, slots=True)
class Gap:
    """How far two readings of one number lie apart, in standard errors of the coefficient.

    `apart` is 0 where their intervals meet; `resolution` is half of what rounding leaves
    open; `signed` is printed less recomputed.
    """

    apart: float
    resolution: float
    signed: float


def gap_of(row: RowNumbers, identity: Identity) -> Gap | None:
    """The gap of a formula that is not certain, or None where nothing can be said."""
    region = row.region(identity.others)
    if region.empty:
        return None
    low, high = region.std_error()
    size = (low + high) / 2
    if identity.target == "p_value":
        made = _span(region.range(lambda b, s: abs(b) / s))
        seen = z_range("p_value", row.printed["p_value"].interval)
    elif identity.id == "interval-of-coefficient" and math.isfinite(size) and size > 0:
        made = _scaled(row, identity, region.range(value_of(identity.target, row.scale)), size)
        seen = _scaled(row, identity, row.printed[identity.target].interval, size)
    else:
        return None
    if not all(math.isfinite(end) for end in made):
        return None
    apart = max(0.0, seen[0] - made[1], made[0] - seen[1])
    ends = [end for end in seen if math.isfinite(end)]
    if not ends:
        return None
    resolution = math.inf
    if len(ends) == 2:
        resolution = (seen[1] - seen[0] + made[1] - made[0]) / 2
    signed = sum(ends) / len(ends) - sum(made) / 2
    return Gap(apart, resolution, signed)


def _span(ends: tuple[float, float]) -> tuple[float, float]:
    return max(ends[0], 0.0), ends[1]


def _scaled(
    row: RowNumbers, identity: Identity, ends: tuple[float, float], size: float
) -> tuple[float, float]:
    """Limits on the scale of b, in standard errors."""
    if identity.target in LIMITS[:2]:
        per = abs(row.scale.per)
        low, high = (math.log(end) / per if end > 0 else -math.inf for end in ends)
        return low / size, high / size
    return ends[0] / size, ends[1] / size
