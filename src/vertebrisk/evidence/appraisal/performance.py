"""Domain 4, second half: complexities, performance, optimism, weights (4.6 to 4.9)."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.analysis import validation_only
from vertebrisk.evidence.appraisal.answers import Answer
from vertebrisk.evidence.appraisal.predictors_of import final_model
from vertebrisk.evidence.appraisal.weights import weights
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.text.messages import Message, capitalised, joined, say

_DISCRIMINATION = ("auc", "c_index", "c_statistic")
_SLOPE = "calibration_slope"
_MEASURES = (say("discrimination"), say("calibration"))
_COMPETING = {"absent": say("absent"), "handled": say("handled")}


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 4.6 to 4.9."""
    yield _complexities(study)
    yield _measures(study)
    if validation_only(study):
        yield Answer("4.8", "NA", say("No model is developed."))
        yield Answer("4.9", "NA", say("No model is developed."))
        return
    yield _optimism(study)
    yield weights(study, final_model(study))


def _complexities(study: PublishedStudy) -> Answer:
    """Sampling, time, competing events, several vertebrae of one patient."""
    methods, outcome = study.methods, study.outcome
    over_time = outcome.kind == "time-to-event" or study.design.model == "cox"
    if over_time and outcome.arises == "operation":
        return Answer(
            "4.6",
            "N",
            say("The event is there from time zero, so there is no time to it to be modelled."),
            (outcome.place,),
        )
    if study.design.kind == "case-control":
        corrected = methods.prevalence_corrected
        if corrected is None:
            return Answer(
                "4.6",
                "PN",
                say("Controls were sampled, and the file tells of no correction for it."),
                _sampling_places(study),
            )
        if not corrected.value:
            return Answer(
                "4.6", "N", say("Controls were sampled, and not corrected for."), (corrected.place,)
            )
    for fact, what in (
        (methods.competing_risks, say("Events that compete with the outcome were ignored.")),
        (methods.clustering, say("Several vertebrae of one patient were taken as patients.")),
    ):
        if fact is not None and fact.value == "ignored":
            return Answer("4.6", "PN", what, (fact.place,))
    return _follow_up(study, over_time=over_time)


def _sampling_places(study: PublishedStudy) -> tuple[str, ...]:
    return (study.design.sampling.place,) if study.design.sampling is not None else ()


def _follow_up(study: PublishedStudy, *, over_time: bool) -> Answer:
    """Whether follow-up that ends early is allowed for."""
    methods, place = study.methods, study.outcome.place
    left_out, enrolled = methods.incomplete_excluded, methods.enrolled
    if over_time and study.design.model == "logistic":
        return Answer(
            "4.6",
            "PN",
            say(
                "An event over time in a logistic model, which has no place for follow-up that "
                "ends early."
            ),
            (place,),
        )
    if over_time:
        if methods.competing_risks is None:
            return Answer(
                "4.6",
                "NI",
                say(
                    "A Cox model allows for follow-up that ends early; the file says nothing of "
                    "competing events."
                ),
                (place,),
            )
        return Answer(
            "4.6",
            "PY",
            say(
                "Follow-up that ends early is allowed for, and competing events are {competing}.",
                competing=_COMPETING[methods.competing_risks.value],
            ),
            (methods.competing_risks.place,),
        )
    if left_out is not None and left_out.value:
        return Answer(
            "4.6",
            "PN",
            say("Patients whose follow-up ended early were left out instead of being allowed for."),
            (left_out.place,),
        )
    corrected = methods.prevalence_corrected
    if corrected is not None and corrected.value:
        return Answer(
            "4.6", "PY", say("Controls were sampled, and corrected for."), (corrected.place,)
        )
    if enrolled is not None and study.n == round(enrolled.value.value):
        return Answer(
            "4.6", "PY", say("The outcome is known of all who were enrolled."), (enrolled.place,)
        )
    return Answer("4.6", "NI", say("The file does not say whether the outcome is known of all."))


