"""Which candidates a plan keeps, and what it says of those that it keeps."""

from __future__ import annotations

from collections.abc import Sequence

from vertebrisk._checks import listed
from vertebrisk.cohort import Cohort
from vertebrisk.protocol import Protocol
from vertebrisk.study.planning.editing import Change
from vertebrisk.study.planning.facts import (
    RARE_COUNT,
    RARE_SHARE,
    CandidateFacts,
    plain_facts,
)
from vertebrisk.study.planning.results import Proposal
from vertebrisk.text.messages import joined, say
from vertebrisk.text.phrases import term
from vertebrisk.text.plurals import agreeing, counted

MOSTLY_MISSING = 0.5
_OFTEN_MISSING = 0.2
_CUT = say(
    "Cutting loses information and invents a step at the cut-point (Royston et "
    "al. 2006, doi:10.1002/sim.2331)."
)


def kept_candidates(
    facts: Sequence[CandidateFacts], protocol: Protocol, cohort: Cohort
) -> tuple[tuple[CandidateFacts, ...], list[Proposal]]:
    """Candidates without constants, without those mostly missing, and with numbers uncut.

    Where none would be left, all stay as they are.
    """
    gone = _out(facts)
    replaced = {
        each.text: each.cut_from for each in facts if each.cut_from and each.text not in gone
    }
    kept: dict[str, CandidateFacts] = {}
    for each in facts:
        if each.text in gone:
            continue
        source = replaced.get(each.text)
        now = each if source is None else _measured(source, facts, protocol, cohort)
        if not _out([now]):
            kept.setdefault(now.text, now)
        else:
            replaced.pop(each.text, None)
            kept.setdefault(each.text, each)
    if not kept:
        return tuple(facts), [_nothing_left(len(facts))]
    proposals = [Proposal(code, message, reason) for code, message, reason in gone.values()]
    proposals += [_uncut(cut, source) for cut, source in replaced.items() if source]
    if tuple(kept) != protocol.candidates:
        proposals = [_carried_out(proposals, tuple(kept)), *proposals]
    chosen = tuple(kept.values())
    return chosen, [*proposals, *(_cut_for_person(each) for each in chosen if each.cut)]


def rare_levels(kept: Sequence[CandidateFacts]) -> list[Proposal]:
    """Levels that few patients have, for a person to merge."""
    return [
        Proposal(
            "rare-level",
            say(
                "'{text}': {levels}. Merge with the level that is nearest in meaning, in "
                "'codes' of the codebook, or leave the candidate out.",
                text=each.text,
                levels=_levels(each.rare),
            ),
            say(
                "A level with fewer than {rare_count} patients, or {rare_share:.0%}, has no "
                "coefficient that anyone could trust, and is lost in some resamples.",
                rare_count=RARE_COUNT,
                rare_share=RARE_SHARE,
            ),
        )
        for each in kept
        if each.rare
    ]


def first_to_go(kept: Sequence[CandidateFacts]) -> str:
    """Candidates with what speaks against each, the outcome aside."""
    against = {each.text: _against(each) for each in kept}
    named = [
        say("'{name}' ({reasons})", name=name, reasons=joined(why))
        for name, why in against.items()
        if why
    ]
    if not named:
        return ""
    return say(" What speaks against some, the outcome aside: {named}.", named=listed(named))


def _out(facts: Sequence[CandidateFacts]) -> dict[str, tuple[str, str, str]]:
    """Candidates that leave: code, message and reason of each."""
    out: dict[str, tuple[str, str, str]] = {}
    for each in facts:
        if each.constant:
            out[each.text] = (
                "constant-predictor",
                say("'{text}' has one value only and leaves the candidates.", text=each.text),
                say("What is the same in all patients tells none apart."),
            )
        elif each.missing > MOSTLY_MISSING:
            out[each.text] = (
                "missing-values",
                say(
                    "'{text}' is missing in {share:.0%} of rows and leaves the candidates.",
                    text=each.text,
                    share=each.missing,
                ),
                say(
                    "Imputed values would outnumber the measured ones, and whoever uses the model "
                    "would seldom have it at hand."
                ),
            )
    return out


def _measured(
    source: str, facts: Sequence[CandidateFacts], protocol: Protocol, cohort: Cohort
) -> CandidateFacts:
    present = {each.text: each for each in facts}
    return present.get(source) or plain_facts(source, protocol, cohort)


def _uncut(cut: str, source: str) -> Proposal:
    return Proposal(
        "dichotomised-predictor",
        say(
            "'{cut}' cuts '{source}' into groups; '{source}' itself takes its place.",
            cut=cut,
            source=source,
        ),
        _CUT,
    )


def _cut_for_person(each: CandidateFacts) -> Proposal:
    return Proposal(
        "dichotomised-predictor",
        say(
            "'{text}' is a number cut into groups, and the number is not described as "
            "one that the model may read. Describe it in the codebook and enter it as "
            "measured.",
            text=each.text,
        ),
        _CUT,
    )


def _nothing_left(count: int) -> Proposal:
    return Proposal(
        "no-candidate",
        say(
            "None of the {candidates} varies and is known in half of the rows; the "
            "protocol keeps them as they are. Complete the data from the records first.",
            candidates=counted(count, "candidate"),
        ),
        say("A model needs a predictor that is known."),
    )


def _carried_out(proposals: Sequence[Proposal], names: tuple[str, ...]) -> Proposal:
    return Proposal(
        "candidates",
        say(
            "{candidates} {are} listed by name.",
            candidates=counted(len(names), "candidate"),
            are=agreeing(len(names), "is", "are"),
        ),
        say("Candidates are fixed before the outcome is looked at."),
        Change(
            "analysis",
            "candidates",
            list(names),
            " ".join(f"{each.message} {each.reason}" for each in proposals),
        ),
    )


def _levels(rare: Sequence[tuple[str, int]]) -> str:
    parts = [
        say("'{level}' has {patients}", level=level, patients=counted(n, "patient"))
        for level, n in rare
    ]
    return listed(parts, 5)


def _against(each: CandidateFacts) -> list[str]:
    why: list[str] = []
    if each.timing != "preoperative":
        why.append(
            say("{timing}, so unknown when the operation is planned", timing=term(each.timing))
        )
    if each.missing > _OFTEN_MISSING:
        why.append(say("missing in {share:.0%}", share=each.missing))
    if each.rare:
        why.append(counted(len(each.rare), "rare level"))
    if each.cut:
        why.append(say("a number cut into groups"))
    return why
