"""Checks of t tests and analyses of variance: recomputed from means, SDs and sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from vertebrisk.evidence.audit.groups.cells import (
    cell_of,
    cells_as_quantities,
    known_of,
    plain_groups,
    sizes_as_quantities,
    tests_as_quantities,
    whole,
)
from vertebrisk.evidence.audit.groups.fitting import (
    NUMBERS,
    RANKS,
    Range,
    Rounding,
    crosses,
    least_known,
    meets,
    meets_unsigned,
    named_tests,
    of_statistic,
)
from vertebrisk.evidence.audit.groups.judging import CHANGES, RowJudge, cut_off, ends, upper
from vertebrisk.evidence.audit.groups.possible_moments import LABELS, Box, Kind, Possible, possible
from vertebrisk.evidence.audit.groups.ranks import greatest_p_value
from vertebrisk.evidence.audit.subject import Comparison, Row, Subject
from vertebrisk.evidence.audit.values import Check, Severity
from vertebrisk.evidence.printed import Printed
from vertebrisk.text.messages import joined, say

_ROUNDINGS: tuple[Rounding, ...] = ("rounded", "cut off")
_MOST_GROUPS = 8
_THINNED = 5
_MOST_SIZES = 700
# So much less than another, a spread that gives P as a standard error is one.
_APART = 3.0
_TELLING = 0.01
# P so much greater than the greatest that normal tails give, no exact or corrected test has.
_FAR = 3.0
_SPREADS = {"sd": say("standard deviations"), "se": say("standard errors")}


def checks(subject: Subject, comparison: Comparison, row: Row) -> Iterator[Check]:
    """The test of a row of means."""
    moments = _moments(comparison, row)
    quantities = (
        *cells_as_quantities(comparison, row, "mean", "sd", "missing", "sizes"),
        *sizes_as_quantities(comparison),
        *tests_as_quantities(row),
    )
    named = named_tests(subject, row, numbers=True)
    judge = _Judge(subject, comparison, row, named, quantities)
    if isinstance(moments, str):
        yield judge.check("not checkable", moments)
    elif moments:
        yield judge.verdict(moments)


@dataclass(frozen=True, slots=True)
class _Group:
    """One group as printed. `told` says that the row itself gives the number."""

    name: str
    n: int
    told: bool
    mean: Printed
    sd: Printed

    def box(self, n: int, rounding: Rounding, *, errors: bool) -> Box:
        """All that rounds to it, its spread read as an SD or as a standard error."""
        mean, sd = (
            each.interval if rounding == "rounded" else each.cut_off
            for each in (self.mean, self.sd)
        )
        scale = n**0.5 if errors else 1.0
        return Box(n, mean, (max(sd[0], 0.0) * scale, max(sd[1], 0.0) * scale))


def _moments(comparison: Comparison, row: Row) -> list[_Group] | str:
    """Every group but that of all; why not, where something is not printed."""
    known = known_of(comparison, row)
    found = []
    for at in plain_groups(comparison):
        mean, sd = cell_of(row.mean, at), cell_of(row.sd, at)
        size = whole(comparison.groups[at].n)
        n = known[at] if known[at] is not None else size
        if mean is None or sd is None or mean.bound or sd.bound:
            return say("A mean or its spread is not printed.")
        if n is None:
            return say("The size of a group is not printed.")
        if n < 2 or sd.number < 0:
            return say("A test needs two patients a group, and a spread that is not negative.")
        if max(abs(mean.value), sd.value) > 1e12:
            return say("The numbers are too large to be of patients.")
        found.append(_Group(comparison.groups[at].name, n, known[at] is not None, mean, sd))
    return found if 2 <= len(found) <= _MOST_GROUPS else []


@dataclass(frozen=True, slots=True)
class _Judge(RowJudge):
    """A row of means."""

    identity = "test-of-means"

    def verdict(self, groups: list[_Group]) -> Check:
        """Which test gives the print, with all patients, or with some of them."""
        sizes = [group.n for group in groups]
        errors = [self.row.spread == "se"] * len(groups)
        for rounding in _ROUNDINGS:
            found = self._fitting(groups, sizes, errors, rounding)
            if found:
                return self._right(groups, found, rounding)
        two = self._of_two_groups(groups, errors)
        if two is not None:
            return two
        made = [self._possible(groups, sizes, errors, kind, "rounded") for kind in _kinds(groups)]
        found_tests = [each for each in made if each is not None]
        told = self._told(found_tests)
        if self._one_apart(groups) and self._other_spread(groups, errors):
            return self._wrong(groups, errors, found_tests, told)
        if self.comparison.missing_told or self._by_missing(groups, errors):
            return self.check(
                "not checkable", told,
                say('It can be right if values are missing; how many is not printed.'),
            )  # fmt: skip
        reason = self._another(groups)
        if reason:
            return self.check("not checkable", told, reason)
        return self._wrong(groups, errors, found_tests, told)

    def _possible(
        self, groups: Sequence[_Group], sizes: Sequence[int], errors: Sequence[bool],
        kind: Kind, rounding: Rounding,
    ) -> Possible | None:  # fmt: skip
        return possible(
            kind,
            [
                group.box(n, rounding, errors=error)
                for group, n, error in zip(groups, sizes, errors, strict=True)
            ],
        )

    def _fitting(
        self, groups: Sequence[_Group], sizes: Sequence[int], errors: Sequence[bool],
        rounding: Rounding,
    ) -> list[Kind]:  # fmt: skip
        """Tests that give both the statistic and P."""
        found: list[Kind] = []
        for kind in _kinds(groups):
            made = self._possible(groups, sizes, errors, kind, rounding)
            if (
                made is not None
                and self._statistic_fits(made, rounding)
                and meets(self.row.p_value, made.p_value, rounding)
            ):
                found.append(kind)
        return found

    def _statistic_fits(self, made: Possible, rounding: Rounding) -> bool:
        low, high = (float(end) for end in made.statistic)
        squared = low * low, high * high  # infinite where an SD may be zero
        return meets_unsigned(self.row.statistic, made.statistic, rounding) or (
            made.kind in ("student", "welch") and meets(self.row.statistic, squared, rounding)
        )

    def _right(self, groups: Sequence[_Group], kinds: Sequence[Kind], rounding: Rounding) -> Check:
        notes = list(cut_off(rounding))
        names = joined([LABELS[kind] for kind in kinds], " or ")
        if not self.named.allows(set(kinds)):
            notes.append(self.not_named(names, joined(sorted(self.named.tests), " or ")))
        return self.check(
            "consistent",
            say("{upper} gives {printed}.", upper=upper(names), printed=self.printed),
            *notes,
        )

    def _of_two_groups(self, groups: Sequence[_Group], errors: Sequence[bool]) -> Check | None:
        """With three groups or more, P may compare two of them."""
        if len(groups) < 3:
            return None
        for one, other in combinations(range(len(groups)), 2):
            pair = [groups[one], groups[other]]
            kinds = self._fitting(
                pair, [group.n for group in pair], [errors[one], errors[other]], "rounded"
            )
            if kinds:
                return self.check(
                    "consistent",
                    say(
                        "{upper} gives {printed}.",
                        upper=upper(LABELS[kinds[0]]),
                        printed=self.printed,
                    ),
                    say(
                        "It compares {name} and {name_2} only.",
                        name=pair[0].name,
                        name_2=pair[1].name,
                    ),
                )
        return None

    def _one_apart(self, groups: Sequence[_Group]) -> bool:
        """True if one spread is far less than another, and the print tells tests apart."""
        spreads = [group.sd.value for group in groups]
        p_value = self.row.p_value
        tells = p_value is not None and not p_value.bound and p_value.value >= _TELLING
        return max(spreads) > _APART * min(spreads) and (tells or self.row.statistic is not None)

    def _by_missing(self, groups: Sequence[_Group], errors: Sequence[bool]) -> bool:
        """True if fewer patients, as missing values leave them, can give the print."""
        study = self.subject.study
        told = study.methods.missing if study is not None else None
        if told is not None and told.value == "complete":
            return False
        options = [
            [group.n] if group.told else _thinned(least_known(group.n), group.n)
            for group in groups
        ]  # fmt: skip
        if all(len(each) == 1 for each in options):
            return False
        if np.prod([len(each) for each in options]) > _MOST_SIZES:
            options = [[each[0], each[-1]] for each in options]
        for kind in _kinds(groups):
            reached = [
                made for sizes in product(*options)
                if (made := self._possible(groups, sizes, errors, kind, "cut off")) is not None
            ]  # fmt: skip
            statistic = _span([each.statistic for each in reached])
            hull = Possible(kind, statistic, _span([each.p_value for each in reached]))
            if self._statistic_fits(hull, "cut off") and meets(
                self.row.p_value, hull.p_value, "cut off"
            ):
                return True
        return False

    def _another(self, groups: Sequence[_Group]) -> str:
        """Why another test than those of means may have been made; empty if it cannot."""
        if self.named.tests & RANKS:
            return say("A test of ranks may have been made, which means and SDs do not give.")
        if self.named.tests & NUMBERS:
            return ""
        if self.named.tests:
            return say("The test that is named cannot be recomputed from means and SDs.")
        statistic, p_value = self.row.statistic, self.row.p_value
        if statistic is not None and p_value is not None and not statistic.bound:
            n = sum(group.n for group in groups)
            least = min(group.n for group in groups)
            df = float(max(least - 1, 1)), float(n - len(groups))
            if not of_statistic(statistic, p_value, df, len(groups)):
                return ""
        if p_value is not None and not p_value.bound:
            errors = self.row.spread == "se"
            most = greatest_p_value(
                [group.box(group.n, "cut off", errors=errors) for group in groups]
            )
            if p_value.interval[0] > _FAR * most:
                return ""
        return say("No test is named; one of ranks, or of pairs, may have been made.")

    def _told(self, made: Sequence[Possible]) -> str:
        shown = [
            say(
                "{label} gives {ends}, P {ends_2}",
                label=each.label,
                ends=ends(each.statistic),
                ends_2=ends(each.p_value),
            )
            for each in made
        ]
        return say(
            "{upper}. {upper_2} is printed.",
            upper=upper(joined(shown, "; ")),
            upper_2=upper(self.printed),
        )

    def _wrong(
        self, groups: Sequence[_Group], errors: Sequence[bool], made: Sequence[Possible], told: str
    ) -> Check:
        other = self._other_spread(groups, errors)
        p_value = self.row.p_value
        allowed = _span([each.p_value for each in made])
        severity: Severity = "detail"
        if p_value is not None and not other and crosses(p_value, list(allowed)):
            severity = "conclusion"
        hint = other or self._hint(made)
        return self.failed(
            joined([each for each in (told, hint) if each], " "),
            allowed,
            severity,
            changes=say("How much patients differ from each other.")
            if other
            else CHANGES[severity],
            resolve=say("Ask which of the two it is.")
            if other
            else say("Ask for the test that was made, and for means, SDs and numbers of the row."),
            identity="se-as-sd" if other else "",
            failure="wording" if other else "irreconcilable",
        )

    def _other_spread(self, groups: Sequence[_Group], errors: Sequence[bool]) -> str:
        """What is said if SDs read as errors (or errors as SDs) give the print exactly."""
        sizes = [group.n for group in groups]
        for turned in product((True, False), repeat=len(groups)):
            read = [error != turn for error, turn in zip(errors, turned, strict=True)]
            if any(turned) and self._fitting(groups, sizes, read, "rounded"):
                names = [group.name for group, turn in zip(groups, turned, strict=True) if turn]
                spread = _SPREADS["se" if self.row.spread == "sd" else "sd"]
                whom = "" if all(turned) else say(" of {listed}", listed=joined(names))
                return say(
                    "With the spreads{whom} read as {spread}, all agree.", whom=whom, spread=spread
                )
        return ""

    def _hint(self, made: Sequence[Possible]) -> str:
        """Which reading of P, or of the statistic alone, would explain the print."""
        p_value = self.row.p_value
        if self.row.statistic is not None and any(
            self._statistic_fits(each, "rounded") for each in made
        ):
            return say("The statistic is right, so P is off.") if p_value is not None else ""
        if p_value is None:
            return say("No test of these means gives the statistic.")
        if any(meets(p_value, each.p_value, "rounded") for each in made):
            return say("P is right, so the statistic is off.")
        for factor, name in ((0.5, say("half")), (2.0, say("twice"))):
            for each in made:
                scaled = factor * each.p_value[0], factor * each.p_value[1]
                if meets(p_value, scaled, "rounded"):
                    return say("P is {name} that of {label}.", name=name, label=each.label)
        return say("No test of these means gives it.")


def _kinds(groups: Sequence[_Group]) -> tuple[Kind, ...]:
    return ("student", "welch") if len(groups) == 2 else ("anova", "welch-anova")


def _thinned(low: int, high: int) -> list[int]:
    return sorted({round(each) for each in np.linspace(min(low, high), high, _THINNED)})


def _span(ranges: Sequence[Range]) -> Range:
    return min(low for low, _ in ranges), max(high for _, high in ranges)