def _measures(study: PublishedStudy) -> Answer:
    """Both discrimination and calibration; a test of fit alone is no calibration."""
    printed = [each for each in study.statistic if each.name.startswith(_DISCRIMINATION)]
    slopes = [each for each in study.statistic if each.name.startswith(_SLOPE)]
    named, shown = study.methods.discrimination, study.methods.calibration
    told = named.value if named is not None else ()
    calibration = shown.value if shown is not None else ()
    calibrates = bool(slopes) or bool({"plot", "slope"} & set(calibration))
    discriminates = bool(printed) or bool({"auc", "c-index"} & set(told))
    places = tuple(
        dict.fromkeys(
            [each.place for each in printed[:1] + slopes[:1]]
            + [fact.place for fact in (named, shown) if fact is not None]
        )
    )
    if not discriminates and not calibrates and "none" in told and "none" in calibration:
        return Answer("4.7", "N", say("Neither discrimination nor calibration is shown."), places)
    if discriminates and calibrates:
        return Answer("4.7", "PY", say("Discrimination and calibration are both shown."), places)
    if "hosmer-lemeshow" in calibration and not calibrates:
        return Answer(
            "4.7", "PN", say("Calibration is no more than the Hosmer-Lemeshow test."), places
        )
    missing = [
        *([] if discriminates else [_want(_MEASURES[0], told)]),
        *([] if calibrates else [_want(_MEASURES[1], calibration)]),
    ]
    return Answer(
        "4.7", "NI", capitalised(say("{missing}.", missing=joined(missing, "; "))), places
    )


def _want(measure: Message, told: tuple[str, ...]) -> Message:
    if "words" in told:
        return say("{measure} is praised, without a number", measure=measure)
    if "none" in told:
        return say("{measure} is not shown", measure=measure)
    return say("the file has no {measure}", measure=measure)


def _optimism(study: PublishedStudy) -> Answer:
    methods = study.methods
    validation = methods.internal_validation
    if validation is None:
        return Answer("4.8", "NI", say("The file says nothing of an internal validation."))
    places: tuple[str, ...] = (validation.place,)
    if validation.value == "none":
        return Answer("4.8", "N", say("There is no internal validation."), places)
    if validation.value == "split":
        return Answer("4.8", "N", say("One random split of the patients, no more."), places)
    how = say("The bootstrap") if validation.value == "bootstrap" else say("Cross-validation")
    corrected, repeated = methods.optimism_corrected, methods.procedure_repeated
    if corrected is not None and not corrected.value:
        return Answer(
            "4.8",
            "PN",
            say("{how}, without performance less its optimism.", how=how),
            (*places, corrected.place),
        )
    if repeated is not None and not repeated.value:
        return Answer(
            "4.8",
            "PN",
            say(
                "{how} of the final model alone: the choice of predictors was not repeated, and "
                "its optimism remains.",
                how=how,
            ),
            (*places, repeated.place),
        )
    fixed = methods.selection is not None and methods.selection.value in (
        "prespecified",
        "all-candidates",
    )
    if corrected is None:
        return Answer(
            "4.8",
            "NI",
            say("{how}; the file does not say whether performance is corrected by it.", how=how),
            places,
        )
    places = (*places, corrected.place)
    if repeated is not None:
        return Answer(
            "4.8",
            "Y",
            say(
                "{how} with the choice of predictors repeated, and performance less its optimism.",
                how=how,
            ),
            (*places, repeated.place),
        )
    if fixed:
        return Answer(
            "4.8",
            "PY",
            say(
                "{how} of predictors that were not chosen by the data, and performance less its "
                "optimism.",
                how=how,
            ),
            places,
        )
    return Answer(
        "4.8",
        "NI",
        say(
            "{how}, with performance less its optimism; the file does not say whether the choice "
            "of predictors was repeated.",
            how=how,
        ),
        places,
    )
