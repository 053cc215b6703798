"""One answer: what, why, and where in the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from vertebrisk._types import Json, Language
from vertebrisk.evidence.appraisal.questions import BY_NUMBER, Question
from vertebrisk.evidence.methods import YesNo
from vertebrisk.text.messages import said

Reply: TypeAlias = Literal["Y", "PY", "PN", "N", "NI", "NA"]

REPLIES: tuple[Reply, ...] = get_args(Reply)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one signalling question.

    Attributes
    ----------
    question : str
        PROBAST's number, such as ``4.1``.
    answer : {"Y", "PY", "PN", "N", "NI", "NA"}
        Yes, probably yes, probably no, no, no information, not applicable.
    reason : str
        What of the file it follows from, in one or two sentences.
    places : tuple of str
        Where in the paper that stands.
    """

    question: str
    answer: Reply
    reason: str
    places: tuple[str, ...] = ()

    @property
    def asked(self) -> Question:
        """The question itself, of PROBAST 2019."""
        return BY_NUMBER[self.question]

    @property
    def domain(self) -> int:
        """The number of its domain."""
        return int(self.question[0])

    @property
    def good(self) -> bool:
        """True for yes and probably yes."""
        return self.answer in ("Y", "PY")

    @property
    def bad(self) -> bool:
        """True for no and probably no."""
        return self.answer in ("N", "PN")

    def said(self, language: Language) -> Answer:
        """The answer with its reason in this language."""
        return replace(self, reason=said(self.reason, language))

    def to_dict(self) -> Json:
        """JSON form, with the question's words."""
        return {
            "question": self.question,
            "words": {"en": self.asked.en, "zh": self.asked.zh},
            "answer": self.answer,
            "reason": self.reason,
            "places": list(self.places),
        }


def told(question: str, fact: YesNo | None, yes: str, no: str, silent: str) -> Answer:
    """The answer to a question that the paper itself answers with yes or no."""
    if fact is None:
        return Answer(question, "NI", silent)
    return Answer(question, "Y" if fact.value else "N", yes if fact.value else no, (fact.place,))
