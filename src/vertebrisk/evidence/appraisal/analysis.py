"""Domain 4, first half: patients, predictors, missing values, selection (4.1 to 4.5)."""

from __future__ import annotations

from collections.abc import Iterator

from vertebrisk.evidence.appraisal.answers import Answer, Reply
from vertebrisk.evidence.appraisal.predictors_of import (
    Candidates,
    candidates,
    final_model,
    final_terms,
    is_cut,
    label_of,
    names_of,
    tried_variables,
)
from vertebrisk.evidence.published import Compared, PublishedStudy
from vertebrisk.text.messages import Message, say
from vertebrisk.text.plurals import counted

# Events per candidate parameter below which PROBAST calls a development too small, and from
# which it calls it large enough; events with which an external validation is large enough.
TOO_FEW = 10
ENOUGH = 20
ENOUGH_TO_VALIDATE = 100

_MISSING: dict[str, tuple[Reply, Message]] = {
    "complete": ("Y", say("No value was missing.")),
    "multiple-imputation": ("Y", say("Missing values were imputed several times.")),
    "single-imputation": (
        "PN",
        say("Missing values were imputed once, which hides their uncertainty."),
    ),
    "complete-case": ("N", say("Patients with missing values were left out.")),
    "indicator": ("N", say("Missing values were made a category of their own.")),
}
_SELECTION: dict[str, tuple[Reply, Message]] = {
    "prespecified": ("Y", say("The predictors were fixed beforehand.")),
    "all-candidates": ("Y", say("All candidates stayed in the model.")),
    "lasso": ("Y", say("The predictors were chosen together, by the lasso.")),
    "stepwise": ("Y", say("The predictors were chosen stepwise in the whole model.")),
    "univariable": ("N", say("The predictors were chosen by tests of one at a time.")),
    "univariable-stepwise": (
        "N",
        say("The predictors were chosen by tests of one at a time, then stepwise."),
    ),
}


def validation_only(study: PublishedStudy) -> bool:
    """True if the paper scores a model that others developed."""
    purpose = study.methods.purpose
    return purpose is not None and purpose.value == "external-validation"


def answers(study: PublishedStudy) -> Iterator[Answer]:
    """Answers 4.1 to 4.5."""
    yield _enough_to_validate(study) if validation_only(study) else _enough(study)
    yield _handled(study)
    yield _all_analysed(study)
    yield _missing(study)
    yield _selection(study)


def _events(study: PublishedStudy) -> int:
    """Patients in the smaller of the two outcome groups, or with the event over time."""
    if study.outcome.kind == "time-to-event" or study.n is None:
        return study.n_events
    return min(study.n_events, study.n - study.n_events)


def _enough(study: PublishedStudy) -> Answer:
    events, tried = _events(study), candidates(study)
    places = tuple(dict.fromkeys((study.design.n_events.place, *tried.places)))
    if events < 0:
        return Answer(
            "4.1",
            "NI",
            say(
                "{n_events} events among {n} patients cannot be.",
                n_events=study.n_events,
                n=study.n,
            ),
            places,
        )
    if not tried.parameters:
        return Answer(
            "4.1", "NI", say("{events} events; the file names no candidate.", events=events), places
        )
    share = events / tried.parameters
    found = _found(tried, events, share)
    if share < TOO_FEW:
        return Answer(
            "4.1", "N", say("{found}, fewer than {least}.", found=found, least=TOO_FEW), places
        )
    if not tried.whole:
        return Answer(
            "4.1", "NI", say("{found}; there may have been more candidates.", found=found), places
        )
    if share < ENOUGH:
        return Answer(
            "4.1", "PN", say("{found}, fewer than {least}.", found=found, least=ENOUGH), places
        )
    return Answer("4.1", "PY", say("{found}.", found=found), places)


def _found(tried: Candidates, events: int, share: float) -> Message:
    """How many events there are for each parameter that was tried."""
    n = counted(tried.parameters, "candidate parameter")
    if tried.whole:
        return say(
            "{events} events for {n} ({told}): {share:.1f} each",
            events=events,
            n=n,
            told=tried.told,
            share=share,
        )
    return say(
        "{events} events for at least {n} ({told}): at most {share:.1f} each",
        events=events,
        n=n,
        told=tried.told,
        share=share,
    )


def _enough_to_validate(study: PublishedStudy) -> Answer:
    events = _events(study)
    reply: Reply = "Y" if events >= ENOUGH_TO_VALIDATE else "N"
    return Answer(
        "4.1",
        reply,
        say(
            "{events} events; an external validation needs {least}.",
            events=events,
            least=ENOUGH_TO_VALIDATE,
        ),
        (study.design.n_events.place,),
    )


