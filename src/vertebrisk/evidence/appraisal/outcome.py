"""Domain 3: how the outcome was defined and determined."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.answers import Answer, Reply, told
from vertebrisk.evidence.appraisal.predictors import later_than
from vertebrisk.evidence.appraisal.predictors_of import final_model, final_terms, names_of
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.text.messages import Message, joined, say
from vertebrisk.text.plurals import agreeing

_STANDARD: dict[str, tuple[Reply, Message]] = {
    "standard": ("Y", say("A standard definition.")),
    "prespecified": ("Y", say("A definition that was fixed beforehand.")),
    "own": ("PN", say("A definition of the paper's own.")),
    "data-driven": ("N", say("A definition that was chosen by looking at the data.")),
}

_BY: dict[str, Message] = {
    "score": say("score"),
    "imaging": say("imaging"),
    "examination": say("examination"),
    "laboratory": say("laboratory"),
}


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 3.1 to 3.6."""
    methods = study.methods
    yield _determined(study)
    if methods.outcome_standard is None:
        yield Answer(
            "3.2",
            "NI",
            say(
                "The file does not say whether the definition is a standard one, or was fixed "
                "beforehand."
            ),
        )
    else:
        reply, reason = _STANDARD[methods.outcome_standard.value]
        yield Answer("3.2", reply, reason, (methods.outcome_standard.place,))
    yield _without_predictors(study)
    yield told(
        "3.4",
        methods.outcome_alike,
        say("The outcome was determined in one way for all."),
        say("The outcome was not determined in one way for all."),
        say("The file does not say whether the outcome was determined in one way for all."),
    )
    yield told(
        "3.5",
        methods.outcome_blinded,
        say("The outcome was determined without knowledge of the predictors."),
        say("Whoever determined the outcome knew the predictors."),
        say("The file does not say whether predictors were known to who determined the outcome."),
    )
    yield _interval(study)


def _determined(study: PublishedStudy) -> Answer:
    outcome, by = study.outcome, study.methods.outcome_by
    if by is None:
        return Answer(
            "3.1",
            "NI",
            say("The file does not say by what the outcome was determined."),
            (outcome.place,),
        )
    places = tuple(dict.fromkeys((by.place, outcome.place)))
    if by.value == "records":
        return Answer(
            "3.1", "NI", say("Taken from records; how it came into them is not said."), places
        )
    means, moment = _BY[by.value], outcome.time_point
    lacking = [say("a threshold")] if by.value == "score" and outcome.threshold is None else []
    lacking += [say("a time point")] if moment is None else []
    if lacking:
        return Answer(
            "3.1",
            "NI",
            say(
                "Determined by {by}, without {lacking}.", by=means, lacking=joined(lacking, " and ")
            ),
            places,
        )
    if outcome.threshold is None:
        return Answer(
            "3.1",
            "PY",
            say("Determined by {by}; time point: {moment}.", by=means, moment=moment),
            places,
        )
    return Answer(
        "3.1",
        "PY",
        say(
            "Determined by {by}, {threshold}; time point: {moment}.",
            by=means,
            threshold=outcome.threshold,
            moment=moment,
        ),
        places,
    )


def _without_predictors(study: PublishedStudy) -> Answer:
    uses = study.methods.outcome_uses
    if uses is None:
        return Answer(
            "3.3",
            "NI",
            say("The file does not say what the outcome's definition uses."),
            (study.outcome.place,),
        )
    terms = final_terms(study)
    shared = [name for name in uses.value if name in terms]
    if shared:
        return Answer(
            "3.3",
            "N",
            say(
                "The outcome's definition uses {names}, of the final model.",
                names=names_of(study, shared),
            ),
            (uses.place,),
        )
    return Answer("3.3", "Y", say("The outcome's definition uses no predictor."), (uses.place,))


def _interval(study: PublishedStudy) -> Answer:
    """Predictors come first, and the outcome when it can have happened."""
    outcome, precede = study.outcome, study.methods.predictors_precede
    model = final_model(study)
    places = (outcome.place, *((model.place,) if model is not None else ()))
    if precede is not None and not precede.value:
        return Answer(
            "3.6",
            "N",
            say("Predictors were not all assessed before the outcome."),
            (precede.place,),
        )
    if not final_terms(study):
        return Answer("3.6", "NI", say("The file names no predictor of a final model."), places)
    if outcome.arises == "operation":
        late = later_than(study, "preoperative")
        if late:
            return Answer(
                "3.6",
                "N",
                say(
                    "The event happens during the operation, and {names} {are} known no earlier.",
                    names=names_of(study, late),
                    are=agreeing(len(late), "is", "are"),
                ),
                places,
            )
        return Answer(
            "3.6",
            "PY",
            say("All predictors are known before the operation, during which the event happens."),
            places,
        )
    if outcome.time_point is None:
        return Answer("3.6", "NI", say("The outcome has no time point."), places)
    late = later_than(study, "intraoperative")
    if late and precede is None:
        return Answer(
            "3.6",
            "NI",
            say(
                "{names} {are} assessed after the operation; the file does not say whether before "
                "the outcome.",
                names=names_of(study, late),
                are=agreeing(len(late), "is", "are"),
            ),
            places,
        )
    if outcome.arises is None and precede is None:
        return Answer("3.6", "NI", say("The file does not say when the event happens."), places)
    return Answer(
        "3.6",
        "PY",
        say(
            "Predictors come before the outcome, whose time point is {time_point}.",
            time_point=outcome.time_point,
        ),
        places,
    )
