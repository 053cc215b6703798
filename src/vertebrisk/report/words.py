"""Sentences of the report, in English and Chinese, with places for the numbers.

The short words live in `vertebrisk.text.catalogue`; a `Words` object finds both, in the
language of one report. Sentences speak of association and prediction, never of cause.

A text that depends on the kind of model has variants: ``or_ci`` is the odds ratio of a
logistic model, ``or_ci@cox`` the hazard ratio of a Cox model, and ``key@survival`` serves
every model of time to event; ``key@conditional`` that of matched sets. So has a text that
depends on how the model was validated: ``key@632`` by that method, ``key@folds`` by leaving
patients out, ``key@other`` by any but the optimism bootstrap. A key may name both, the model
first. In such variants ``{scheme}`` is the method's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vertebrisk._types import Language, RegressionKind, ValidationMethod
from vertebrisk.report.sentences import SENTENCES
from vertebrisk.text.catalogue import known, word
from vertebrisk.text.journals import JOURNALS, TO, Journal
from vertebrisk.text.numbers import MINUS, Numbers
from vertebrisk.validation.summary import BOOTSTRAPS

if TYPE_CHECKING:
    from vertebrisk.report.results.study import StudyResult

_SMOOTHERS = (
    "smoother.loess",
    "smoother.lowess",
    "smoother.spline",
    "smoother.cox",
    "smoother.fine-gray",
)


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language: ``words("events")``, ``words("summary.size", n=268)``."""

    language: Language
    model: RegressionKind = "logistic"
    method: ValidationMethod = "optimism-bootstrap"
    journal: Journal = "default"

    @classmethod
    def of(cls, result: StudyResult) -> Words:
        """The words of one study's report."""
        facts, found = result.facts, result.validation
        return cls(facts.language, facts.model, found.method, facts.journal)

    @property
    def numbers(self) -> Numbers:
        """The formatter of the report's numbers: style of the journal, typeset minus sign."""
        return Numbers(JOURNALS[self.journal], MINUS, TO if self.language == "en" else " 至 ")

    @property
    def plain_numbers(self) -> Numbers:
        """The same with the hyphen of plain text, for the terminal."""
        return replace(self.numbers, minus="-")

    def __call__(self, key: str, **values: object) -> str:
        """Text of this key, in its variant for the model, with its places filled."""
        chosen = next((each for each in self._variants(key) if _exists(each)), key)
        if known(chosen):
            return word(chosen, self.language)
        english, chinese = SENTENCES[chosen]
        if self.method != "optimism-bootstrap":
            values = {"scheme": self.scheme, **values}
        return (english if self.language == "en" else chinese).format(**values)

    @property
    def scheme(self) -> str:
        """Name of the method of validation, as it stands in a sentence."""
        english, chinese = SENTENCES[f"scheme.{self.method}"]
        return english if self.language == "en" else chinese

    def _variants(self, key: str) -> tuple[str, ...]:
        models, methods = self._models(), self._methods()
        both = [f"{key}{model}{method}" for model in models for method in methods]
        return (*both, *(f"{key}{each}" for each in (*methods, *models)))

    def _models(self) -> tuple[str, ...]:
        if self.model == "logistic":
            return ()
        return ("@conditional",) if self.model == "conditional" else (f"@{self.model}", "@survival")

    def _methods(self) -> tuple[str, ...]:
        if self.method == "optimism-bootstrap":
            return ()
        folds = () if self.method in BOOTSTRAPS else ("@folds",)
        return f"@{self.method}", *folds, "@other"

    def has(self, key: str) -> bool:
        """True if there is a text of this key."""
        return _exists(key) or any(_exists(each) for each in self._variants(key))

    def or_plain(self, key: str, plain: str) -> str:
        """Text of this key, or `plain` where the catalogue has none."""
        return self(key) if self.has(key) else plain

    def smoother(self, name: str) -> str:
        """A smoother's name in this language; as it is where there is no other."""
        knots = re.search(r"\((\d+) knots\)", name)
        count = knots[1] if knots else ""
        for key in _SMOOTHERS:
            english, chinese = SENTENCES[key]
            if english.replace("{knots}", count) == name:
                return name if self.language == "en" else chinese.replace("{knots}", count)
        return name

    def listed(self, items: Sequence[str]) -> str:
        """Items joined as a sentence joins them."""
        if self.language == "zh":
            return "、".join(items)
        if len(items) < 3:
            return " and ".join(items)
        return f"{', '.join(items[:-1])} and {items[-1]}"

    def separated(self, items: Sequence[str]) -> str:
        """Items with commas of their own, kept apart."""
        return ("；" if self.language == "zh" else "; ").join(items)

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences put one after another."""
        return self.space.join(sentence for sentence in sentences if sentence)

    @property
    def space(self) -> str:
        """What stands between two sentences, or a number and its unit."""
        return " " if self.language == "en" else ""

    def mean_sd(self) -> str:
        """What a mean with its SD is headed, in the form of the journal."""
        form = self.numbers.style.mean_sd
        return self._set(form.format(mean=self("part.mean"), sd=self("part.sd")))

    def median_iqr(self) -> str:
        """What a median with its quartiles is headed, in the form of the journal."""
        form = self.numbers.style.median_iqr
        return self._set(form.format(median=self("part.median"), limits=self("part.iqr")))

    def _set(self, form: str) -> str:
        return form if self.language == "en" else form.replace(" ", "")

    def duration(self, unit: str) -> str:
        """A unit of time as this language writes it after a number."""
        return self.or_plain(f"time.{unit}", unit)

    def time(self, time: float, unit: str) -> str:
        """A time with its unit: ``12 months``; the number alone where there is no unit."""
        return self.joined([f"{time:g}", self.duration(unit)])

    def bracketed(self, inside: str) -> str:
        """Brackets of the language, with the space that English puts before them."""
        return f"（{inside}）" if self.language == "zh" else f" ({inside})"


def _exists(key: str) -> bool:
    return known(key) or key in SENTENCES
