"""Domain 2: how predictors were assessed, and whether they are there when needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from vertebrisk._types import Timing
from vertebrisk.evidence.appraisal.answers import Answer, told
from vertebrisk.evidence.appraisal.predictors_of import final_model, final_terms, names_of
from vertebrisk.evidence.published import PublishedStudy

ORDER: tuple[Timing, ...] = get_args(Timing)
_WHEN: dict[Timing, str] = {
    "preoperative": "before",
    "intraoperative": "during",
    "postoperative": "after",
}


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 2.1 to 2.3."""
    yield told(
        "2.1", study.methods.predictors_alike,
        "Predictors were assessed in one way for all.",
        "Predictors were not assessed in one way for all.",
        "The file does not say whether predictors were assessed in one way for all.",
    )  # fmt: skip
    yield _blinded(study)
    yield _available(study)


def _blinded(study: PublishedStudy) -> Answer:
    methods = study.methods
    early, collection = methods.predictors_precede, methods.collection
    if methods.predictors_blinded is None and early is not None and early.value:
        return Answer("2.2", "PY", "Predictors were assessed before the outcome.", (early.place,))
    if (
        methods.predictors_blinded is None
        and collection is not None
        and collection.value in ("prospective", "trial")
    ):
        return Answer("2.2", "PY", "Data were collected prospectively.", (collection.place,))
    return told(
        "2.2", methods.predictors_blinded,
        "Predictors were assessed without knowledge of the outcome.",
        "Whoever assessed the predictors knew the outcome.",
        "The file does not say whether the outcome was known to who assessed the predictors.",
    )  # fmt: skip


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
        return Answer("2.3", "NI", "The file names no predictor of a final model.")
    if use_at is None:
        late = later_than(study, "preoperative")
        if late:
            return Answer(
                "2.3", "PN", "When the model is to be used is not said, and "
                f"{names_of(study, late)} {_are(late)} not known before the operation.",
                (model.place,),
            )  # fmt: skip
        return Answer("2.3", "PY", "All predictors are known before the operation.", (model.place,))
    late, when = later_than(study, use_at.value), _WHEN[use_at.value]
    places = (use_at.place, model.place)
    if late:
        return Answer(
            "2.3", "N", f"To be used {when} the operation, when {names_of(study, late)} "
            f"{_are(late)} not yet known.", places,
        )  # fmt: skip
    return Answer(
        "2.3", "PY", f"To be used {when} the operation; no predictor is known only later.", places
    )


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
