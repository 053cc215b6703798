"""What text and page of an audit share: one part a paper, checks by kind, reasons, notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from vertebrisk.evidence.audit.values import (
    Audit,
    Check,
    Quantity,
    Repair,
    Severity,
    Verdict,
)
from vertebrisk.findings import Finding, by_severity
from vertebrisk.findings import Severity as FindingSeverity
from vertebrisk.report.words import Words

ENGLISH = Words("en")
_FIELDS = {"estimate": "B", "std_error": "SE", "wald": "Wald", "p_value": "P"}


@dataclass(frozen=True, slots=True)
class Kind:
    """All checks of one id, counted."""

    id: str
    made: int
    consistent: int
    inconsistent: int
    not_checkable: int


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence that is true of several checks: a note, or why something is not checkable."""

    text: str
    checks: tuple[Check, ...]
    words: Words = ENGLISH

    @property
    def ids(self) -> tuple[str, ...]:
        """Kinds of the checks, each once."""
        return tuple(dict.fromkeys(check.id for check in self.checks))

    @property
    def where(self) -> tuple[str, ...]:
        """What the checks are about, each once, behind their places."""
        places: dict[str, dict[str, None]] = {}
        for check in self.checks:
            places.setdefault(check.place, {})[check.about] = None
        comma, colon = (", ", ": ") if self.words.language == "en" else ("、", "：")
        return tuple(
            colon.join(each for each in (place, comma.join(abouts)) if each)
            for place, abouts in places.items()
        )


@dataclass(frozen=True, slots=True)
class Part:
    """The checks of one paper, or those across several, which have no title."""

    name: str
    title: str
    checks: tuple[Check, ...]
    words: Words = ENGLISH

    @property
    def headline(self) -> str:
        """How many checks there are, and how many of them failed."""
        return headline(self.name, self.checks, self.words)

    @property
    def counts(self) -> Counter[Verdict]:
        """Number of checks of each verdict."""
        return Counter(check.verdict for check in self.checks)

    @property
    def inconsistent(self) -> tuple[Check, ...]:
        """Checks that failed, the gravest first."""
        return _of(self.checks, "inconsistent")

    @property
    def notes(self) -> tuple[Told, ...]:
        """Notes of checks that did not fail; those of failed ones stand beside them."""
        passed = [check for check in self.checks if check.verdict != "inconsistent"]
        return self._gathered((note, check) for check in passed for note in check.notes)

    @property
    def reasons(self) -> tuple[Told, ...]:
        """Why checks could not be made, the most frequent reason first."""
        unknown = _of(self.checks, "not checkable")
        reasons = self._gathered((check.message, check) for check in unknown)
        return tuple(sorted(reasons, key=lambda reason: -len(reason.checks)))

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Checks counted by id, in alphabetical order."""
        ids = sorted({check.id for check in self.checks})
        return tuple(_kind(name, self.checks) for name in ids)

    @property
    def severities(self) -> dict[Severity, int]:
        """Number of failed checks of each severity that occurs, the gravest first."""
        return dict(Counter(check.severity for check in self.inconsistent))

    def _gathered(self, pairs: Iterable[tuple[str, Check]]) -> tuple[Told, ...]:
        found: dict[str, list[Check]] = {}
        for text, check in pairs:
            found.setdefault(text, []).append(check)
        return tuple(Told(text, tuple(checks), self.words) for text, checks in found.items())


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found while a table was read: messages that have one remedy."""

    severity: FindingSeverity
    messages: tuple[str, ...]
    remedy: str


def remarks_of(reading: Sequence[Finding]) -> tuple[Remark, ...]:
    """Findings of one kind and remedy together, the gravest first."""
    found: dict[tuple[FindingSeverity, str, str], list[str]] = {}
    for each in by_severity(reading):
        found.setdefault((each.severity, each.code, each.remedy), []).append(each.message)
    return tuple(
        Remark(severity, tuple(messages), remedy)
        for (severity, _, remedy), messages in found.items()
    )


def parts_of(audit: Audit, words: Words = ENGLISH) -> tuple[Part, ...]:
    """One part a paper, then the checks across papers, if there are any."""
    if len(audit.papers) == 1:
        return (Part(audit.papers[0], audit.titles[0], audit.checks, words),)
    parts = tuple(
        Part(paper, title, tuple(check for check in audit.checks if check.paper == paper), words)
        for paper, title in zip(audit.papers, audit.titles, strict=True)
    )
    across = tuple(check for check in audit.checks if check.paper not in audit.papers)
    return (*parts, Part(words("audit.across"), "", across, words)) if across else parts


def headline(name: str, checks: Sequence[Check], words: Words = ENGLISH) -> str:
    """``li2021: 7 of 212 checks inconsistent, 31 not checkable``."""
    if not checks:
        return words("audit.nothing", name=name)
    failed, unknown = len(_of(checks, "inconsistent")), len(_of(checks, "not checkable"))
    counted = "audit.headline.check" if len(checks) == 1 else "audit.headline.checks"
    return words(
        "audit.headline.failed" if failed else "audit.headline.passed",
        name=name,
        failed=failed,
        checks=words(counted, n=len(checks)),
        rest=words("audit.headline.rest", n=unknown) if unknown else "",
    )


def subject_line(check: Check, words: Words = ENGLISH) -> str:
    """Where a check stands and what it is about."""
    comma = ", " if words.language == "en" else "，"
    return comma.join(each for each in (words.separated(_places(check)), check.about) if each)


def printed_line(check: Check, words: Words = ENGLISH) -> str:
    """The printed numbers of a check; places are named where they are not all the check's own."""
    own = _places(check)
    here = {"", *own, *(f"{place}, {check.about}" for place in own)} if len(own) == 1 else {""}
    return words.separated(
        [
            words.separated([_quoted(each, words) for each in group])
            + (f" [{place}]" if place not in here else "")
            for place, group in groupby(check.quantities, key=lambda each: each.place)
        ]
    )


def _places(check: Check) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for place in check.place.split("; ") if place))


def _quoted(quantity: Quantity, words: Words) -> str:
    """Name and print; a sentence in quotes."""
    whole = sum(word.isalpha() and len(word) > 1 for word in quantity.text.split()) > 2
    if whole:
        return words("audit.quoted", name=quantity.name, text=quantity.text)
    return f"{quantity.name} {quantity.text}"


def repair_line(repair: Repair, words: Words = ENGLISH) -> str:
    """The repaired value, what it replaces, and all that the other numbers allow."""
    numbers = words.plain_numbers
    return words(
        "audit.repair",
        field=_FIELDS.get(repair.field, repair.field.replace("_", " ")),
        repaired=repair.repaired,
        printed=repair.printed,
        allowed=numbers.joined(
            numbers.significant(repair.low, 6), numbers.significant(repair.high, 6)
        ),
    )


def _of(checks: Sequence[Check], verdict: Verdict) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.verdict == verdict)


def _kind(name: str, checks: Sequence[Check]) -> Kind:
    own = [check for check in checks if check.id == name]
    verdicts = Counter(check.verdict for check in own)
    return Kind(
        name,
        len(own),
        verdicts["consistent"],
        verdicts["inconsistent"],
        verdicts["not checkable"],
    )
