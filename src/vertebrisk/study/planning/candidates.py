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
from vertebrisk.text.plurals import agreeing, counted

MOSTLY_MISSING = 0.5
_OFTEN_MISSING = 0.2
_CUT = (
    "Cutting loses information and invents a step at the cut-point (Royston et al. 2006, "
    "doi:10.1002/sim.2331)."
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
            f"'{each.text}': {_levels(each.rare)}. Merge with the level that is nearest in "
            "meaning, in 'codes' of the codebook, or leave the candidate out.",
            f"A level with fewer than {RARE_COUNT} patients, or {RARE_SHARE:.0%}, has no "
            "coefficient that anyone could trust, and is lost in some resamples.",
        )
        for each in kept
        if each.rare
    ]


def first_to_go(kept: Sequence[CandidateFacts]) -> str:
    """Candidates with what speaks against each, the outcome aside."""
    against = {each.text: _against(each) for each in kept}
    named = [f"'{name}' ({', '.join(why)})" for name, why in against.items() if why]
    return f" What speaks against some, the outcome aside: {listed(named)}." if named else ""


def _out(facts: Sequence[CandidateFacts]) -> dict[str, tuple[str, str, str]]:
    """Candidates that leave: code, message and reason of each."""
    out: dict[str, tuple[str, str, str]] = {}
    for each in facts:
        if each.constant:
            out[each.text] = (
                "constant-predictor",
                f"'{each.text}' has one value only and leaves the candidates.",
                "What is the same in all patients tells none apart.",
            )
        elif each.missing > MOSTLY_MISSING:
            out[each.text] = (
                "missing-values",
                f"'{each.text}' is missing in {each.missing:.0%} of rows and leaves the "
                "candidates.",
                "Imputed values would outnumber the measured ones, and whoever uses the model "
                "would seldom have it at hand.",
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
        f"'{cut}' cuts '{source}' into groups; '{source}' itself takes its place.",
        _CUT,
    )


def _cut_for_person(each: CandidateFacts) -> Proposal:
    return Proposal(
        "dichotomised-predictor",
        f"'{each.text}' is a number cut into groups, and the number is not described as one that "
        "the model may read. Describe it in the codebook and enter it as measured.",
        _CUT,
    )


def _nothing_left(count: int) -> Proposal:
    return Proposal(
        "no-candidate",
        f"None of the {counted(count, 'candidate')} varies and is known in half of the rows; the "
        "protocol keeps them as they are. Complete the data from the records first.",
        "A model needs a predictor that is known.",
    )


def _carried_out(proposals: Sequence[Proposal], names: tuple[str, ...]) -> Proposal:
    return Proposal(
        "candidates",
        f"{counted(len(names), 'candidate')} {agreeing(len(names), 'is', 'are')} listed by name.",
        "Candidates are fixed before the outcome is looked at.",
        Change(
            "analysis",
            "candidates",
            list(names),
            " ".join(f"{each.message} {each.reason}" for each in proposals),
        ),
    )


def _levels(rare: Sequence[tuple[str, int]]) -> str:
    parts = [f"'{level}' has {counted(n, 'patient')}" for level, n in rare]
    return listed(parts, 5)


def _against(each: CandidateFacts) -> list[str]:
    why = []
    if each.timing != "preoperative":
        why.append(f"{each.timing}, so unknown when the operation is planned")
    if each.missing > _OFTEN_MISSING:
        why.append(f"missing in {each.missing:.0%}")
    if each.rare:
        why.append(f"{counted(len(each.rare), 'rare level')}")
    if each.cut:
        why.append("a number cut into groups")
    return why
