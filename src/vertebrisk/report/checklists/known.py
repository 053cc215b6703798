"""What a run knows, as the checklists ask for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from vertebrisk._types import Timing
from vertebrisk.cohort.flow import Flow, FlowStep
from vertebrisk.design.design import Design
from vertebrisk.design.factors import Factor
from vertebrisk.design.rules import Expression
from vertebrisk.models.inference import INTERCEPT
from vertebrisk.protocol import Protocol
from vertebrisk.protocol.documents import TIMINGS
from vertebrisk.report.checklists.content import Filled, Place, Status
from vertebrisk.report.citing import uncited
from vertebrisk.report.narrative.methods.candidates import parameters
from vertebrisk.report.narrative.methods.model import selecting
from vertebrisk.report.narrative.narration import Narration
from vertebrisk.report.results.study import StudyFacts, StudyResult
from vertebrisk.report.words import Words

MOST_NAMED = 12
_LAST_LATIN = 0x2E7F  # beyond it scripts have a full stop of their own
_GAPS = re.compile(" {2,}")
LOST = ("outcome-missing", "set-missing", "set-idle", "predictor-missing")


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A result with the words of its language and the keys of the tables of its report."""

    result: StudyResult
    words: Words
    tables: Collection[str]

    @property
    def facts(self) -> StudyFacts:
        """Title page of the study."""
        return self.result.facts

    @property
    def flow(self) -> Flow:
        """Who was read, left and was analysed."""
        return self.result.flow

    @property
    def protocol(self) -> Protocol:
        """What the study said that it would do."""
        return self.result.protocol

    @property
    def codes(self) -> frozenset[str]:
        """Codes of the run's findings."""
        return frozenset(finding.code for finding in self.result.findings)

    def found(self, *codes: str) -> bool:
        """True if the run made a finding of one of these codes."""
        return not self.codes.isdisjoint(codes)

    @property
    def rarer(self) -> int:
        """Events, or patients without where these are fewer; over time always events."""
        flow = self.flow
        binary = self.result.survival is None and self.result.matched is None
        return min(flow.n_events, flow.n - flow.n_events) if binary else flow.n_events

    @property
    def rarer_word(self) -> str:
        """What `rarer` counts."""
        events = self.rarer == self.flow.n_events
        return self.words("fill.of_events" if events else "fill.of_non_events")

    @property
    def told(self) -> Narration:
        """The result as sentences of the report are written from it; they name no table here."""
        return Narration(self.result, {})

    @property
    def parameters(self) -> int:
        """Parameters of all candidates."""
        return parameters(self.told)

    @property
    def events_each(self) -> float | None:
        """Events (or non-events) a candidate parameter; None without a candidate."""
        return self.rarer / self.parameters if self.parameters else None

    @property
    def final(self) -> Design:
        """The predictors that stayed."""
        terms = {row.term for row in self.result.multivariable if row.term != INTERCEPT}
        return self.result.candidates.keep(terms)

    @property
    def numeric(self) -> tuple[Factor, ...]:
        """Factors of the final model that are numbers, however they enter."""
        factors = (factor for term in self.final.terms for factor in term.factors)
        return tuple(factor for factor in factors if factor.kind != "categorical")

    @property
    def steps(self) -> tuple[FlowStep, ...]:
        """Steps by which patients left after they had been found eligible."""
        return tuple(step for step in self.flow.steps if step.kind in LOST and step.removed)

    @property
    def lost(self) -> int:
        """How many left so."""
        return sum(step.removed for step in self.steps)

    def removed(self, kind: str) -> int:
        """How many left by steps of one kind."""
        return sum(step.removed for step in self.flow.steps if step.kind == kind)

    @property
    def sampled(self) -> bool:
        """True where controls were sampled, matched or not."""
        return self.facts.design == "case-control"

    @property
    def corrected(self) -> bool:
        """True where the sampling of controls was corrected for."""
        return self.result.sampling is not None

    @property
    def repeated(self) -> str:
        """What each model of the validation repeats: all steps, or the fit, if that is all."""
        whole = "whole" in self.result.validation.procedure
        imputed = "_imputed" if self.result.imputed is not None else ""
        return self.words(f"fill.{'whole' if whole else 'refitted'}{imputed}")

    @property
    def crossed(self) -> list[str]:
        """Interactions among the candidates, by the labels of their variables."""
        terms = (term for term in self.result.candidates.terms if len(term.factors) > 1)
        return [" × ".join(self.label(name) for name in term.variables) for term in terms]

    @property
    def selection(self) -> str:
        """How the predictors were chosen, as the methods say it."""
        return self.words.joined([uncited(each) for each in selecting(self.told)])

    def label(self, name: str) -> str:
        """Label of a variable, or its name where the protocol does not describe it."""
        variable = self.protocol.variables.get(name)
        return name if variable is None else variable.label.text(self.words.language)

    def labels(self, names: Iterable[str]) -> str:
        """Labels of variables as a sentence lists them, the first of many."""
        return self.listed([self.label(name) for name in dict.fromkeys(names)])

    def listed(self, items: Sequence[str]) -> str:
        """Items as a sentence lists them; of many the first, and how many more there are."""
        more = len(items) - MOST_NAMED
        if more <= 0:
            return self.words.listed(items)
        separator = ", " if self.words.language == "en" else "、"
        return separator.join(items[:MOST_NAMED]) + self.words("fill.and_more", n=more)

    def later_than(self, moment: Timing, names: Iterable[str]) -> list[str]:
        """Variables that the protocol says are known only after a moment."""
        last = TIMINGS.index(moment)
        variables = self.protocol.variables
        return [
            name
            for name in dict.fromkeys(names)
            if name in variables and TIMINGS.index(variables[name].timing) > last
        ]

    @property
    def moment(self) -> Timing:
        """When the model is used."""
        return self.protocol.study.use_at

    def rule_names(self, rules: Iterable[str]) -> set[str]:
        """Variables of rules, with those that derived ones are made of."""
        return self._made_of({name for rule in rules for name in Expression.parse(rule).names})

    def _made_of(self, names: Iterable[str]) -> set[str]:
        variables, found, waiting = self.protocol.variables, set[str](), list(names)
        while waiting:
            name = waiting.pop()
            derived = variables[name].derive if name in variables else None
            if derived is not None and name not in found:
                waiting += Expression.parse(derived).names
            found.add(name)
        return found

    @property
    def shared(self) -> list[str]:
        """Predictors of the final model from which the outcome is made, too."""
        deciding = self._made_of(self.protocol.outcome_names)
        return [name for name in self.final.variables if self._made_of([name]) & deciding]

    def at(self, *places: Place) -> tuple[Place, ...]:
        """Places of the report; a table that it has not is left out."""
        return tuple(each for each in places if each.kind != "table" or each.key in self.tables)

    def say(self, status: Status, key: str, *places: Place, **values: object) -> Filled:
        """What the run says to an item, by the key of its sentence."""
        return self.filled(status, [self.words(f"fill.{key}", **values)], *places)

    def filled(self, status: Status, sentences: Sequence[str], *places: Place) -> Filled:
        """Sentences said to an item, without the gaps of parts that are not there."""
        text = _GAPS.sub(" ", self.words.joined(sentences)).strip()
        return Filled(status, text, self.at(*places))

    @property
    def open(self) -> Filled:
        """An item that only the authors can fill."""
        return self.say("authors", "open")


def sentence(text: str) -> str:
    """A text of the protocol with the full stop that it may lack."""
    if not text or text.endswith((".", "。", "!", "?", "！", "？")):
        return text
    return text + ("。" if ord(text[-1]) > _LAST_LATIN else ".")


def section(key: str) -> Place:
    """A section of the report."""
    return Place("section", key)


def table(key: str) -> Place:
    """A table of the report."""
    return Place("table", key)


def figure(key: str) -> Place:
    """A figure of the report."""
    return Place("figure", key)


def file(name: str) -> Place:
    """A file of the run's folder."""
    return Place("file", name)
