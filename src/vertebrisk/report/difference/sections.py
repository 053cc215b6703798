"""What changed between two runs, as sections of words and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vertebrisk.report.difference.changes import (
    Difference,
    Pair,
    chance,
    moved,
    risen,
    unlike,
)
from vertebrisk.report.difference.reading import Coefficient, Measure
from vertebrisk.report.difference.tables import (
    corrected_cell,
    fact_name,
    name_of,
    ratio_cell,
    row_name,
    state_of,
)
from vertebrisk.report.page.building import Stock
from vertebrisk.report.page.content import Section
from vertebrisk.report.tables.table import TableSpec, cell_text
from vertebrisk.report.words import Words

BEYOND = 1.96  # standard errors of the change that resampling alone seldom makes
MAIN = ("c_index", "slope", "brier", "ici")
_CAUSES = {
    frozenset({"seed"}): "difference.seed_alone",
    frozenset({"version"}): "difference.version_alone",
    frozenset({"data_sha256"}): "difference.data_alone",
    frozenset({"data_sha256", "data_name"}): "difference.data_alone",
}


def title(found: Difference, words: Words) -> str:
    """Title of the comparison."""
    before, after = (str(run.results.study.get("id")) for run in (found.before, found.after))
    if before == after:
        return words("difference.title_one", study=after)
    return words("difference.title", before=before, after=after)


def summary(found: Difference, words: Words) -> list[str]:
    """Whether anything differs, and what alone may have made it."""
    same = sum(tally.same for tally in found.tallies)
    rounded = sum(tally.rounded for tally in found.tallies)
    changed = sum(tally.changed for tally in found.tallies)
    gone, added = (sum(getattr(each, key) for each in found.tallies) for key in ("gone", "added"))
    told = [
        words("difference.same", n=same)
        if found.identical
        else words("difference.differ", changed=changed, n=same + changed, gone=gone, added=added)
    ]
    if rounded:
        told.append(words("difference.rounded", n=rounded))
    if found.other_study:
        told.append(words("difference.other_study"))
    cause = _CAUSES.get(frozenset(fact.name for fact in found.facts))
    return [*told, words(cause)] if cause and not found.identical else told


def sections(found: Difference, tables: Mapping[str, TableSpec], words: Words) -> list[Section]:
    """One section a part; one with neither words nor a table is left out."""
    written: tuple[tuple[str, list[str], str], ...] = (
        ("asked", _asked(found, words), "facts"),
        ("patients", _patients(found, words), "flow"),
        ("model", _model(found, words), "coefficients"),
        ("candidates", _candidates(found, words), "candidates"),
        ("performance", _performance(found, words), "performance"),
        ("decision", [], "decision"),
        ("findings", _findings(found, words), "findings"),
        ("checklists", [], "checklists"),
        ("everything", [], "parts"),
    )
    stock = Stock({}, tables, ())
    built = [
        stock.section(key, words(f"difference.{key}"), told, (), (f"difference_{table}",))
        for key, told, table in written
    ]
    return [section for section in built if section.blocks]


def _asked(found: Difference, words: Words) -> list[str]:
    told = [] if found.facts else [words("difference.asked_same")]
    if found.looks:
        names = [fact_name(fact, words) for fact in found.looks]
        told.append(words("difference.looks", names=words.listed(names)))
    return told


def _patients(found: Difference, words: Words) -> list[str]:
    before, after = found.before.results.flow, found.after.results.flow
    if (before.n, before.n_events) == (after.n, after.n_events):
        return [words("difference.flow_same", n=after.n, events=after.n_events)]
    return [
        words(
            "difference.flow",
            n_before=before.n,
            events_before=before.n_events,
            n_after=after.n,
            events_after=after.n_events,
        )
    ]


def _model(found: Difference, words: Words) -> list[str]:
    told = []
    if found.entered:
        told.append(words("difference.entered", labels=words.listed(found.entered)))
    if found.left:
        told.append(words("difference.left", labels=words.listed(found.left)))
    if not told:
        told.append(words("difference.same_predictors"))
    return [*told, _most_moved(found, words)]


def _most_moved(found: Difference, words: Words) -> str:
    """The coefficient that both models have and that changed most."""
    both = [
        pair for pair in found.coefficients if moved(pair) is not None and unlike(pair, "estimate")
    ]
    slopes = [pair for pair in both if pair.either.kind != "intercept"] or both
    if not slopes:
        return words("difference.not_moved")
    most = max(slopes, key=lambda pair: abs(moved(pair) or 0.0))
    return words(
        "difference.moved",
        label=row_name(most.either, words),
        before=cell_text(ratio_cell(most.before), words.numbers),
        after=cell_text(ratio_cell(most.after), words.numbers),
    )


def _candidates(found: Difference, words: Words) -> list[str]:
    told = []
    for key, change in _SELECTIONS.items():
        labels = _labels(pair for pair in found.candidates if _selection(pair) == change)
        if labels:
            told.append(words(f"difference.{key}", labels=words.listed(labels)))
    return told


_SELECTIONS: dict[str, tuple[bool | None, bool | None]] = {
    "candidates_new": (None, True),
    "candidates_gone": (True, None),
    "now_selected": (False, True),
    "not_selected": (True, False),
}


def _selection(pair: Pair[Coefficient]) -> tuple[bool | None, bool | None]:
    """Whether a candidate was carried forward; of one that a side lacks, that it was there."""
    if pair.before is None or pair.after is None:
        return (None if pair.before is None else True, None if pair.after is None else True)
    return pair.before.selected, pair.after.selected


def _labels(pairs: Iterable[Pair[Coefficient]]) -> list[str]:
    """Each variable once."""
    return list(dict.fromkeys(pair.either.label or pair.either.term for pair in pairs))


def _performance(found: Difference, words: Words) -> list[str]:
    return [
        _told_measure(pair, words)
        for pair in found.measures
        if pair.either.measure in MAIN and risen(pair) is not None and unlike(pair, "corrected")
    ]


def _told_measure(pair: Pair[Measure], words: Words) -> str:
    change, error = risen(pair) or 0.0, chance(pair)
    sentence = words(
        "difference.risen",
        measure=name_of(pair.either, words),
        before=cell_text(corrected_cell(pair.before), words.numbers),
        after=cell_text(corrected_cell(pair.after), words.numbers),
        change=words.numbers.estimate(change, 3),
    )
    if not error:
        return sentence
    beyond = abs(change) > BEYOND * error
    judged = words(
        f"difference.{'beyond' if beyond else 'by'}_chance", error=words.numbers.estimate(error, 4)
    )
    return words.joined([sentence, judged])


def _findings(found: Difference, words: Words) -> list[str]:
    if not found.remarks:
        return [words("difference.findings_same")]
    states = [state_of(pair).rpartition(".")[2] for pair in found.remarks]
    counts = {state: states.count(state) for state in ("new", "gone", "changed")}
    return [words("difference.findings_count", **counts)]
