"""Domain 3: how the outcome was defined and determined."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.answers import Answer, Reply, told
from vertebrisk.evidence.appraisal.predictors import later_than
from vertebrisk.evidence.appraisal.predictors_of import final_model, final_terms, names_of
from vertebrisk.evidence.published import PublishedStudy

_STANDARD: dict[str, tuple[Reply, str]] = {
    "standard": ("Y", "A standard definition."),
    "prespecified": ("Y", "A definition that was fixed beforehand."),
    "own": ("PN", "A definition of the paper's own."),
    "data-driven": ("N", "A definition that was chosen by looking at the data."),
}


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 3.1 to 3.6."""
    methods = study.methods
    yield _determined(study)
    if methods.outcome_standard is None:
        silent = "The file does not say whether the definition is a standard one, or was fixed "
        yield Answer("3.2", "NI", f"{silent}beforehand.")
    else:
        reply, reason = _STANDARD[methods.outcome_standard.value]
        yield Answer("3.2", reply, reason, (methods.outcome_standard.place,))
    yield _without_predictors(study)
    yield told(
        "3.4", methods.outcome_alike,
        "The outcome was determined in one way for all.",
        "The outcome was not determined in one way for all.",
        "The file does not say whether the outcome was determined in one way for all.",
    )  # fmt: skip
    yield told(
        "3.5", methods.outcome_blinded,
        "The outcome was determined without knowledge of the predictors.",
        "Whoever determined the outcome knew the predictors.",
        "The file does not say whether predictors were known to who determined the outcome.",
    )  # fmt: skip
    yield _interval(study)


def _determined(study: PublishedStudy) -> Answer:
    outcome, by = study.outcome, study.methods.outcome_by
    if by is None:
        return Answer("3.1", "NI", "The file does not say by what the outcome was determined.",
                      (outcome.place,))  # fmt: skip
    places = tuple(dict.fromkeys((by.place, outcome.place)))
    if by.value == "records":
        return Answer("3.1", "NI", "Taken from records; how it came into them is not said.", places)
    lacking = ["a threshold"] if by.value == "score" and outcome.threshold is None else []
    lacking += ["a time point"] if outcome.time_point is None else []
    if lacking:
        return Answer("3.1", "NI", f"Determined by {by.value}, without {' and '.join(lacking)}.",
                      places)  # fmt: skip
    told = f", {outcome.threshold}" if outcome.threshold is not None else ""
    return Answer("3.1", "PY", f"Determined by {by.value}{told}; time point: {outcome.time_point}.",
                  places)  # fmt: skip


def _without_predictors(study: PublishedStudy) -> Answer:
    uses = study.methods.outcome_uses
    if uses is None:
        return Answer("3.3", "NI", "The file does not say what the outcome's definition uses.",
                      (study.outcome.place,))  # fmt: skip
    terms = final_terms(study)
    shared = [name for name in uses.value if name in terms]
    if shared:
        return Answer("3.3", "N", f"The outcome's definition uses {names_of(study, shared)}, of "
                      "the final model.", (uses.place,))  # fmt: skip
    return Answer("3.3", "Y", "The outcome's definition uses no predictor.", (uses.place,))


def _interval(study: PublishedStudy) -> Answer:
    """Predictors come first, and the outcome when it can have happened."""
    outcome, precede = study.outcome, study.methods.predictors_precede
    model = final_model(study)
    places = (outcome.place, *((model.place,) if model is not None else ()))
    if precede is not None and not precede.value:
        return Answer("3.6", "N", "Predictors were not all assessed before the outcome.",
                      (precede.place,))  # fmt: skip
    if not final_terms(study):
        return Answer("3.6", "NI", "The file names no predictor of a final model.", places)
    if outcome.arises == "operation":
        late = later_than(study, "preoperative")
        if late:
            return Answer(
                "3.6", "N", f"The event happens during the operation, and {names_of(study, late)} "
                f"{'is' if len(late) == 1 else 'are'} known no earlier.", places,
            )  # fmt: skip
        return Answer("3.6", "PY", "All predictors are known before the operation, during which "
                      "the event happens.", places)  # fmt: skip
    if outcome.time_point is None:
        return Answer("3.6", "NI", "The outcome has no time point.", places)
    late = later_than(study, "intraoperative")
    if late and precede is None:
        return Answer(
            "3.6", "NI", f"{names_of(study, late)} {'is' if len(late) == 1 else 'are'} assessed "
            "after the operation; the file does not say whether before the outcome.", places,
        )  # fmt: skip
    if outcome.arises is None and precede is None:
        return Answer("3.6", "NI", "The file does not say when the event happens.", places)
    return Answer("3.6", "PY", "Predictors come before the outcome, whose time point is "
                  f"{outcome.time_point}.", places)  # fmt: skip
