"""Domain 1: who was studied."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.answers import Answer, Reply
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.text.messages import joined, say


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 1.1 and 1.2."""
    yield _sampled(study) if study.design.kind == "case-control" else _cohort(study)
    yield _eligibility(study)


def _cohort(study: PublishedStudy) -> Answer:
    collection = study.methods.collection
    if collection is None:
        return Answer("1.1", "PY", say("A cohort; how its data came about is not said."))
    reply: Reply = "Y" if collection.value in ("prospective", "trial") else "PY"
    kind = {
        "prospective": say("A cohort whose data were collected prospectively."),
        "retrospective": say("A cohort, put together in retrospect."),
        "registry": say("A cohort from a registry."),
        "trial": say("The patients of a trial."),
    }[collection.value]
    return Answer("1.1", reply, kind, (collection.place,))


def _sampled(study: PublishedStudy) -> Answer:
    """Sampled controls give right risks only once the sampling is undone."""
    corrected, population = study.methods.prevalence_corrected, study.design.population
    assert population is not None  # a case-control study without one is refused
    places: tuple[str, ...] = (population.place,)
    whom = say(
        "Cases and controls out of {n} patients, {n_events} with the event",
        n=population.n,
        n_events=population.n_events,
    )
    if corrected is None:
        return Answer(
            "1.1",
            "PN",
            say(
                "{whom}; the file tells of no correction for the sampling, without which every "
                "risk is that of the sample.",
                whom=whom,
            ),
            places,
        )
    places = (*places, corrected.place)
    if corrected.value:
        return Answer(
            "1.1", "PY", say("{whom}; the sampling was corrected for.", whom=whom), places
        )
    return Answer(
        "1.1",
        "N",
        say(
            "{whom}, without a correction for the sampling: every risk is that of the sample.",
            whom=whom,
        ),
        places,
    )


def _eligibility(study: PublishedStudy) -> Answer:
    methods = study.methods
    criteria = (*study.eligibility.include, *study.eligibility.exclude)
    if not criteria:
        return Answer("1.2", "NI", say("The file has no criteria of eligibility."))
    late = [each for each in criteria if each.known == "postoperative"]
    incomplete = methods.incomplete_excluded is not None and methods.incomplete_excluded.value
    used_later = methods.use_at is not None and methods.use_at.value == "postoperative"
    if late and (incomplete or not used_later):
        return Answer(
            "1.2",
            "PN",
            say(
                "Patients were chosen by what is known only after the operation: {criteria}.",
                criteria=joined([each.text[0].lower() + each.text[1:] for each in late], "; "),
            ),
            tuple(dict.fromkeys(each.place for each in late)),
        )
    places = tuple(dict.fromkeys(each.place for each in criteria))
    unknown = sum(each.known is None for each in criteria)
    if unknown:
        return Answer(
            "1.2",
            "NI",
            say(
                "The file does not say when {unknown} of {of} criteria can be judged.",
                unknown=unknown,
                of=len(criteria),
            ),
            places,
        )
    if late:
        return Answer(
            "1.2",
            "NI",
            say(
                "Criteria are judged after the operation, as is the model's use; the file does "
                "not say which comes first."
            ),
            places,
        )
    if study.citation.source == "abstract":
        return Answer("1.2", "NI", say("An abstract; it does not list its criteria."), places)
    return Answer(
        "1.2",
        "PY",
        say("All {n} criteria can be judged by the end of the operation.", n=len(criteria)),
        places,
    )
