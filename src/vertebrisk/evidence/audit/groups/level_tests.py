"""Checks of tests of levels: recomputed from the counts, by every test that there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from vertebrisk._types import IntArray
from vertebrisk.evidence.audit.groups.cells import (
    cells_as_quantities,
    count_table,
    sizes_as_quantities,
    tests_as_quantities,
)
from vertebrisk.evidence.audit.groups.counted_levels import Counted, counted_levels
from vertebrisk.evidence.audit.groups.fitting import (
    Rounding,
    crosses,
    meets,
    meets_unsigned,
    named_tests,
)
from vertebrisk.evidence.audit.groups.judging import CHANGES, RowJudge, cut_off, upper
from vertebrisk.evidence.audit.groups.possible_tests import (
    LABELS,
    Result,
    asymptotic_tests,
    exact_tests,
    least_expected,
    occupied,
    one_tail,
)
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import Check, Severity
from vertebrisk.text.messages import joined, say

_ROUNDINGS: tuple[Rounding, ...] = ("rounded", "cut off")
_SMALL = 5.0


def checks(subject: Subject, comparison: Comparison, row: Row) -> Iterator[Check]:
    """The test of a row of levels."""
    counted = counted_levels(subject, row, count_table(comparison, row))
    quantities = (
        *cells_as_quantities(comparison, row, levels=True),
        *sizes_as_quantities(comparison),
        *tests_as_quantities(row),
    )
    named = named_tests(subject, row, numbers=False)
    judge = _Judge(subject, comparison, row, named, quantities)
    if not counted.tables:
        if counted.why:
            yield judge.check("not checkable", counted.why)
        return
    yield judge.verdict(counted)


@dataclass(frozen=True, slots=True)
class _Judge(RowJudge):
    """A row of counts."""

    identity = "test-of-counts"

    def verdict(self, counted: Counted) -> Check:
        """Which test gives the print."""
        if min(occupied(counted.tables[0]).shape) < 2:
            return self._untestable(counted)
        for rounding in _ROUNDINGS:
            found = self._fitting(counted.tables, rounding)
            if found is not None:
                return self._right(*found, rounding)
        pair = self._of_two_groups(counted.tables)
        if pair is not None:
            return pair
        made = list(asymptotic_tests(counted.tables[0]))
        made += exact_tests(counted.tables[0])
        told = self._told(made)
        exact = any(each.test == "fisher" for each in made)
        if (
            not exact
            and counted.certain
            and (least_expected(counted.tables[0]) < _SMALL or "fisher" in self.named.tests)
        ):
            return self.check(
                "not checkable",
                say("{told} The table is too large for Fisher's exact test here.", told=told),
            )
        if self.named.tests and self.named.tests.isdisjoint(LABELS):
            return self.check(
                "not checkable", say("{told} The table names another test.", told=told)
            )
        if not counted.certain and self._explained(counted):
            return self.check("not checkable", told, counted.why)
        if _matched(self.comparison) and not self.named.tests:
            return self.check(
                "not checkable",
                told,
                say("Groups of one size may be matched pairs, tested as such; no test is named."),
            )
        return self._wrong(counted, made, told)

    def _untestable(self, counted: Counted) -> Check:
        p_value = self.row.p_value
        one = p_value is not None and meets(p_value, (1.0, 1.0), "rounded")
        message = say("All patients have one level, so nothing is tested.")
        return self.check("consistent" if one else "not checkable", message)

    def _fitting(
        self, tables: Sequence[IntArray], rounding: Rounding
    ) -> tuple[set[str], set[str]] | None:
        """Tests that give the statistic and tests that give P, of one table."""
        statistic, p_value = self.row.statistic, self.row.p_value
        for table in tables:
            for with_exact in (False, True):
                made = list(asymptotic_tests(table))
                made += exact_tests(table) if with_exact and p_value is not None else []
                by_statistic = {
                    each.test
                    for each in made
                    if statistic is not None
                    and any(meets_unsigned(statistic, (s, s), rounding) for s in each.statistics)
                }
                by_p = {
                    each.test
                    for each in made
                    if p_value is not None
                    and meets(p_value, (each.p_value, each.p_value), rounding)
                }
                exact = {test for test in by_p if test.startswith("fisher")}
                larger = max(table.shape) > 2  # SPSS prints a statistic of Fisher's test there
                if statistic is not None and not by_statistic and not (larger and exact):
                    continue
                if p_value is not None and not by_p:
                    continue
                both = by_statistic & by_p
                return (both, both) if both else (by_statistic, by_p)
        return None

    def _right(self, by_statistic: set[str], by_p: set[str], rounding: Rounding) -> Check:
        tests = by_p or by_statistic
        notes = list(cut_off(rounding))
        if by_statistic and by_p and not by_statistic & by_p:
            notes.append(
                say(
                    "The statistic is of {names}, P of {names_2}.",
                    names=_names(by_statistic),
                    names_2=_names(by_p),
                )
            )
        elif not self.named.allows(tests):
            notes.append(self.not_named(_names(tests), _names(set(self.named.tests))))
        message = say(
            "{upper} of the counts gives {printed}.",
            upper=upper(_names(tests)),
            printed=self.printed,
        )
        return self.check("consistent", message, *notes)

    def _explained(self, counted: Counted) -> bool:
        """True if missing values can explain P and the statistic."""
        if not counted.around:
            return True
        made = [each for table in counted.around for each in _all_tests(table)]
        for test in {each.test for each in made}:
            of = [each for each in made if each.test == test]
            p = [each.p_value for each in of]
            shown = [list(s) for s in zip(*(each.statistics for each in of), strict=False)]
            if meets(self.row.p_value, (min(p), max(p)), "cut off") and (
                not shown
                or any(
                    meets_unsigned(self.row.statistic, (min(s), max(s)), "cut off") for s in shown
                )
            ):
                return True
        return False

    def _of_two_groups(self, tables: Sequence[IntArray]) -> Check | None:
        """With three groups or more, P may compare two of them."""
        groups = self.comparison.groups
        plain = [at for at, group in enumerate(groups) if not group.total]
        if tables[0].shape[1] < 3:
            return None
        for one, other in combinations(range(tables[0].shape[1]), 2):
            found = self._fitting([tables[0][:, [one, other]]], "rounded")
            if found is not None:
                names = say(
                    "{name} and {name_2}",
                    name=groups[plain[one]].name,
                    name_2=groups[plain[other]].name,
                )
                return self.check(
                    "consistent",
                    say(
                        "{upper} gives {printed}.",
                        upper=upper(_names(found[1] or found[0])),
                        printed=self.printed,
                    ),
                    say("It compares {names} only.", names=names),
                )
        return None

    def _told(self, made: Sequence[Result]) -> str:
        """What the commonest tests give."""
        shown: dict[str, str] = {}
        for each in made:
            if each.test in ("pearson", "yates", "fisher", "trend"):
                statistic = f"{each.statistics[0]:.4g}, " if each.statistics else ""
                shown.setdefault(
                    each.test,
                    say(
                        "{label} gives {statistic}P {p_value:.3g}",
                        label=each.label,
                        statistic=statistic,
                        p_value=each.p_value,
                    ),
                )
        sentence = joined(list(shown.values()), "; ")
        return say(
            "{upper}. {upper_2} is printed.", upper=upper(sentence), upper_2=upper(self.printed)
        )

    def _wrong(self, counted: Counted, made: Sequence[Result], told: str) -> Check:
        p_value = self.row.p_value
        severity: Severity = "detail"
        possible = [each.p_value for each in made]
        if p_value is not None and crosses(p_value, self._likeliest(made)):
            severity = "conclusion"
        return self.failed(
            joined([each for each in (told, self._hint(counted, made)) if each], " "),
            (min(possible), max(possible)),
            severity,
            CHANGES[severity],
            say("Ask for the test that was made, and for the counts of the row."),
        )

    def _likeliest(self, made: Sequence[Result]) -> list[float]:
        """P of the tests that give the statistic, or that are named, or else of Pearson's."""
        statistic = self.row.statistic
        given = [
            each.p_value
            for each in made
            if statistic is not None
            and any(meets_unsigned(statistic, (s, s), "rounded") for s in each.statistics)
        ]
        named = [each.p_value for each in made if each.test in self.named.tests]
        return given or named or [each.p_value for each in made if each.test == "pearson"]

    def _hint(self, counted: Counted, made: Sequence[Result]) -> str:
        """Which reading of P, or of the statistic alone, would explain the print."""
        statistic, p_value = self.row.statistic, self.row.p_value
        if statistic is not None and any(
            meets_unsigned(statistic, (s, s), "rounded") for each in made for s in each.statistics
        ):
            return say("The statistic is right, so P is off.") if p_value is not None else ""
        if p_value is None:
            return say("No test of these counts gives the statistic.")
        given = {e.test for e in made if meets(p_value, (e.p_value, e.p_value), "rounded")}
        if given:
            return say("P is that of {names}, so the statistic is off.", names=_names(given))
        tail = one_tail(counted.tables[0])
        if tail is not None and meets(p_value, (tail, tail), "rounded"):
            return say("P is one tail of Fisher's exact test.")
        for factor, name in ((0.5, say("half")), (2.0, say("twice"))):
            given = {
                e.test
                for e in made
                if meets(p_value, (factor * e.p_value, factor * e.p_value), "rounded")
            }
            if given:
                return say("P is {name} that of {names}.", name=name, names=_names(given))
        return say("No test of these counts gives it.")


def _all_tests(table: IntArray) -> list[Result]:
    return [*asymptotic_tests(table), *exact_tests(table)]


def _matched(comparison: Comparison) -> bool:
    """True if the groups are of one size, so that they may be pairs."""
    sizes = {group.n.number for group in comparison.groups if group.n and not group.total}
    return len(sizes) == 1


def _names(tests: set[str]) -> str:
    found = [LABELS[test] for test in LABELS if test in tests]
    return joined(found[:3] or sorted(tests), " or ")
