"""How the model's variables go together, so that its fit is the printed one.

Where every variable of the model has few values, numbers of patients per pattern are an
integer programme (`patterns`), and a linear one proves which readings of the table are
possible. Otherwise, and for a Cox model, values are exchanged between patients
(`exchange`), and a reading is possible if the search reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from vertebrisk._types import BoolArray, FloatArray, IntArray
from vertebrisk.errors import FitError
from vertebrisk.evidence.feasibility.programme import Programme
from vertebrisk.evidence.reconstruction.exchange import Arranged, arrange
from vertebrisk.evidence.reconstruction.likelihoods import Cox, Likelihood, Logistic
from vertebrisk.evidence.reconstruction.notes import Conflict, TriedReading
from vertebrisk.evidence.reconstruction.patterns import (
    LEAST_UNIT,
    PrintedModel,
    find_counts,
    find_events,
    fit_patterns,
    improved_counts,
    printed_distance,
)
from vertebrisk.evidence.reconstruction.readings import margin_patterns, printed_predictor
from vertebrisk.evidence.reconstruction.sizes import Margin
from vertebrisk.evidence.reconstruction.targets import Candidate, Table
from vertebrisk.evidence.reconstruction.terms import Columns

_MOST_PATTERNS = 200
_MOST_VALUES = 8
_MOST_DEPARTURES = 2
_ROUNDS = 3000
_TRIAL_ROUNDS = 1000
# Rounds are fewer where each is long: patients times columns times columns in a batch.
_WORK = 3e8
_WARM_ROUNDS = 800
_STARTS = 3
_PATTERN_STARTS = 8
_MOST_READINGS = 3
# Distances up to here come from the last digit of a few numbers: the reading is reached.
_REACHED = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Values of the model's variables of every patient, the reading used, and those tried."""

    values: FloatArray
    chosen: Candidate
    tried: tuple[TriedReading, ...]
    conflicts: tuple[Conflict, ...] = ()


def model_values(margins: Sequence[Margin]) -> FloatArray:
    """Levels' positions and numbers, groups one after the other, shape (n, variables)."""
    return np.column_stack([np.concatenate(m.values) * m.step for m in margins])


def arrange_patterns(
    table: Table,
    values: FloatArray,
    event: BoolArray,
    area: tuple[float, float] | None,
    rng: np.random.Generator,
) -> Joint | None:
    """Arrangement by integer programming, or None where it is not suited or finds nothing."""
    supports = [np.unique(values[:, place]) for place in range(values.shape[1])]
    sizes = [len(support) for support in supports]
    wanted = table.wanted(Candidate())
    aimed = np.isfinite(wanted.estimate[1:])
    small = max(sizes) <= _MOST_VALUES and math.prod(sizes) <= _MOST_PATTERNS
    if table.model.kind != "logistic" or not small or not aimed.all():
        return None
    patterns = _Patterns.of(table, supports, values, event)
    possible, tried = _possible_readings(table, patterns)
    best: tuple[float, Candidate, PrintedModel, IntArray] | None = None
    for candidate in possible[:_MOST_READINGS]:
        model = patterns.printed(candidate)
        for counts in _found_counts(table, candidate, patterns, model, values, event, rng):
            numbers = counts.astype(np.float64)
            distance = printed_distance(model, numbers)
            if best is None or distance < best[0]:
                best = distance, candidate, model, counts
            if model.reached(fit_patterns(model.design, numbers, model.event_totals)):
                break
    if best is None:
        return None
    _, chosen, model, counts = best
    try:
        events = find_events(model, counts, area)
    except FitError:
        return None
    arranged = np.empty_like(values)
    for member, each in ((True, events), (False, counts - events)):
        rows = rng.permutation(np.repeat(np.arange(len(counts)), each))
        arranged[event == member] = patterns.values[rows]
    return Joint(arranged, chosen, _marked(tried, chosen), _conflicts(table, patterns, tried))


def _conflicts(
    table: Table, patterns: _Patterns, tried: list[TriedReading]
) -> tuple[Conflict, ...]:
    """Coefficients that, as printed, no patients with these margins can have together."""
    if tried[0].possible:
        return ()
    model = patterns.printed(Candidate())
    columns = Programme(margin_patterns(model)).conflicting(printed_predictor(model))
    names = ["constant", *(term.name for term in table.terms)]
    shown = tuple(
        f"{name} {value:+.3f}"
        for name, value in zip(names, model.coefficients, strict=True)
        if np.isfinite(value)
    )
    text = (
        "with the counts of these variables, no joint distribution makes expected and observed "
        f"events equal for {' and '.join(names[each] for each in columns)}."
    )
    return (Conflict(table.model.place, shown, text),)


def _found_counts(
    table: Table,
    candidate: Candidate,
    patterns: _Patterns,
    model: PrintedModel,
    values: FloatArray,
    event: BoolArray,
    rng: np.random.Generator,
) -> Iterator[IntArray]:
    """Patients per pattern from several starts: independence, then annealed arrangements."""
    with suppress(FitError):
        yield find_counts(model, patterns.independent)
    columns = Columns.of(table.terms, table.variables, candidate.shifted)
    wanted = table.wanted(candidate)
    group = event.astype(np.int64)
    for _ in range(_PATTERN_STARTS):
        start = _shuffled(values, group, rng)
        annealed = arrange(start, group, columns, Logistic(event), wanted, rng, _WARM_ROUNDS)
        counts = patterns.counts(annealed.values)
        if math.isfinite(printed_distance(model, counts)):
            yield improved_counts(model, counts)


