"""Domain 2: how predictors were assessed, and whether they are there when needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from vertebrisk._types import Timing
from vertebrisk.evidence.appraisal.answers import Answer, told
from vertebrisk.evidence.appraisal.predictors_of import final_model, final_terms, names_of
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.text.messages import Message, say
from vertebrisk.text.plurals import agreeing

ORDER: tuple[Timing, ...] = get_args(Timing)
_WHEN: dict[Timing, Message] = {
    "preoperative": say("before"),
    "intraoperative": say("during"),
    "postoperative": say("after"),
}


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 2.1 to 2.3."""
    yield told(
        "2.1",
        study.methods.predictors_alike,
        say("Predictors were assessed in one way for all."),
        say("Predictors were not assessed in one way for all."),
        say("The file does not say whether predictors were assessed in one way for all."),
    )
    yield _blinded(study)
    yield _available(study)


def _blinded(study: PublishedStudy) -> Answer:
    methods = study.methods
    early, collection = methods.predictors_precede, methods.collection
    if methods.predictors_blinded is None and early is not None and early.value:
        return Answer(
            "2.2", "PY", say("Predictors were assessed before the outcome."), (early.place,)
        )
    if (
        methods.predictors_blinded is None
        and collection is not None
        and collection.value in ("prospective", "trial")
    ):
        return Answer("2.2", "PY", say("Data were collected prospectively."), (collection.place,))
    return told(
        "2.2",
        methods.predictors_blinded,
        say("Predictors were assessed without knowledge of the outcome."),
        say("Whoever assessed the predictors knew the outcome."),
        say("The file does not say whether the outcome was known to who assessed the predictors."),
    )


def later_than(study: PublishedStudy, moment: Timing) -> list[str]:
    """Predictors of the final model that are known only after a moment."""
    return [
        name
        for name in final_terms(study)
        if ORDER.index(study.variables[name].timing) > ORDER.index(moment)
    ]


def _available(study: PublishedStudy) -> Answer:
    model, use_at = final_model(study), study.methods.use_at
    if model is None or not final_terms(study):
        return Answer("2.3", "NI", say("The file names no predictor of a final model."))
    if use_at is None:
        late = later_than(study, "preoperative")
        if late:
            return Answer(
                "2.3",
                "PN",
                say(
                    "When the model is to be used is not said, and {names} {are} not known before "
                    "the operation.",
                    names=names_of(study, late),
                    are=agreeing(len(late), "is", "are"),
                ),
                (model.place,),
            )
        return Answer(
            "2.3", "PY", say("All predictors are known before the operation."), (model.place,)
        )
    late, when = later_than(study, use_at.value), _WHEN[use_at.value]
    places = (use_at.place, model.place)
    if late:
        return Answer(
            "2.3",
            "N",
            say(
                "To be used {when} the operation, when {names} {are} not yet known.",
                when=when,
                names=names_of(study, late),
                are=agreeing(len(late), "is", "are"),
            ),
            places,
        )
    return Answer(
        "2.3",
        "PY",
        say("To be used {when} the operation; no predictor is known only later.", when=when),
        places,
    )
