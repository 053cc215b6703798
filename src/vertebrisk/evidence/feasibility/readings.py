"""Every reading of a coefficient table, and which of them can be a fit to the printed margins.

A reading departs from print by coefficients whose sign is turned (each row by itself, or all
rows of a factor, which counts as one departure) and by factors for which the constant is
that of another level than the reference. A constant's own sign is taken as printed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from vertebrisk._types import Json
from vertebrisk.evidence.feasibility.programme import Patterns, Predictor, Programme, Verdict
from vertebrisk.evidence.printed_tables import CONSTANT

Key = tuple[str, str]

# Readings that are tried, and the work of their programmes, some ten seconds.
_MOST_READINGS = 4096
_MOST_WORK = 120_000


@dataclass(frozen=True, slots=True)
class Column:
    """One coefficient: its term and level, its printed value, and all that rounds to it."""

    term: str
    level: str
    value: float
    low: float
    high: float

    @property
    def key(self) -> Key:
        """Term and level."""
        return self.term, self.level

    @property
    def name(self) -> str:
        """The term as readings name it."""
        return f"{self.term} = {self.level}" if self.level else self.term


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A coefficient table over covariate patterns.

    Attributes
    ----------
    patterns : Patterns
        The design's first column is the constant's; the others are those of `columns`.
    columns : tuple of Column
        The coefficients.
    constant : Column or None
        None if it is not printed, or not that of the sample: every constant is then tried.
    references : dict
        Reference level of each factor.
    assumptions : tuple of str
        What had to be taken for granted, in words.
    """

    patterns: Patterns
    columns: tuple[Column, ...]
    constant: Column | None
    references: Mapping[str, str]
    assumptions: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the design's columns."""
        return (CONSTANT, *(column.name for column in self.columns))


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a table, and what was found of it.

    Attributes
    ----------
    turned : tuple of (str, str)
        Terms and levels whose sign is turned.
    constant_of : tuple of (str, str)
        Factors and levels that the constant belongs to, where not the reference.
    label : str
        The reading in words.
    departures : int
        How often it departs from print.
    verdict : {"possible", "impossible", "undecided"}
        As in `Judgement`: only ``impossible`` is a proof.
    apart : float
        How far, at least, expected and observed events stay apart; zero unless impossible.
    events_low, events_high : float
        Least and greatest number of events that it can predict, whoever the patients are.
        NaN if the constant is not known, or the reading departs more than once from print.
    coefficients : dict
        (term, level) to value in this reading, on the printed coding: for the printed
        reference levels, the constant included if it is known.
    """

    turned: tuple[Key, ...]
    constant_of: tuple[Key, ...]
    label: str
    departures: int
    verdict: Verdict
    apart: float
    events_low: float
    events_high: float
    coefficients: Mapping[Key, float]

    @property
    def possible(self) -> bool:
        """False if it is proven impossible."""
        return self.verdict != "impossible"

    def to_dict(self) -> Json:
        """JSON form; what is not known is null."""
        names = ("label", "departures", "verdict", "apart")
        known = not math.isnan(self.events_low)
        return {name: getattr(self, name) for name in names} | {
            "turned": [list(key) for key in self.turned],
            "constant_of": [list(key) for key in self.constant_of],
            "events_low": self.events_low if known else None,
            "events_high": self.events_high if known else None,
            "coefficients": [[term, level, b] for (term, level), b in self.coefficients.items()],
        }


@dataclass(frozen=True, slots=True)
class Feasibility:
    """What can be proven of a coefficient table.

    Attributes
    ----------
    readings : tuple of Reading
        Those tried, the printed one first, then by departures.
    tried : str
        Which readings were tried, in words.
    complete : bool
        True if these are all.
    observed : (float, float)
        Fewest and most events seen; the same number unless values are missing.
    conflicting : tuple of str
        Where the printed reading is impossible: terms for which expected and observed
        events cannot agree together, none of them to spare.
    assumptions : tuple of str
        What had to be taken for granted.
    """

    readings: tuple[Reading, ...]
    tried: str
    complete: bool
    observed: tuple[float, float]
    conflicting: tuple[str, ...]
    assumptions: tuple[str, ...]

    @property
    def printed(self) -> Reading:
        """The table as printed."""
        return self.readings[0]

    @property
    def possible(self) -> tuple[Reading, ...]:
        """Readings that are not proven impossible."""
        return tuple(each for each in self.readings if each.possible)

    @property
    def consistent(self) -> Mapping[Key, float] | None:
        """The coefficients of the one reading left, if all others are proven impossible."""
        left = self.possible
        return left[0].coefficients if len(left) == 1 and self.complete else None

    @property
    def needed(self) -> Reading | None:
        """The possible reading whose departures all possible readings have, if there is one.

        Where more than one reading is possible, every one of them departs from print at
        least as this one does.
        """
        if not self.complete:
            return None
        for each in self.possible:
            turned, moved = set(each.turned), set(each.constant_of)
            if all(
                turned.issubset(other.turned) and moved.issubset(other.constant_of)
                for other in self.possible
            ):
                return each
        return None

    def to_dict(self) -> Json:
        """JSON form; what does not exist is null."""
        consistent, needed = self.consistent, self.needed
        return {
            "printed": self.printed.to_dict(),
            "possible": [reading.to_dict() for reading in self.possible],
            "readings": len(self.readings),
            "tried": self.tried,
            "complete": self.complete,
            "observed": list(self.observed),
            "conflicting": list(self.conflicting),
            "consistent": None
            if consistent is None
            else [[term, level, value] for (term, level), value in consistent.items()],
            "needed": None if needed is None else needed.to_dict(),
            "assumptions": list(self.assumptions),
        }


def check_feasibility(problem: Problem, every: bool = True) -> Feasibility:
    """Which readings of a coefficient table can be a maximum-likelihood fit to its margins?

    Parameters
    ----------
    problem : Problem
        From `feasibility_problem`.
    every : bool
        False to stop at the printed reading where that is not impossible.

    Returns
    -------
    Feasibility

    Raises
    ------
    ArgumentError
        If no patients have the margins at all.
    """
    programme = Programme(problem.patterns)
    printed = _judged(programme, problem, _AS_PRINTED)
    readings, tried, complete = [printed], "the table as printed", False
    if every or not printed.possible:
        others, complete = _other_readings(programme, problem)
        readings += others
        tried = _told(problem, len(readings), complete)
    conflicting: tuple[int, ...] = ()
    if not printed.possible:
        conflicting = programme.conflicting(_predictor(problem, _AS_PRINTED))
    least, most = problem.patterns.events[:, 0]
    return Feasibility(
        readings=tuple(readings),
        tried=tried,
        complete=complete,
        observed=(float(least), float(most)),
        conflicting=tuple(problem.names[each] for each in conflicting),
        assumptions=problem.assumptions,
    )


def printed_reading(problem: Problem) -> Reading:
    """The printed reading alone, the other readings and the conflict not looked for."""
    return _judged(Programme(problem.patterns), problem, _AS_PRINTED)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Positions of the turned columns, and of the columns whose level the constant has."""

    turned: frozenset[int] = frozenset()
    shifted: tuple[int, ...] = ()


