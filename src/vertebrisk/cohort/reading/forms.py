"""What a column of texts holds, told by counts over its cells: truths, dates, numbers, texts.

Counts of pieces of a column add up to those of the whole, so a file that is read in pieces
is typed as one that is read whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Literal

import polars as pl

from vertebrisk.cohort.reading.dates import SERIAL, YEAR_FIRST, YEAR_LAST
from vertebrisk.cohort.reading.patterns import COMMA_NUMBER, NUMBER, POINT_NUMBER

WHOLE = r"^[+-]?[0-9]{1,18}$"
LEADING_ZERO = r"^0[0-9]+$"
TOO_LONG = r"^[0-9]{16,}$"
CODE_LIKE = rf"{LEADING_ZERO}|{TOO_LONG}"
INFINITE = r"^(?i)[+-]?(?:inf|infinity|∞)$"
WIDE_DIGIT = "[０-９]"
SHARE = 0.8
_MIN_DATES = 0.2
_FULL_WIDTH = dict(zip("０１２３４５６７８９．－＋，。−％", "0123456789.-+,.-%", strict=True))
_QUANTITY = r"^[<>≤≥约~]?\s*[+-]?[0-9]+(?:[.,][0-9]+)?\s*(?:%|[^0-9\s+\-/]{0,6})$"
_NUMBER_FORM = "number"
_NOT_ADDED = ("shortest", "longest", "forms")


@dataclass(frozen=True, slots=True)
class Traits:
    """What occurs anywhere in a column and changes how each of its cells is read.

    Attributes
    ----------
    wide : bool
        Full-width digits.
    commas, points : bool
        Numbers with a decimal comma, with a decimal point.
    """

    wide: bool = False
    commas: bool = False
    points: bool = False

    def __or__(self, other: Traits) -> Traits:
        return Traits(
            self.wide or other.wide, self.commas or other.commas, self.points or other.points
        )

    @classmethod
    def of(cls, cells: pl.Series, *, decimal_comma: bool) -> Traits:
        """Those of a whole column."""
        wide = bool(cells.str.contains(WIDE_DIGIT).any())
        return cls(wide) if not decimal_comma else cls(wide) | cls.of_points(narrowed(cells, wide))

    @classmethod
    def of_points(cls, narrow: pl.Series) -> Traits:
        """Commas and points of cells without full-width digits."""
        return cls(
            commas=bool(narrow.str.contains(COMMA_NUMBER).any()),
            points=bool(narrow.str.contains(POINT_NUMBER).any()),
        )

    @property
    def points_only(self) -> bool:
        """True where points must be decimal although the file uses decimal commas."""
        return self.points and not self.commas


def narrowed(cells: pl.Series, wide: bool) -> pl.Series:
    """Cells with plain digits and signs where there are full-width digits."""
    return cells.str.replace_many(_FULL_WIDTH) if wide else cells


def plain_cells(cells: pl.Series, traits: Traits, *, decimal_comma: bool) -> pl.Series:
    """Cells as numbers are written in a program.

    In a file with decimal commas a column that has points only keeps them; beside commas a
    point may part thousands, so such a cell is not read.
    """
    plain = narrowed(cells, traits.wide)
    if not decimal_comma or traits.points_only:
        return plain
    has_comma = plain.str.contains(COMMA_NUMBER).fill_null(value=False)
    has_point = plain.str.contains(POINT_NUMBER).fill_null(value=False)
    swapped = plain.str.replace(",", ".", literal=True).set(~has_comma, None)
    return swapped.fill_null(plain.set(has_point, "?"))


@dataclass(frozen=True, slots=True)
class Form:
    """How the cells of a column are read.

    Attributes
    ----------
    kind : {"empty", "text", "truth", "date", "number"}
    whole : bool
        Whether all numbers are whole.
    day_first : bool
        Whether 5/3/2024 is 5 March.
    several : bool
        Whether dates are written in several forms.
    why : str
        Why what looks like dates or numbers is kept as text.
    """

    kind: Literal["empty", "text", "truth", "date", "number"]
    whole: bool = False
    day_first: bool = True
    several: bool = False
    why: Literal["", "ambiguous", "padded", "too-long", "mixed"] = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over the cells of a column that are not missing."""

    n: int = 0
    truths: int = 0
    dates: int = 0
    day_last: int = 0
    serials: int = 0
    tells_day: int = 0
    tells_month: int = 0
    numbers: int = 0
    infinite: int = 0
    fractions: int = 0
    padded: int = 0
    too_long: int = 0
    shortest: int = 2**31
    longest: int = 0
    quantities: int = 0
    forms: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cells: pl.Series, plain: pl.Series) -> Tally:
        """Counts over some cells, and over the same as `plain_cells`."""
        same = plain is cells
        cells, plain = cells.drop_nulls(), plain.drop_nulls()
        n = cells.len()
        if not n:
            return cls()
        width = plain.str.len_chars().to_numpy()
        lengths = {"shortest": int(width.min()), "longest": int(width.max())}
        numbers, fractions = _count(plain, NUMBER), n - _count(plain, WHOLE)
        codes = {"padded": _count(plain, LEADING_ZERO), "too_long": _count(plain, TOO_LONG)}
        common = Tally(
            n=n,
            numbers=numbers,
            fractions=fractions,
            serials=_count(cells, SERIAL),
            quantities=_count(cells, _QUANTITY),
            forms=frozenset({_NUMBER_FORM}),
            **codes,
            **lengths,
        )
        if numbers == n and same:
            return common
        last = cells.filter(cells.str.contains(YEAR_LAST))
        return replace(
            common,
            truths=int(cells.str.to_lowercase().is_in(["true", "false"]).sum()),
            dates=_count(cells, YEAR_FIRST) + last.len(),
            day_last=last.len(),
            infinite=_count(plain, INFINITE),
            fractions=numbers - _count(plain.filter(plain.str.contains(NUMBER)), WHOLE),
            forms=_two(cells.str.replace_all("[0-9]+", "0").unique().to_list()),
            **_telling(last),
        )

    def __add__(self, other: Tally) -> Tally:
        added = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if each.name not in _NOT_ADDED
        }
        return Tally(
            **added,
            shortest=min(self.shortest, other.shortest),
            longest=max(self.longest, other.longest),
            forms=_two(self.forms | other.forms),
        )

    def form(self) -> Form:
        """How such a column is read."""
        if not self.n:
            return Form("empty")
        if self.truths == self.n:
            return Form("truth")
        if self._holds_dates:
            return self._dates()
        n_numbers = self.numbers + self.infinite
        if n_numbers < self.n and (n_numbers < 3 or n_numbers < SHARE * self.n):
            return Form("text", why="mixed" if self._looks_measured else "")
        if self.padded:
            one_width = self.shortest == self.longest >= 3
            if self.padded / self.n >= 0.1 or one_width:
                return Form("text", why="padded")
        elif self.too_long:
            return Form("text", why="too-long")
        return Form("number", whole=not self.fractions)

    @property
    def _holds_dates(self) -> bool:
        """At least the share are dates or serial numbers, a fifth written as dates."""
        return (
            self.dates > 0
            and self.dates >= _MIN_DATES * self.n
            and self.dates + self.serials >= SHARE * self.n
        )

    def _dates(self) -> Form:
        if self.day_last and (self.tells_day > 0) == (self.tells_month > 0):
            return Form("text", why="ambiguous")
        day_first = not self.day_last or self.tells_day > 0
        return Form("date", day_first=day_first, several=len(self.forms) > 1 or self.serials > 0)

    @property
    def _looks_measured(self) -> bool:
        """Half numbers, or all numbers with units."""
        return self.numbers + self.infinite >= self.n / 2 or self.quantities >= SHARE * self.n


def _count(cells: pl.Series, pattern: str) -> int:
    return int(cells.str.contains(pattern).sum())


def _two(forms: list[str] | frozenset[str]) -> frozenset[str]:
    """Two of the forms at most: whether there are several is what matters."""
    return frozenset(sorted(forms)[:2])


def _telling(cells: pl.Series) -> dict[str, int]:
    """How many dates with the year last can only begin with the day, only with the month."""
    day = month = 0
    for cell in cells.unique():
        match = re.match(YEAR_LAST, cell)
        if match is None:
            continue
        one, two = int(match.group(1)), int(match.group(3))
        if one > 12 or match.group(2) == ".":
            day += 1
        elif two > 12:
            month += 1
    return {"tells_day": day, "tells_month": month}
