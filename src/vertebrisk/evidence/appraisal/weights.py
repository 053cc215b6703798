"""Question 4.9: whether the printed regression is, whole and without contradiction, a model."""

from __future__ import annotations

from dataclasses import replace

from vertebrisk.evidence.appraisal.answers import Answer
from vertebrisk.evidence.appraisal.predictors_of import label_of, names_of
from vertebrisk.evidence.audit.regression import rows
from vertebrisk.evidence.audit.subject import subject_of
from vertebrisk.evidence.published import CONSTANT, Coefficient, PaperModel, PublishedStudy
from vertebrisk.text.messages import joined, say


def weights(study: PublishedStudy, model: PaperModel | None) -> Answer:
    """Answer 4.9. Rows are contradictory where the audit finds that a risk depends on it."""
    if model is None or not model.coefficient:
        return Answer("4.9", "NI", say("The file has no regression table."))
    places = (model.place,)
    if not any(map(_weighs, model.coefficient)):
        return Answer("4.9", "NI", say("The predictors are named, without weights."), places)
    doubted = _doubted(study, model)
    if doubted:
        return Answer(
            "4.9", "PN", say("Rows that are contradicted: {rows}.", rows=joined(doubted)), places
        )
    lacking = _lacking(study, model)
    if lacking:
        return Answer(
            "4.9",
            "PN",
            say("Weights are lacking of {names}.", names=names_of(study, lacking)),
            places,
        )
    what = say("baseline survival") if model.kind == "cox" else say("constant")
    if not _risk_follows(study, model):
        return Answer(
            "4.9",
            "NI",
            say(
                "Every weight is printed, but no {what}: which model they make cannot be seen.",
                what=what,
            ),
            places,
        )
    return Answer(
        "4.9",
        "PY",
        say("Every weight and the {what} are printed, and no row contradicts itself.", what=what),
        places,
    )


def _weighs(row: Coefficient) -> bool:
    return any(number is not None and not number.bound for number in (row.estimate, row.ratio))


def _doubted(study: PublishedStudy, model: PaperModel) -> list[str]:
    """Rows with a recorded reading or remark, and those whose numbers cannot go together."""
    recorded = [
        _name(study, row)
        for row in model.coefficient
        if row.reading is not None or {"estimate", "ratio"} & set(row.remarks)
    ]
    names = {_key(row): _name(study, row) for row in model.coefficient}
    found = [
        names.get(check.about, check.about)
        for check in rows.checks(replace(subject_of(study), models=(model,)))
        if check.verdict == "inconsistent" and check.severity == "risk"
    ]
    return list(dict.fromkeys(recorded + found))


def _key(row: Coefficient) -> str:
    return f"{row.term} = {row.level}" if row.level else row.term


def _name(study: PublishedStudy, row: Coefficient) -> str:
    label = label_of(study, row.term) if row.term != CONSTANT else say("the constant")
    return say("{label} = {level}", label=label, level=row.level) if row.level else label


def _lacking(study: PublishedStudy, model: PaperModel) -> list[str]:
    """Variables without a weight for the number, or for every level but one."""
    lacking = []
    for name in dict.fromkeys(row.term for row in model.coefficient if row.term != CONSTANT):
        weighed = [row.level for row in model.coefficient if row.term == name and _weighs(row)]
        levels = study.variables[name].levels
        needed = len(levels) - 1 if any(weighed) else 1
        if len(weighed) < needed or not weighed:
            lacking.append(name)
    return lacking


def _risk_follows(study: PublishedStudy, model: PaperModel) -> bool:
    """True if the print gives what turns weights into a risk."""
    if model.kind == "cox":
        return any(each.name.startswith("baseline_survival") for each in study.statistic)
    return model.constant is not None and _weighs(model.constant)