_AS_PRINTED = _Choice()


def _other_readings(programme: Programme, problem: Problem) -> tuple[list[Reading], bool]:
    """Readings by their departures, and whether these are all; those of equal effect once."""
    known = {_effect(_predictor(problem, _AS_PRINTED))}
    readings: list[Reading] = []
    for departures in range(1, 2 * len(problem.columns) + 1):
        for choice in _departing(problem, departures):
            effect = _effect(_predictor(problem, choice))
            if effect in known:
                continue
            if len(known) >= _MOST_READINGS or programme.work > _MOST_WORK:
                return readings, False
            known.add(effect)
            readings.append(_judged(programme, problem, choice))
    return readings, True


def _told(problem: Problem, tried: int, complete: bool) -> str:
    if not complete:
        return f"{tried} readings, those that depart least from print first"
    moved = "" if problem.constant is None else " and of levels that the constant may belong to"
    return f"every combination of signs{moved}"


def _departing(problem: Problem, departures: int) -> Iterator[_Choice]:
    """Readings with so many departures: rows or whole factors turned, constants moved."""
    units = [frozenset([place]) for place in range(len(problem.columns))]
    units += [frozenset(places) for places in _levels(problem).values() if len(places) > 1]
    moves = [place for places in _levels(problem).values() for place in places]
    if problem.constant is None:
        moves = []
    for number in range(departures + 1):
        for turned in combinations(units, number):
            together = frozenset().union(*turned)
            if sum(map(len, turned)) > len(together):
                continue
            for shifted in combinations(moves, departures - number):
                if len({problem.columns[place].term for place in shifted}) == len(shifted):
                    yield _Choice(together, shifted)


