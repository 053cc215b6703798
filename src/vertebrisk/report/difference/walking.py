"""Every number of two documents beside each other, so that no change escapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vertebrisk._types import Json

# Apart by less than this share of the greater, two numbers differ by rounding alone.
ROUNDING = 1e-9
# What tells one entry of a list from the others, where entries have it.
_NAMES = (
    "variable", "term", "level", "kind", "measure", "horizon", "model", "threshold", "source",
    "code", "column", "predictor", "first", "second", "reason", "name", "key", "item", "visit",
)  # fmt: skip
_ABSENT = object()


@dataclass(slots=True)
class Tally:
    """What was found when one part of the documents was walked.

    `same` counts numbers equal up to rounding, of which `rounded` are not equal to the digit;
    `changed` those that differ; `gone` and `added` values of any kind that only one side has;
    `texts` words that differ. `largest` is the greatest change as a share of the greater number.
    """

    part: str
    same: int = 0
    rounded: int = 0
    changed: int = 0
    gone: int = 0
    added: int = 0
    texts: int = 0
    largest: float = 0.0
    where: str = field(default="")

    @property
    def differs(self) -> bool:
        """True if anything but rounding differs."""
        return bool(self.changed or self.gone or self.added or self.texts)

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


def walk(before: Json, after: Json) -> tuple[Tally, ...]:
    """A tally of each part of either document, in the order of the first."""
    tallies = []
    for part in dict.fromkeys([*before, *after]):
        tally = Tally(part)
        _compare(before.get(part), after.get(part), part, tally)
        tallies.append(tally)
    return tuple(tallies)


def same_number(before: float | None, after: float | None) -> bool:
    """True if two numbers are equal up to rounding; None equals None alone."""
    if before is None or after is None:
        return before is after
    return abs(before - after) <= ROUNDING * max(abs(before), abs(after))


def _compare(before: object, after: object, where: str, tally: Tally) -> None:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            _compare(before.get(name, _ABSENT), after.get(name, _ABSENT), f"{where}.{name}", tally)
    elif isinstance(before, list) and isinstance(after, list):
        for name, one, other in _aligned(before, after):
            _compare(one, other, f"{where}[{name}]", tally)
    elif before is None and after is None:
        return
    elif _missing(before) or _missing(after):
        tally.gone += _leaves(before)
        tally.added += _leaves(after)
    else:
        _leaf(before, after, where, tally)


def _missing(value: object) -> bool:
    return value is None or value is _ABSENT


def _leaf(before: object, after: object, where: str, tally: Tally) -> None:
    one, other = _number(before), _number(after)
    if one is None or other is None:
        tally.texts += type(before) is not type(after) or before != after
    elif same_number(one, other):
        tally.same += 1
        tally.rounded += one != other
    else:
        tally.changed += 1
        share = abs(one - other) / max(abs(one), abs(other))
        if share > tally.largest:
            tally.largest, tally.where = share, where


def _number(value: object) -> float | None:
    """The value if it is a number; yes and no are none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _leaves(value: object) -> int:
    """Values of any kind inside a value; nothing has none."""
    if _missing(value):
        return 0
    if isinstance(value, Mapping):
        return sum(map(_leaves, value.values()))
    return sum(map(_leaves, value)) if isinstance(value, list) else 1


def _aligned(
    before: Sequence[object], after: Sequence[object]
) -> Iterator[tuple[str, object, object]]:
    """Entries of two lists in pairs: by what names them if that is unique, else by place."""
    one, other = _by_name(before), _by_name(after)
    if one is None or other is None:
        one, other = _by_place(before), _by_place(after)
    for name in dict.fromkeys([*one, *other]):
        yield name, one.get(name, _ABSENT), other.get(name, _ABSENT)


def _by_place(entries: Sequence[object]) -> dict[str, object]:
    return {str(place): entry for place, entry in enumerate(entries, start=1)}


def _by_name(entries: Sequence[object]) -> dict[str, object] | None:
    names = []
    for entry in entries:
        if not isinstance(entry, Mapping):
            return None
        told = [str(entry[each]) for each in _NAMES if entry.get(each) not in (None, "")]
        names.append(", ".join(told))
    if not all(names) or max(Counter(names).values(), default=1) > 1:
        return None
    return dict(zip(names, entries, strict=True))
