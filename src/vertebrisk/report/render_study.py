"""A published study for the terminal: everything that its file holds, as printed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from vertebrisk.evidence.contents import contents
from vertebrisk.evidence.printed import Printed
from vertebrisk.evidence.published import (
    COEFFICIENT_FIELDS,
    Coefficient,
    Compared,
    PaperModel,
    PublishedStudy,
    Stated,
    Told,
)
from vertebrisk.report.render_text import render_text
from vertebrisk.report.tables.table import Column, Row, TableSpec, text
from vertebrisk.report.words import Words

WIDTH = 100
_HEADS = {
    "estimate": "B",
    "std_error": "SE",
    "wald": "Wald",
    "p_value": "P",
}
_WORDS = Words("en", "logistic")


def render_library(studies: Sequence[PublishedStudy]) -> str:
    """The library as a table: one line a study."""
    heads = ("id", "year", "outcome", "design", "model", "n", "events", "prints")
    rows = [
        (
            study.id,
            str(study.citation.year or "–"),
            study.outcome.name,
            study.design.kind,
            study.design.model,
            str(study.n or "–"),
            str(study.n_events),
            f"{study.citation.source}: {', '.join(contents(study)) or 'words'}",
        )
        for study in studies
    ]
    return _table(
        "library", f"{len(studies)} published studies", heads, rows, start=(0, 2, 3, 4, 7)
    )


def render_study(study: PublishedStudy) -> str:
    """One study, whole: words, tables as printed, and what is recorded beside the print."""
    parts = [
        _filled(study.citation.text),
        *([_filled(study.citation.note)] if study.citation.note else []),
        "\n".join(_design(study)),
        "\n".join(_eligibility(study)),
        "\n".join(_outcome(study)),
        "\n".join(_methods(study)),
        *([_compared(study)] if study.compared else []),
        *(_model(study, model) for model in study.model),
        *([_statistics(study)] if study.statistic else []),
        "\n".join(_statements(study)),
        "\n".join(_remarks(study)),
        "\n".join(_assumed(study)),
    ]
    return "\n\n".join(part for part in parts if part)


def _filled(sentence: str, first: str = "", later: str = "") -> str:
    return textwrap.fill(
        sentence, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )


def _item(label: str, sentence: str) -> str:
    return _filled(f"{label}: {sentence}", "  ", "    ")


def _table(
    key: str,
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    start: tuple[int, ...] = (0,),
) -> str:
    columns = tuple(
        Column(head, head, "start" if place in start else "end") for place, head in enumerate(heads)
    )
    body = tuple(Row(tuple(text(value) for value in row)) for row in rows)
    return render_text(TableSpec(key, caption, columns, body), _WORDS)


def _told(fact: Told | None) -> str:
    return f"{fact.text} [{fact.place}]" if fact is not None else ""


def _stated(fact: Stated | None) -> str:
    return f"{fact.value} [{fact.place}]" if fact is not None else ""


def _design(study: PublishedStudy) -> Iterator[str]:
    design, source = study.design, study.citation
    yield "Design"
    yield _item("source", ", ".join(filter(None, (source.source, source.language, source.license))))
    yield _item("kind", f"{design.kind}, {design.model} model")
    dates, population = design.dates, design.population
    facts = {
        "centre": _told(design.centre),
        "treatment": _told(design.treatment),
        "dates": f"{dates.first} to {dates.last} [{dates.place}]" if dates is not None else "",
        "patients": _stated(design.n),
        "events": _stated(design.n_events),
        "groups": "; ".join(
            f"{group.name}, {group.n}{' with the event' if group.event else ''} [{group.place}]"
            for group in study.groups
        ),
        "sampled from": (
            f"{population.text}: {population.n}, {population.n_events} with the event "
            f"[{population.place}]"
            if population is not None
            else ""
        ),
        "sampling": _told(design.sampling),
        "follow-up": _told(design.follow_up),
    }
    yield from (_item(label, sentence) for label, sentence in facts.items() if sentence)


def _eligibility(study: PublishedStudy) -> Iterator[str]:
    for name, criteria in (
        ("Included", study.eligibility.include),
        ("Excluded", study.eligibility.exclude),
    ):
        if criteria:
            yield name
        for each in criteria:
            known = f" ({each.known})" if each.known is not None else ""
            yield _filled(f"{_told(each)}{known}", "  ", "    ")


def _outcome(study: PublishedStudy) -> Iterator[str]:
    outcome = study.outcome
    yield "Outcome"
    yield _item("name", f"{outcome.name} ({outcome.label.text('en')}), {outcome.kind}")
    yield _item("definition", f"{outcome.definition} [{outcome.place}]")
    for label, sentence in (
        ("threshold", outcome.threshold or "not stated"),
        ("time point", outcome.time_point or "not stated"),
        (
            "arises",
            {"operation": "during the operation", "later": "after the operation"}.get(
                outcome.arises or "", ""
            ),
        ),
        ("horizon", _stated(outcome.horizon)),
        ("remark", outcome.remark.text("en") if outcome.remark is not None else ""),
    ):
        if sentence:
            yield _item(label, sentence)


def _methods(study: PublishedStudy) -> Iterator[str]:
    """What the paper says of its methods, one answer a line."""
    methods = study.methods
    answers = {name: getattr(methods, name) for name in type(methods).model_fields}
    if any(answers.values()):
        yield "Methods"
    for name, answer in answers.items():
        if answer is not None:
            yield _item(name.replace("_", " "), f"{_answer(answer.value)} [{answer.place}]")


def _answer(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value)


def _compared(study: PublishedStudy) -> str:
    heads = [""]
    heads += [f"{group.name} (n = {group.n})" for group in study.groups]
    heads += ["statistic", "P", "place"]
    rows = [row for entry in study.compared for row in _compared_rows(study, entry)]
    last = len(heads) - 1
    return _table("compared", "Groups compared", heads, rows, start=(0, last))


def _compared_rows(study: PublishedStudy, entry: Compared) -> Iterator[list[str]]:
    blank = [""] * len(study.groups)
    tests = [_print(entry.statistic), _print(entry.p_value), entry.place]
    label = study.label(entry.variable)
    unit = study.variables[entry.variable].unit
    named = f"{label}, {unit.text()}" if unit else label
    if entry.mean or entry.median:
        yield [named, *_moments(entry, len(study.groups)), *tests]
        return
    yield [named, *blank, *tests]
    for level, cells in entry.levels.items():
        shown = [
            f"{count} ({cells.percent[place]}%)" if cells.percent else str(count)
            for place, count in enumerate(cells.count)
        ] or [f"{percent}%" for percent in cells.percent]
        yield [f"  {level}", *shown, "", "", ""]


def _moments(entry: Compared, groups: int) -> list[str]:
    if entry.mean and entry.sd:
        return [f"{mean} ± {sd}" for mean, sd in zip(entry.mean, entry.sd, strict=True)]
    if entry.mean:
        return [str(mean) for mean in entry.mean]
    low, high = entry.lower_quartile, entry.upper_quartile
    return [
        f"{entry.median[place]} ({low[place]}, {high[place]})"
        if low and high
        else str(entry.median[place])
        for place in range(groups)
    ]


def _print(number: Printed | None) -> str:
    return str(number) if number is not None else ""


def _model(study: PublishedStudy, model: PaperModel) -> str:
    ratio = "HR" if model.kind == "cox" else "OR"
    fields = [
        name
        for name in COEFFICIENT_FIELDS
        if any(getattr(row, name) is not None for row in model.coefficient)
    ]
    level = f" {model.conf_level}%" if model.conf_level is not None else ""
    words = _HEADS | {"conf_low": f"low{level}", "conf_high": f"high{level}"}
    heads = ["", *(words.get(name, ratio) for name in fields)]
    rows = [
        [_row_label(study, row), *(_print(getattr(row, name)) for name in fields)]
        for row in model.coefficient
    ]
    caption = f"Model '{model.id}', {model.kind} [{model.place}]"
    table = _table("model", caption, heads, rows)
    return f"{table}\n{_filled(model.procedure)}" if model.procedure else table


def _row_label(study: PublishedStudy, row: Coefficient) -> str:
    label = study.label(row.term) if row.term in study.variables else row.term.capitalize()
    return f"{label} = {row.level}" if row.level else label


def _statistics(study: PublishedStudy) -> str:
    rows = []
    for each in study.statistic:
        label = each.label.text("en") if each.label is not None else each.name
        if each.variable is not None:
            level = f" = {each.level}" if each.level else ""
            label = f"{study.label(each.variable)}{level}, {each.name}"
        if each.group is not None:
            label = f"{label}, group {each.group}"
        rows.append((label, str(each.value), each.place))
    return _table("statistic", "Numbers in text and figures", ("", "printed", "place"), rows,
                  start=(0, 2))  # fmt: skip


def _statements(study: PublishedStudy) -> Iterator[str]:
    if study.statement:
        yield "Claims in words"
    for each in study.statement:
        p_value = f", P {_p_text(each.p_value)}" if each.p_value is not None else ""
        yield _filled(f"{each.text}{p_value} [{each.place}]", "  ", "    ")


def _p_text(p_value: Printed) -> str:
    return str(p_value) if p_value.bound else f"= {p_value}"


def _remarks(study: PublishedStudy) -> Iterator[str]:
    """What is recorded beside the print: remarks, and readings of coefficients."""
    remarks = [
        (study.label(row.variable), row.remark.text("en"))
        for row in study.compared
        if row.remark is not None
    ]
    for name in type(study.methods).model_fields:
        answer = getattr(study.methods, name)
        if answer is not None and answer.remark is not None:
            remarks.append((f"Methods, {name.replace('_', ' ')}", answer.remark.text("en")))
    for model in study.model:
        if model.remark is not None:
            remarks.append((f"Model '{model.id}'", model.remark.text("en")))
        for row in model.coefficient:
            name = _row_label(study, row)
            remarks += [
                (f"{name}, {field.replace('_', ' ')}", remark.text("en"))
                for field, remark in row.remarks.items()
            ]
            if row.reading is not None:
                weights = " + ".join(
                    f"{weight:g} x {term}{f' = {level}' if level else ''}"
                    for term, level, weight in row.reading.weights
                )
                told = f"{row.reading.label.text('en')}: {weights} = {row.reading.estimate}"
                remarks.append((f"{name}, reading", told))
    remarks += [
        (each.label.text("en") if each.label is not None else each.name, each.remark.text("en"))
        for each in study.statistic
        if each.remark is not None
    ]
    if remarks:
        yield "Recorded beside the print"
    yield from (_item(label, sentence) for label, sentence in remarks)


def _assumed(study: PublishedStudy) -> Iterator[str]:
    entries = study.to_dict().get("assumed") or {}
    if entries:
        yield "Assumed by a reconstruction"
    for name, value in entries.items():
        yield _item(name, str(value))