def _handled(study: PublishedStudy) -> Answer:
    """Cutting a number throws information away; a straight line is an assumption."""
    terms, nonlinearity = final_terms(study), study.methods.nonlinearity
    model = final_model(study)
    places = (model.place,) if model is not None else ()
    cut = [name for name in terms if is_cut(study.variables[name])]
    if cut:
        return Answer(
            "4.2",
            "N",
            say("{names}: cut into groups in the final model.", names=names_of(study, cut)),
            places,
        )
    tried = [name for name in tried_variables(study) if is_cut(study.variables[name])]
    if tried:
        where = tuple(dict.fromkeys(row.place for row in study.compared if row.variable in tried))
        return Answer(
            "4.2",
            "PN",
            say("{names}: cut into groups before being tried.", names=names_of(study, tried)),
            where,
        )
    if not terms:
        return Answer("4.2", "NI", say("The file names no predictor of a final model."))
    numbers = [name for name in terms if not study.variables[name].levels]
    if not numbers:
        return Answer(
            "4.2",
            "PY",
            say("All predictors are categories, and none is known to be a number that was cut."),
            places,
        )
    if nonlinearity is None:
        return Answer(
            "4.2",
            "NI",
            say(
                "{names}: the file does not say whether a straight line was looked into.",
                names=names_of(study, numbers),
            ),
            places,
        )
    if nonlinearity.value == "linear":
        return Answer(
            "4.2",
            "PN",
            say("{names}: taken as straight lines without a look.", names=names_of(study, numbers)),
            (nonlinearity.place,),
        )
    how = {
        "splines": say("as splines"),
        "polynomials": say("as polynomials"),
        "checked": say("as straight lines after a look"),
    }[nonlinearity.value]
    return Answer(
        "4.2",
        "Y",
        say("{names}: {how}.", names=names_of(study, numbers), how=how),
        (nonlinearity.place,),
    )


def _all_analysed(study: PublishedStudy) -> Answer:
    methods, n = study.methods, study.n
    left_out, enrolled = methods.incomplete_excluded, methods.enrolled
    sampled = study.design.kind == "case-control"
    if enrolled is not None and n is not None and not sampled:
        before = round(enrolled.value.value)
        if before > n:
            return Answer(
                "4.3",
                "PN",
                say(
                    "{left_out} of {before} enrolled patients are not in the analysis.",
                    left_out=before - n,
                    before=before,
                ),
                (enrolled.place,),
            )
        if before < n:
            return Answer(
                "4.3",
                "NI",
                say(
                    "{n} patients analysed of {before} enrolled, which cannot be.",
                    n=n,
                    before=before,
                ),
                (enrolled.place,),
            )
        if left_out is None or not left_out.value:
            return Answer(
                "4.3",
                "Y",
                say("All {n} enrolled patients are in the analysis.", n=n),
                (enrolled.place,),
            )
    if left_out is None:
        return Answer("4.3", "NI", say("The file does not say how many patients were enrolled."))
    if left_out.value:
        return Answer(
            "4.3",
            "PN",
            say("Patients without whole data or follow-up were left out; how many is not said."),
            (left_out.place,),
        )
    return Answer("4.3", "PY", say("No patient was left out for want of data."), (left_out.place,))


def _missing(study: PublishedStudy) -> Answer:
    missing, left_out = study.methods.missing, study.methods.incomplete_excluded
    if missing is not None:
        reply, reason = _MISSING[missing.value]
        return Answer("4.4", reply, reason, (missing.place,))
    if left_out is not None and left_out.value:
        return Answer(
            "4.4",
            "PN",
            say(
                "Patients without whole data or follow-up were left out, and no more is said of "
                "missing values."
            ),
            (left_out.place,),
        )
    short = next((row for row in study.compared if _uncounted(study, row)), None)
    if short is not None:
        return Answer(
            "4.4",
            "NI",
            say(
                "{label} is not counted in {n} patients; what was done about missing values is "
                "not said.",
                label=label_of(study, short.variable),
                n=_uncounted(study, short),
            ),
            (short.place,),
        )
    return Answer("4.4", "NI", say("The file says nothing of missing values."))


def _uncounted(study: PublishedStudy, row: Compared) -> int:
    """Patients that a row with all its levels leaves out."""
    levels = study.variables[row.variable].levels
    cells = list(row.levels.values())
    if set(row.levels) != set(levels) or not cells or not all(each.count for each in cells):
        return 0
    counted = sum(number.value for each in cells for number in each.count)
    return max(round(sum(group.n.value for group in study.groups) - counted), 0)


def _selection(study: PublishedStudy) -> Answer:
    if validation_only(study):
        return Answer("4.5", "NA", say("No model is developed."))
    selection = study.methods.selection
    if selection is None:
        return Answer("4.5", "NI", say("The file does not say how the predictors were chosen."))
    reply, reason = _SELECTION[selection.value]
    return Answer("4.5", reply, reason, (selection.place,))
