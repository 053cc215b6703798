"""Domain 1: who was studied."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.answers import Answer, Reply
from vertebrisk.evidence.published import PublishedStudy


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 1.1 and 1.2."""
    yield _sampled(study) if study.design.kind == "case-control" else _cohort(study)
    yield _eligibility(study)


def _cohort(study: PublishedStudy) -> Answer:
    collection = study.methods.collection
    if collection is None:
        return Answer("1.1", "PY", "A cohort; how its data came about is not said.")
    reply: Reply = "Y" if collection.value in ("prospective", "trial") else "PY"
    kind = {
        "prospective": "A cohort whose data were collected prospectively.",
        "retrospective": "A cohort, put together in retrospect.",
        "registry": "A cohort from a registry.",
        "trial": "The patients of a trial.",
    }[collection.value]
    return Answer("1.1", reply, kind, (collection.place,))


def _sampled(study: PublishedStudy) -> Answer:
    """Sampled controls give right risks only once the sampling is undone."""
    corrected, population = study.methods.prevalence_corrected, study.design.population
    assert population is not None  # a case-control study without one is refused
    places: tuple[str, ...] = (population.place,)
    whom = (
        f"Cases and controls out of {population.n} patients, {population.n_events} with the event"
    )
    if corrected is None:
        return Answer(
            "1.1", "PN", f"{whom}; the file tells of no correction for the sampling, without "
            "which every risk is that of the sample.", places,
        )  # fmt: skip
    places = (*places, corrected.place)
    if corrected.value:
        return Answer("1.1", "PY", f"{whom}; the sampling was corrected for.", places)
    return Answer(
        "1.1", "N", f"{whom}, without a correction for the sampling: every risk is that of the "
        "sample.", places,
    )  # fmt: skip


def _eligibility(study: PublishedStudy) -> Answer:
    methods = study.methods
    criteria = (*study.eligibility.include, *study.eligibility.exclude)
    if not criteria:
        return Answer("1.2", "NI", "The file has no criteria of eligibility.")
    late = [each for each in criteria if each.known == "postoperative"]
    incomplete = methods.incomplete_excluded is not None and methods.incomplete_excluded.value
    used_later = methods.use_at is not None and methods.use_at.value == "postoperative"
    if late and (incomplete or not used_later):
        return Answer(
            "1.2", "PN", "Patients were chosen by what is known only after the operation: "
            f"{'; '.join(each.text[0].lower() + each.text[1:] for each in late)}.",
            tuple(dict.fromkeys(each.place for each in late)),
        )  # fmt: skip
    places = tuple(dict.fromkeys(each.place for each in criteria))
    unknown = sum(each.known is None for each in criteria)
    if unknown:
        return Answer(
            "1.2", "NI", f"The file does not say when {unknown} of {len(criteria)} criteria can be "
            "judged.", places,
        )  # fmt: skip
    if late:
        return Answer(
            "1.2", "NI", "Criteria are judged after the operation, as is the model's use; the file "
            "does not say which comes first.", places,
        )  # fmt: skip
    if study.citation.source == "abstract":
        return Answer("1.2", "NI", "An abstract; it does not list its criteria.", places)
    return Answer(
        "1.2", "PY", f"All {len(criteria)} criteria can be judged by the end of the operation.",
        places,
    )  # fmt: skip
