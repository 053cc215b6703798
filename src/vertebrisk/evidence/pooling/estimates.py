"""From published studies to one estimate a study, and to the reasons of those that give none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from vertebrisk._checks import listed, nearest
from vertebrisk._types import Json
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.evidence.pooling.differences import differing, kinds_apart, mixed, untold
from vertebrisk.evidence.pooling.factors import Factor, factor, named
from vertebrisk.evidence.pooling.performance import TITLES, TRIVIAL, kinds_of, performance
from vertebrisk.evidence.pooling.ratios import odds_ratio
from vertebrisk.evidence.pooling.study_estimates import (
    Measure,
    Performance,
    Source,
    StudyEstimate,
    Unused,
    about,
    label_of,
    proportion,
)
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.findings import Finding
from vertebrisk.protocol.fields import Localised
from vertebrisk.text.messages import Message, say
from vertebrisk.text.phrases import term

NOTHING = Localised(en="")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What several studies say of one thing, before it is pooled.

    Attributes
    ----------
    measure : str
        What is pooled.
    title : Localised
        The same for people: the factor or the outcome.
    compares : Localised
        Of an odds ratio, what is compared with what; otherwise empty.
    estimates : tuple of StudyEstimate
        One a study.
    unused : tuple of Unused
        Studies that give no number, each with its reason.
    findings : tuple of Finding
        What keeps the studies from being of one thing.
    """

    measure: Measure
    title: Localised
    compares: Localised
    estimates: tuple[StudyEstimate, ...]
    unused: tuple[Unused, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_dict(self) -> Json:
        """JSON form."""
        return {
            "measure": self.measure,
            "title": self.title.text("en"),
            "compares": self.compares.text("en"),
            "estimates": [each.to_dict() for each in self.estimates],
            "unused": [each.to_dict() for each in self.unused],
        }


def study_estimates(
    studies: Sequence[PublishedStudy],
    measure: Measure,
    *,
    factor_name: str | None = None,
    factors: Mapping[str, Factor] | None = None,
    source: Source | None = None,
    performance_kind: Performance | None = None,
    outcomes: Sequence[str] = (),
) -> Evidence:
    """One estimate a study of what is to be pooled.

    Parameters
    ----------
    studies : sequence of PublishedStudy
        The papers; each once.
    measure : {"incidence", "odds-ratio", "c-statistic", "oe", "slope"}
    factor_name : str, optional
        Of an odds ratio: a factor of the mapping, or a variable that the studies call alike.
    factors : mapping, optional
        The user's own factors, from `load_factors`; their entries come before the package's.
    source : {"adjusted", "crude"}, optional
        Of an odds ratio; by default adjusted where there is one, else crude, with a warning.
    performance_kind : {"apparent", "corrected", "external"}, optional
        Of a measure of performance; by default what most studies print, external first.
    outcomes : sequence of str
        Outcomes to pool; needed where the studies have several.

    Raises
    ------
    ArgumentError
        If a factor is missing, or given with another measure than the odds ratio.
    DataError
        If a study is given twice, the outcomes differ and none is chosen, or a factor is
        unknown.
    """
    _check(studies, measure, factor_name)
    chosen, unused = _of_outcome(studies, outcomes)
    title, compares = _outcome_title(chosen), NOTHING
    find: Callable[[PublishedStudy], StudyEstimate | Unused]
    if measure == "incidence":
        find = incidence
    elif measure == "odds-ratio":
        assert factor_name is not None
        wanted = factor(factor_name, factors or {}, chosen)
        title, compares = wanted.label, wanted.compares

        def find(study: PublishedStudy) -> StudyEstimate | Unused:
            return _ratio(study, wanted, source)

    else:
        kind = performance_kind or _usual_kind(chosen, measure)

        def find(study: PublishedStudy) -> StudyEstimate | Unused:
            return performance(study, measure, kind)

    found = [find(study) for study in chosen]
    estimates = tuple(each for each in found if isinstance(each, StudyEstimate))
    unused += [each for each in found if isinstance(each, Unused)]
    return Evidence(
        measure, title, compares, estimates, tuple(unused),
        (*mixed(estimates), *differing(estimates), *kinds_apart(chosen, measure, estimates)),
    )  # fmt: skip


def collected(
    evidence: Evidence,
    more: Sequence[StudyEstimate],
    source: Source | None = None,
    performance_kind: Performance | None = None,
) -> Evidence:
    """Evidence with the estimates of a table after its own.

    Rows of a kind that is not pooled with the rest (crude where adjusted ones were asked for;
    performance on other patients beside apparent) are listed with the reason.

    Raises
    ------
    DataError
        If a study is in both.
    """
    own = {each.study for each in evidence.estimates} | {each.study for each in evidence.unused}
    repeated = [each.study for each in more if each.study in own]
    if repeated:
        raise DataError(f"'{repeated[0]}' is both a paper and a row of the table; give one.")
    together = (*evidence.estimates, *more)
    kind: str | None = source
    if evidence.measure in TITLES:
        kind = performance_kind or _table_kind(together)
    others = {*get_args(Source), *get_args(Performance)} - {kind} if kind is not None else set()
    estimates = tuple(each for each in together if each.source not in others)
    unused = tuple(
        Unused(
            each.study,
            each.label,
            say(
                "{place} is {source}, and {kind} is pooled",
                place=each.place,
                source=term(each.source),
                kind=term(kind or ""),
            ),
        )
        for each in together
        if each.source in others
    )
    remade = {"sources-mixed", "thresholds-differ", "time-points-differ"}
    kept = [each for each in evidence.findings if each.code not in remade]
    findings = (*mixed(estimates), *untold(estimates, evidence.measure), *differing(estimates))
    return replace(
        evidence,
        estimates=estimates,
        unused=(*evidence.unused, *unused),
        findings=(*findings, *kept),
    )


def _table_kind(estimates: Sequence[StudyEstimate]) -> Performance | None:
    """What kind of performance most studies give; other patients before the model's own."""
    counts = Counter(each.source for each in estimates)
    order: tuple[Performance, ...] = ("external", "corrected", "apparent")
    found = [kind for kind in order if counts[kind]]
    return max(found, key=lambda kind: (counts[kind], -order.index(kind)), default=None)


def incidence(study: PublishedStudy) -> StudyEstimate | Unused:
    """Share of patients with the outcome; in a case-control study that of its population."""
    label, known = label_of(study.id), about(study)
    design, notes = study.design, list[Message]()
    prints = [design.n_events.value, *([design.n.value] if design.n is not None else [])]
    n_events, n = study.n_events, study.n
    source, place = "sample", design.n_events.place
    if design.population is not None and design.kind == "case-control":
        population = design.population
        prints = [population.n_events, population.n]
        notes.append(
            say(
                "{n_events} of the {n} analysed were chosen by their outcome, so the share is that "
                "of the population",
                n_events=n_events,
                n=n or say("patients"),
            )
        )
        n_events, n = round(population.n_events.value), round(population.n.value)
        source, place = "population", population.place
    if any(each.bound for each in prints):
        return Unused(
            study.id, label, say("the numbers of events or patients are printed as bounds")
        )
    if n is None:
        return Unused(study.id, label, say("the number of patients is not printed"))
    if n <= 0 or not 0 <= n_events <= n:
        return Unused(
            study.id,
            label,
            say("{n_events} events in {n} patients cannot be", n_events=n_events, n=n),
        )
    if study.outcome.kind == "time-to-event":
        notes.append(say("events counted over the follow-up, whoever left before its end"))
    known |= {"source": source, "n": str(n), "n_events": str(n_events)}
    return proportion(
        study.id, label, n_events, n, source=source, place=place, notes=tuple(notes), about=known
    )


def check_factor(measure: Measure, factor_name: str | None) -> None:
    """A factor goes with an odds ratio."""
    if measure != "odds-ratio" and factor_name:
        raise ArgumentError(f"--factor goes with odds ratios; a factor has no {measure}.")


def _check(studies: Sequence[PublishedStudy], measure: Measure, factor_name: str | None) -> None:
    repeated = [name for name, count in Counter(each.id for each in studies).items() if count > 1]
    if repeated:
        raise DataError(f"'{repeated[0]}' is given twice; a study counts once.")
    if measure == "odds-ratio" and not factor_name:
        raise ArgumentError(
            "An odds ratio is of a factor; name it: --factor fascia_injury, for example."
        )
    check_factor(measure, factor_name)


def _of_outcome(
    studies: Sequence[PublishedStudy], outcomes: Sequence[str]
) -> tuple[list[PublishedStudy], list[Unused]]:
    """Studies of the outcomes that are pooled, and the others."""
    by_name: dict[str, list[str]] = {}
    for study in studies:
        by_name.setdefault(study.outcome.name, []).append(study.id)
    unknown = [name for name in outcomes if name not in by_name]
    if unknown:
        raise DataError(
            f"No study has the outcome '{unknown[0]}'; there are {listed(list(by_name))}."
            f"{nearest(unknown[0], by_name)}"
        )
    if len(by_name) > 1 and not outcomes:
        shown = "; ".join(f"{name} ({listed(ids)})" for name, ids in by_name.items())
        common = max(by_name, key=lambda name: len(by_name[name]))
        raise DataError(
            f"The studies have several outcomes: {shown}. Choose what is pooled: "
            f"--outcome {common}; several names are joined by commas."
        )
    names = outcomes or tuple(by_name)
    others = [
        Unused(
            study.id,
            label_of(study.id),
            say("its outcome is {outcome}", outcome=study.outcome.label.message()),
        )
        for study in studies
        if study.outcome.name not in names
    ]
    return [study for study in studies if study.outcome.name in names], others


def _outcome_title(studies: Sequence[PublishedStudy]) -> Localised:
    labels = Counter(study.outcome.name for study in studies)
    common = max(labels, key=lambda name: labels[name])
    found = next(study for study in studies if study.outcome.name == common)
    return found.outcome.label


def _ratio(study: PublishedStudy, wanted: Factor, source: Source | None) -> StudyEstimate | Unused:
    entry = named(wanted, study)
    if isinstance(entry, str):
        return Unused(study.id, label_of(study.id), entry)
    return odds_ratio(study, entry, source)


def _usual_kind(studies: Sequence[PublishedStudy], measure: Measure) -> Performance:
    """What most studies print, other patients before the model's own."""
    order: tuple[Performance, ...] = ("external", "corrected", "apparent")
    usable = order[:2] if measure in TRIVIAL else order
    counts = {kind: sum(kind in kinds_of(each, measure) for each in studies) for kind in usable}
    return max(usable, key=lambda kind: (counts[kind], -usable.index(kind)))
