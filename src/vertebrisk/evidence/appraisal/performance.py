"""Domain 4, second half: complexities, performance, optimism, weights (4.6 to 4.9)."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.analysis import validation_only
from vertebrisk.evidence.appraisal.answers import Answer
from vertebrisk.evidence.appraisal.predictors_of import final_model
from vertebrisk.evidence.appraisal.weights import weights
from vertebrisk.evidence.published import PublishedStudy

_DISCRIMINATION = ("auc", "c_index", "c_statistic")
_SLOPE = "calibration_slope"


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 4.6 to 4.9."""
    yield _complexities(study)
    yield _measures(study)
    if validation_only(study):
        yield Answer("4.8", "NA", "No model is developed.")
        yield Answer("4.9", "NA", "No model is developed.")
        return
    yield _optimism(study)
    yield weights(study, final_model(study))


def _complexities(study: PublishedStudy) -> Answer:
    """Sampling, time, competing events, several vertebrae of one patient."""
    methods, outcome = study.methods, study.outcome
    over_time = outcome.kind == "time-to-event" or study.design.model == "cox"
    if over_time and outcome.arises == "operation":
        return Answer("4.6", "N", "The event is there from time zero, so there is no time to it to "
                      "be modelled.", (outcome.place,))  # fmt: skip
    if study.design.kind == "case-control":
        corrected = methods.prevalence_corrected
        if corrected is None:
            return Answer("4.6", "PN", "Controls were sampled, and the file tells of no correction "
                          "for it.", _sampling_places(study))  # fmt: skip
        if not corrected.value:
            return Answer("4.6", "N", "Controls were sampled, and not corrected for.",
                          (corrected.place,))  # fmt: skip
    for fact, what in (
        (methods.competing_risks, "Events that compete with the outcome were ignored."),
        (methods.clustering, "Several vertebrae of one patient were taken as patients."),
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
        return Answer("4.6", "PN", "An event over time in a logistic model, which has no place for "
                      "follow-up that ends early.", (place,))  # fmt: skip
    if over_time:
        if methods.competing_risks is None:
            return Answer("4.6", "NI", "A Cox model allows for follow-up that ends early; the file "
                          "says nothing of competing events.", (place,))  # fmt: skip
        return Answer(
            "4.6", "PY", "Follow-up that ends early is allowed for, and competing events are "
            f"{methods.competing_risks.value}.", (methods.competing_risks.place,),
        )  # fmt: skip
    if left_out is not None and left_out.value:
        return Answer("4.6", "PN", "Patients whose follow-up ended early were left out instead of "
                      "being allowed for.", (left_out.place,))  # fmt: skip
    corrected = methods.prevalence_corrected
    if corrected is not None and corrected.value:
        return Answer("4.6", "PY", "Controls were sampled, and corrected for.", (corrected.place,))
    if enrolled is not None and study.n == round(enrolled.value.value):
        return Answer("4.6", "PY", "The outcome is known of all who were enrolled.",
                      (enrolled.place,))  # fmt: skip
    return Answer("4.6", "NI", "The file does not say whether the outcome is known of all.")


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
        return Answer("4.7", "N", "Neither discrimination nor calibration is shown.", places)
    if discriminates and calibrates:
        return Answer("4.7", "PY", "Discrimination and calibration are both shown.", places)
    if "hosmer-lemeshow" in calibration and not calibrates:
        return Answer("4.7", "PN", "Calibration is no more than the Hosmer-Lemeshow test.", places)
    missing = [
        *([] if discriminates else [_want("discrimination", told)]),
        *([] if calibrates else [_want("calibration", calibration)]),
    ]
    return Answer("4.7", "NI", f"{'; '.join(missing)}.".capitalize(), places)


def _want(measure: str, told: tuple[str, ...]) -> str:
    if "words" in told:
        return f"{measure} is praised, without a number"
    return f"{measure} is not shown" if "none" in told else f"the file has no {measure}"


def _optimism(study: PublishedStudy) -> Answer:
    methods = study.methods
    validation = methods.internal_validation
    if validation is None:
        return Answer("4.8", "NI", "The file says nothing of an internal validation.")
    places: tuple[str, ...] = (validation.place,)
    if validation.value == "none":
        return Answer("4.8", "N", "There is no internal validation.", places)
    if validation.value == "split":
        return Answer("4.8", "N", "One random split of the patients, no more.", places)
    how = "The bootstrap" if validation.value == "bootstrap" else "Cross-validation"
    corrected, repeated = methods.optimism_corrected, methods.procedure_repeated
    if corrected is not None and not corrected.value:
        return Answer("4.8", "PN", f"{how}, without performance less its optimism.",
                      (*places, corrected.place))  # fmt: skip
    if repeated is not None and not repeated.value:
        return Answer(
            "4.8", "PN", f"{how} of the final model alone: the choice of predictors was not "
            "repeated, and its optimism remains.", (*places, repeated.place),
        )  # fmt: skip
    fixed = methods.selection is not None and methods.selection.value in (
        "prespecified",
        "all-candidates",
    )
    if corrected is None:
        return Answer("4.8", "NI", f"{how}; the file does not say whether performance is corrected "
                      "by it.", places)  # fmt: skip
    places = (*places, corrected.place)
    if repeated is not None:
        return Answer("4.8", "Y", f"{how} with the choice of predictors repeated, and performance "
                      "less its optimism.", (*places, repeated.place))  # fmt: skip
    if fixed:
        return Answer("4.8", "PY", f"{how} of predictors that were not chosen by the data, and "
                      "performance less its optimism.", places)  # fmt: skip
    return Answer("4.8", "NI", f"{how}, with performance less its optimism; the file does not say "
                  "whether the choice of predictors was repeated.", places)  # fmt: skip