def _levels(problem: Problem) -> dict[str, tuple[int, ...]]:
    """Positions of the columns of each factor."""
    found: dict[str, tuple[int, ...]] = {}
    for place, column in enumerate(problem.columns):
        if column.term in problem.references:
            found[column.term] = (*found.get(column.term, ()), place)
    return found


def _departures(problem: Problem, choice: _Choice) -> int:
    """Turned rows, those of one factor together as one, and moved constants."""
    whole = [
        places
        for places in _levels(problem).values()
        if len(places) > 1 and choice.turned.issuperset(places)
    ]
    return len(choice.turned) - sum(len(places) - 1 for places in whole) + len(choice.shifted)


def _predictor(problem: Problem, choice: _Choice) -> Predictor:
    """The linear predictor of every pattern in one reading, with its rounding."""
    design = problem.patterns.design[:, 1:]
    origin = np.zeros(design.shape[1])
    origin[list(choice.shifted)] = 1.0
    away = design - origin
    values = np.array([column.value for column in problem.columns])
    limits = np.array([(column.low, column.high) for column in problem.columns])
    signs = np.array([-1.0 if place in choice.turned else 1.0 for place in range(len(values))])
    ends = np.sort(limits * signs[:, None], axis=1)
    point = away @ (values * signs)
    low = np.minimum(away * ends[:, 0], away * ends[:, 1]).sum(axis=1)
    high = np.maximum(away * ends[:, 0], away * ends[:, 1]).sum(axis=1)
    constant = problem.constant
    if constant is None:
        return Predictor(point, low, high, free=True)
    return Predictor(point + constant.value, low + constant.low, high + constant.high)


def _effect(predictor: Predictor) -> bytes:
    """Equal for readings that give every pattern the same predictor."""
    both = np.concatenate([predictor.low, predictor.high])
    return np.asarray(np.round(both, 9) + 0.0).tobytes()


def _judged(programme: Programme, problem: Problem, choice: _Choice) -> Reading:
    predictor = _predictor(problem, choice)
    found = programme.judge(predictor)
    departures = _departures(problem, choice)
    low, high = math.nan, math.nan
    if not predictor.free and departures <= 1:
        low, high = programme.events_range(predictor)
    keys = [column.key for column in problem.columns]
    return Reading(
        turned=tuple(keys[place] for place in sorted(choice.turned)),
        constant_of=tuple(keys[place] for place in choice.shifted),
        label=_label(problem, choice),
        departures=departures,
        verdict=found.verdict,
        apart=found.apart,
        events_low=low,
        events_high=high,
        coefficients=_coefficients(problem, choice),
    )


def _label(problem: Problem, choice: _Choice) -> str:
    left, parts = set(choice.turned), []
    for variable, places in _levels(problem).items():
        if left.issuperset(places):
            parts.append(f"'{variable}' with its sign{'s' * (len(places) > 1)} turned")
            left -= set(places)
    parts += [f"'{problem.columns[place].name}' with its sign turned" for place in sorted(left)]
    parts += [
        f"the constant that of patients with '{problem.columns[place].name}'"
        for place in choice.shifted
    ]
    return " and ".join(parts) or "as printed"


def _coefficients(problem: Problem, choice: _Choice) -> Mapping[Key, float]:
    """The coefficients of a reading for the printed reference levels."""
    values = [
        -column.value if place in choice.turned else column.value
        for place, column in enumerate(problem.columns)
    ]
    found = {column.key: value for column, value in zip(problem.columns, values, strict=True)}
    if problem.constant is None:
        return found
    moved = math.fsum(values[place] for place in choice.shifted)
    return {problem.constant.key: problem.constant.value - moved} | found
