"""Which model belongs to which outcome, and which options to which model."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from vertebrisk._types import ModelKind
from vertebrisk.protocol.checks import deciding_names, too_late, undescribed
from vertebrisk.protocol.documents import Analysis, Study, Variable
from vertebrisk.protocol.firth import firth_problems
from vertebrisk.protocol.outcome import StudyOutcome, TimeToEventOutcome
from vertebrisk.protocol.penalty import penalty_problems

_COX_KEYS = ("ties", "strata")


def default_model(outcome: StudyOutcome | None) -> ModelKind:
    """The model of a protocol that names none.

    Logistic for a binary outcome and Cox for time to event; with a competing event the
    Fine-Gray model, since risks by a Cox model would take those who died for censored.
    """
    if not isinstance(outcome, TimeToEventOutcome):
        return "logistic"
    return "cox" if outcome.competing is None else "fine-gray"


def model_problems(
    study: Study, outcome: StudyOutcome, analysis: Analysis, written: Mapping[str, object]
) -> list[str]:
    """Models and options that do not fit the outcome; `written` is [analysis] as in the file."""
    followed = isinstance(outcome, TimeToEventOutcome)
    competes = isinstance(outcome, TimeToEventOutcome) and outcome.competing is not None
    enters = isinstance(outcome, TimeToEventOutcome) and outcome.entry is not None
    problems: list[str] = []
    if followed and analysis.model == "logistic":
        problems.append(
            'model = "logistic" in [analysis] is for a binary outcome, and this one has kind = '
            '"time-to-event". Write "cox" or "fine-gray"; beside = "logistic" adds a logistic '
            "model of whether the event happened."
        )
    if not followed and analysis.model != "logistic":
        problems.append(
            f'model = "{analysis.model}" in [analysis] needs an outcome of kind = '
            '"time-to-event", with its time and horizons; this one is binary.'
        )
    if followed and analysis.model == "fine-gray" and not competes:
        problems.append(
            "model = \"fine-gray\" in [analysis] needs 'competing' in [outcome]: the rule of the "
            'event that makes the outcome impossible. Without one, write model = "cox".'
        )
    if analysis.model == "fine-gray" and competes and enters:
        problems.append(
            "'entry' in [outcome] goes with model = \"cox\" in [analysis]; this one is "
            '"fine-gray", which would count late patients as watched from time 0. Write model = '
            '"cox", which models the cause-specific hazard.'
        )
    if analysis.model != "cox":
        problems += [
            f'\'{key}\' in [analysis] belongs to model = "cox"; this one is "{analysis.model}".'
            for key in _COX_KEYS
            if key in written
        ]
    problems += penalty_problems(analysis)
    problems += firth_problems(analysis)
    problems += _approximate_problems(analysis)
    problems += _clustered_problems(study, analysis)
    if not followed and analysis.beside is not None:
        problems.append(
            "'beside' in [analysis] belongs to an outcome of kind = \"time-to-event\"; the "
            "model of this one is logistic already."
        )
    if analysis.model == "fine-gray" and analysis.intervals == "profile":
        problems.append(
            'intervals = "profile" in [analysis] belongs to model = "logistic"; write "wald".'
        )
    if followed and study.design == "case-control":
        problems.append(
            'design = "case-control" in [study] samples controls of a binary outcome; an outcome '
            'of kind = "time-to-event" needs a cohort.'
        )
    return problems


def _approximate_problems(analysis: Analysis) -> list[str]:
    """A backward elimination without refits, of a model that has no such."""
    if not analysis.select.approximate or analysis.penalised:
        return []
    if analysis.model != "fine-gray" and analysis.estimator == "ml":
        return []
    return [
        'approximate = true in \'select\' of [analysis] goes with model = "logistic" or "cox" and '
        f'estimator = "ml"; these are "{analysis.model}" and "{analysis.estimator}". Leave it out, '
        "and each step is refitted."
    ]


def _clustered_problems(study: Study, analysis: Analysis) -> list[str]:
    """What needs the likelihood of independent rows, where rows are vertebrae of a patient."""
    if study.unit != "vertebra":
        return []
    problems = []
    if analysis.intervals == "profile":
        problems.append(
            'intervals = "profile" in [analysis] takes rows for independent, and [study] has unit '
            '= "vertebra". Write "wald", whose errors are clustered by patient.'
        )
    if analysis.shrinkage == "heuristic":
        problems.append(
            'shrinkage = "heuristic" in [analysis] takes rows for independent, and [study] has '
            'unit = "vertebra". Write "bootstrap", which resamples whole patients.'
        )
    return problems


def strata_problems(
    analysis: Analysis,
    described: Collection[str],
    variables: Mapping[str, Variable],
    study: Study | None,
    outcome: StudyOutcome | None,
) -> list[str]:
    """Strata that are unknown, candidates as well, or known too late."""
    strangers = [name for name in analysis.strata if name not in described]
    problems = undescribed(strangers, "strata", described)
    explicit = analysis.candidates != ("compare",)
    candidates = analysis.candidates if explicit else ()
    for name in analysis.strata:
        if name in deciding_names(outcome):
            problems.append(f"'{name}' decides the outcome, so it cannot be a stratum.")
        elif name in candidates:
            problems.append(
                f"'{name}' is a stratum and a candidate in [analysis]; a stratum has a baseline "
                "hazard of its own in place of a coefficient. Keep one."
            )
        elif study is not None and name in variables:
            problems += too_late(variables[name], study.use_at)
    return problems
