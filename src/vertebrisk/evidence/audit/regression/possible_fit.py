"""Can any cohort with the printed margins have a regression table as its fit?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from vertebrisk.evidence.audit.regression import rows
from vertebrisk.evidence.audit.regression.numbers import RowNumbers, rows_of
from vertebrisk.evidence.audit.subject import Cells, Comparison, Row, Subject
from vertebrisk.evidence.audit.values import Check, Quantity
from vertebrisk.evidence.feasibility.margins import Distribution
from vertebrisk.evidence.feasibility.model import NotCheckable, Sample, feasibility_problem
from vertebrisk.evidence.feasibility.readings import (
    Feasibility,
    Key,
    Problem,
    check_feasibility,
    printed_reading,
)
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.printed_tables import CONSTANT, PaperModel
from vertebrisk.text.messages import joined, say

_ID = "possible-fit"
_MOST_NAMED = 3


def checks(subject: Subject) -> Iterator[Check]:
    """Every regression table that is not the quotation of another."""
    replaced: dict[str, dict[Key, tuple[float, float]]] = {}
    for check in rows.checks(subject):
        if check.repair is not None and check.repair.field == "estimate":
            key = (check.repair.term, check.repair.level)
            replaced.setdefault(check.repair.model, {})[key] = check.repair.low, check.repair.high
    for model in subject.models:
        if model.quotes is None:
            yield _of_model(subject, model, replaced.get(model.id, {}))


def subject_problem(
    subject: Subject, model: PaperModel, replaced: Mapping[Key, tuple[float, float]] | None = None
) -> Problem | NotCheckable:
    """The question of one regression table of a subject; see `feasibility_problem`.

    Of a table alone nothing is known of its methods: it must say that its rows are one
    model, and values may be missing without a trace.
    """
    main, study = subject.main, subject.study
    if main is None:
        return NotCheckable(say("No table compares patients with and without the event."))
    reason = _other_sample(subject, main) or _other_method(subject, model)
    if reason:
        return NotCheckable(reason)
    places = [place for place, group in enumerate(main.groups) if _by_outcome(main, place)]
    missing = study.methods.missing if study is not None else None
    return feasibility_problem(
        model,
        [Sample(main.groups[place].n, main.groups[place].event is True) for place in places],
        [_distribution(row, main, places) for row in main.rows],
        subject.variables,
        n=study.n if study is not None else None,
        n_events=study.n_events if study is not None else None,
        case_control=study is not None and study.design.kind == "case-control",
        incomplete=study is None
        or main.missing_told
        or (missing is not None and missing.value != "complete"),
        replaced=replaced,
    )


def _by_outcome(main: Comparison, place: int) -> bool:
    return not main.groups[place].total and main.groups[place].event is not None


def _other_sample(subject: Subject, main: Comparison) -> str:
    """Why the patients compared may not be those of the model; empty if nothing says so."""
    sizes = [group.n for place, group in enumerate(main.groups) if _by_outcome(main, place)]
    n = sum(round(size.value) for size in sizes if size is not None)
    for table in subject.comparisons:
        if table is main:
            continue
        groups = [round(group.n.value) for group in table.groups if group.n and not group.total]
        if groups and n not in groups and n != sum(groups):
            return say(
                "Tables compare different samples; which the model was fitted to is not known."
            )
    return ""


def _other_method(subject: Subject, model: PaperModel) -> str:
    """Why a table may not be one plain maximum-likelihood fit; empty if nothing says so."""
    place, study = model.place.lower(), subject.study
    if "abstract" in place or "摘要" in place:
        return say("An abstract may leave out terms of its model.")
    if "univaria" in model.id.lower():
        return say("The rows are models of their own, one a variable, not one fit.")
    if study is None:
        together = "multivaria" in model.id.lower() or model.constant is not None
        return "" if together else say("Whether the rows are one model is not printed.")
    methods = study.methods
    told = {
        name: getattr(methods, name).value
        for name in ("estimator", "nonlinearity", "missing")
        if getattr(methods, name) is not None
    }
    if told.get("estimator", "ml") != "ml":
        return say(
            "The coefficients are not plain maximum likelihood, but {told}.", told=told["estimator"]
        )
    if told.get("nonlinearity") in ("splines", "polynomials"):
        return say("Numbers were not taken linear; terms that are not printed may be in the model.")
    if told.get("missing") in ("multiple-imputation", "indicator"):
        return say("Coefficients that were pooled after imputation are not the fit to one sample.")
    return ""


def _distribution(row: Row, main: Comparison, places: list[int]) -> Distribution:
    def picked(cells: Cells) -> Cells:
        return tuple(cells[place] if place < len(cells) else None for place in places)

    missing = picked(row.missing)
    if not any(missing) and row.sizes:
        sizes = zip((main.groups[place].n for place in places), picked(row.sizes), strict=True)
        missing = tuple(_less(whole, known) for whole, known in sizes)
    return Distribution(
        row.variable,
        {level.name: picked(level.count) for level in row.levels},
        {level.name: picked(level.percent) for level in row.levels if level.percent},
        picked(row.mean),
        picked(row.sd) if row.spread == "sd" else (),
        missing if all(missing) else (),
    )


def _less(whole: Printed | None, known: Printed | None) -> Printed | None:
    if whole is None or known is None:
        return None
    return Printed.parse(str(whole.number - known.number))


def _of_model(
    subject: Subject, model: PaperModel, replaced: Mapping[Key, tuple[float, float]]
) -> Check:
    problem = subject_problem(subject, model, replaced)
    if isinstance(problem, NotCheckable):
        return _check(model, (), "not checkable", problem.reason)
    source = say("the counts and means of {places}", places=_places(subject, model))
    notes = [say("Taken for granted: {each}.", each=each) for each in problem.assumptions]
    found = check_feasibility(problem, every=False)
    if found.printed.possible:
        told = say(
            "Patients with {source} can have these coefficients as their fit.", source=source
        )
        return _check(model, _quantities(subject, model, ()), "consistent", told, notes)
    quantities = _quantities(subject, model, found.conflicting)
    told = say(
        "{read} patients with {source} have these coefficients as their "
        "maximum-likelihood fit: expected and observed events, which then are "
        "equal for every term, cannot be for {named}.",
        read=_read(subject, replaced),
        source=source,
        named=_named(subject, problem, found),
    )
    if subject.study is None and printed_reading(_penalised(problem)).possible:
        firth = say(
            "{told} By Firth's penalised likelihood, which the table alone does not rule out, they "
            "could.",
            told=told,
        )
        return _check(model, quantities, "not checkable", firth, notes)
    return Check(
        id=_ID,
        about=say("model '{id}'", id=model.id),
        place=model.place,
        quantities=quantities,
        verdict="inconsistent",
        message=joined([told, *_predicted(found), *_readings(subject, found)], " "),
        severity="risk",
        failure="wording" if found.possible else "irreconcilable",
        changes=say(
            "Used as printed, the table gives patients risks that no fit to the "
            "paper's own patients gives."
        ),
        resolve=say(
            "Ask for the sign and the reference level of each coefficient, and to "
            "which patients the constant belongs."
        ),
        notes=(*_consistent(subject, found), *notes),
    )


def _places(subject: Subject, model: PaperModel) -> str:
    """Where the distributions of the terms are printed."""
    terms = {row.term for row in model.coefficient}
    compared = subject.main.rows if subject.main is not None else ()
    return joined(
        list(dict.fromkeys(row.place for row in compared if row.variable in terms)), " and "
    )


def _check(
    model: PaperModel,
    quantities: tuple[Quantity, ...],
    verdict: str,
    message: str,
    notes: Iterable[str] = (),
) -> Check:
    return Check(
        id=_ID,
        about=say("model '{id}'", id=model.id),
        place=model.place,
        quantities=quantities,
        verdict=verdict,  # type: ignore[arg-type]
        message=message,
        notes=tuple(notes) if verdict != "consistent" else (),
    )


def _penalised(problem: Problem) -> Problem:
    """The same question of Firth's penalised likelihood.

    Its score equations are off by the leverages, which add up to the number of
    coefficients, times at most one half: Firth 1993, doi:10.1093/biomet/80.1.27.
    """
    slack = len(problem.names) / 2
    return replace(problem, patterns=replace(problem.patterns, slack=slack))


def _quantities(
    subject: Subject, model: PaperModel, names: tuple[str, ...]
) -> tuple[Quantity, ...]:
    """The coefficients of the named columns and the constant; of all, if none is named."""
    found: list[Quantity] = []
    for row in rows_of(model):
        own = f"{row.row.term} = {row.row.level}" if row.row.level else row.row.term
        if row.factor_df or (names and own not in (*names, CONSTANT)):
            continue
        found += _labelled(subject, row)
    return tuple(found)


def _labelled(subject: Subject, row: RowNumbers) -> tuple[Quantity, ...]:
    labelled = replace(row, label_of_term=subject.label(row.row.term))
    fields = [name for name in ("estimate", "ratio") if row.has(name)]
    return labelled.quantities(tuple(fields[:1]))


def _named(subject: Subject, problem: Problem, found: Feasibility) -> str:
    labels: dict[str, str] = {CONSTANT: say("all patients")}
    for column in problem.columns:
        end = f" = {column.level}" if column.level else ""
        labels[column.name] = f"{subject.label(column.term)}{end}"
    names = [labels[name] for name in found.conflicting]
    return (
        names[0]
        if len(names) == 1
        else say("{listed} and {names} together", listed=joined(names[:-1]), names=names[-1])
    )


def _read(subject: Subject, replaced: Mapping[Key, tuple[float, float]]) -> str:
    """The beginning: which coefficients are taken as the other numbers of their rows say."""
    if not replaced:
        return say("No")
    shown = ", ".join(
        f"{subject.label(term)}{f' = {level}' if level else ''} {(low + high) / 2:+.3f}"
        for (term, level), (low, high) in replaced.items()
    )
    return say(
        "With the coefficients that the other numbers of their rows say ({shown}), no", shown=shown
    )


def _predicted(found: Feasibility) -> Iterator[str]:
    """How many events the table predicts, where that alone is far from what was seen."""
    low, high = found.printed.events_low, found.printed.events_high
    least, most = found.observed
    if math.isnan(low) or (low <= most and high >= least):
        return
    seen = (
        f"{least:.0f}"
        if least == most
        else say("{least:.0f} to {most:.0f}", least=least, most=most)
    )
    yield say(
        "It predicts {low:.1f} to {high:.1f} events where {seen} were seen.",
        low=low,
        high=high,
        seen=seen,
    )


def _readings(subject: Subject, found: Feasibility) -> Iterator[str]:
    """Which readings are possible, in words."""
    tried = (
        say("{len} readings ({tried})", len=len(found.readings), tried=found.tried)
        if found.complete
        else found.tried
    )
    possible = [_words(subject, reading.label) for reading in found.possible]
    if not possible:
        yield say("Of {tried}, none is possible.", tried=tried)
        return
    if len(possible) == 1:
        yield say(
            "Of {tried}, one alone is possible: {possible}.", tried=tried, possible=possible[0]
        )
        return
    shown = joined(possible[:_MOST_NAMED], "; ")
    more = (
        say("; and {value} more", value=len(possible) - _MOST_NAMED)
        if len(possible) > _MOST_NAMED
        else ""
    )
    yield say(
        "Of {tried}, {len} are possible: {shown}{more}.",
        tried=tried,
        len=len(possible),
        shown=shown,
        more=more,
    )
    if found.needed is not None and found.needed.departures:
        yield say("All of them have {words}.", words=_words(subject, found.needed.label))


def _words(subject: Subject, label: str) -> str:
    """A reading with the variables by their labels."""
    for name in sorted(subject.variables, key=len, reverse=True):
        for end in ("'", " = "):
            label = label.replace(f"'{name}{end}", f"'{subject.label(name)}{end}")
    return label


def _consistent(subject: Subject, found: Feasibility) -> Iterator[str]:
    if found.consistent is None:
        return
    shown = ", ".join(
        f"{subject.label(term)}{f' = {level}' if level else ''} {value:+.4g}"
        for (term, level), value in found.consistent.items()
    )
    yield say("The one possible reading, for the printed reference levels: {shown}.", shown=shown)