@dataclass(frozen=True, slots=True, eq=False)
class _Patterns:
    """All combinations of the values of the model's variables, and their margins."""

    table: Table
    values: FloatArray
    members: FloatArray
    patients: FloatArray
    events: FloatArray
    independent: FloatArray

    @classmethod
    def of(
        cls, table: Table, supports: list[FloatArray], values: FloatArray, event: BoolArray
    ) -> _Patterns:
        combined = np.array(list(product(*supports)), dtype=np.float64)
        columns = [np.ones(len(combined))]
        patients, events = [float(len(values))], [float(event.sum())]
        independent = np.full(len(combined), float(len(values)))
        for place, support in enumerate(supports):
            seen = values[:, place]
            shares = np.array([np.mean(seen == each) for each in support])
            independent *= shares[np.searchsorted(support, combined[:, place])]
            for each in support[1:]:
                columns.append((combined[:, place] == each).astype(np.float64))
                patients.append(float((seen == each).sum()))
                events.append(float((seen[event] == each).sum()))
        members = np.column_stack(columns)
        return cls(table, combined, members, np.array(patients), np.array(events), independent)

    def counts(self, values: FloatArray) -> FloatArray:
        """Patients with each pattern."""
        return np.array([float((values == row).all(axis=1).sum()) for row in self.values])

    def printed(self, candidate: Candidate) -> PrintedModel:
        """The table in one reading, over these patterns."""
        columns = Columns.of(self.table.terms, self.table.variables, candidate.shifted)
        wanted = self.table.wanted(candidate)
        return PrintedModel(
            design=np.column_stack([np.ones(len(self.values)), columns.design(self.values)]),
            members=self.members,
            patients=self.patients,
            events=self.events,
            coefficients=wanted.estimate,
            std_errors=wanted.std_error,
            coefficient_units=np.fmax(wanted.estimate_half, LEAST_UNIT),
            error_units=np.fmax(wanted.std_error_half, LEAST_UNIT),
        )


def _possible_readings(
    table: Table, patterns: _Patterns
) -> tuple[list[Candidate], list[TriedReading]]:
    """Readings that some joint distribution allows, with the fewest departures; all tried."""
    programme = Programme(margin_patterns(patterns.printed(Candidate())))
    tried: list[TriedReading] = []
    least: list[tuple[float, Candidate]] = []
    for departures in range(max(_MOST_DEPARTURES, table.declared.departures) + 1):
        level = (
            list(table.candidates(departures))
            if departures <= _MOST_DEPARTURES
            else [table.declared] * (departures == table.declared.departures)
        )
        possible = []
        for candidate in level:
            model = patterns.printed(candidate)
            judged = programme.judge(printed_predictor(model))
            feasible = judged.verdict != "impossible"
            tried.append(
                TriedReading(candidate.label, departures, feasible, judged.apart, proven=True)
            )
            least.append((judged.apart, candidate))
            if feasible:
                possible.append(candidate)
        if possible:
            declared = [each for each in possible if each == table.declared]
            return declared or possible, tried
    return [min(least, key=lambda pair: pair[0])[1]], tried


def arrange_exchanges(
    table: Table,
    values: FloatArray,
    group: IntArray,
    event: BoolArray,
    time: FloatArray | None,
    area: tuple[float, float] | None,
    rng: np.random.Generator,
) -> Joint:
    """Arrangement by exchanging values inside groups."""
    order = np.arange(len(event))
    likelihood: Likelihood = Logistic(event, area)
    if time is not None:
        order = np.lexsort((~event, time))
        likelihood = Cox.of(time[order], event[order])
    candidates = list(dict.fromkeys([table.declared, *table.candidates(0), *table.candidates(1)]))
    tried: list[TriedReading] = []
    best: tuple[float, Arranged, Candidate] | None = None
    for candidate in candidates:
        columns = Columns.of(table.terms, table.variables, candidate.shifted)
        wanted = table.wanted(candidate)
        found = None
        declared = candidate == table.declared
        work = likelihood.work(len(table.terms))
        rounds = int(min(_ROUNDS if declared else _TRIAL_ROUNDS, max(_WORK / work, 100)))
        for _ in range(_STARTS if declared else 1):
            start = _shuffled(values[order], group[order], rng)
            again = arrange(start, group[order], columns, likelihood, wanted, rng, rounds)
            if found is None or again.distance < found.distance:
                found = again
            if found.distance == 0.0:
                break
        assert found is not None
        reached = found.distance < _REACHED
        tried.append(
            TriedReading(
                candidate.label, candidate.departures, reached, found.distance, proven=False
            )
        )
        if best is None or (found.distance < best[0] and best[0] >= _REACHED):
            best = found.distance, found, candidate
        if candidate.departures == 0 and best[0] < _REACHED:
            break
    assert best is not None
    _, arranged, chosen = best
    back = np.empty_like(values)
    back[order] = arranged.values
    return Joint(back, chosen, _marked(tried, chosen))


def _shuffled(values: FloatArray, group: IntArray, rng: np.random.Generator) -> FloatArray:
    """Each variable in random order inside each group."""
    shuffled = values.copy()
    for each in np.unique(group):
        at = np.flatnonzero(group == each)
        for place in range(values.shape[1]):
            shuffled[at, place] = values[rng.permutation(at), place]
    return shuffled


def _marked(tried: list[TriedReading], chosen: Candidate) -> tuple[TriedReading, ...]:
    return tuple(replace(each, chosen=each.label == chosen.label) for each in tried)
