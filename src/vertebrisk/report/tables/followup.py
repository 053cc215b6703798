"""Tables of scores over follow-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vertebrisk.comparison.repeated.results import (
    ALL,
    Change,
    Effect,
    MarginalMean,
    PairedTest,
    Responders,
    VisitSummary,
)
from vertebrisk.report.tables.patients import with_unit
from vertebrisk.report.tables.table import (
    EMPTY,
    Cell,
    Column,
    Row,
    Spanner,
    TableSpec,
    number,
    text,
)
from vertebrisk.report.words import Words

if TYPE_CHECKING:
    from vertebrisk.report.results.followup import FollowupResult


def followup_tables(results: Sequence[FollowupResult], words: Words) -> list[TableSpec | None]:
    """Visits, changes, tests over all visits, mixed model and group difference of each score."""
    tables: list[TableSpec | None] = []
    for place, each in enumerate(results, start=1):
        tables += [
            visits_table(each, place, words),
            changes_table(each, place, words),
            tests_table(each, place, words),
            mixed_table(each, place, words),
            difference_table(each, place, words),
        ]
    return tables


def difference_unit(unit: str, words: Words) -> str:
    """Unit of a difference of scores: points where the score itself is a percentage."""
    return words("followup.points") if unit in ("%", "") else unit


def _groups(result: FollowupResult) -> tuple[str, ...]:
    return (ALL, *result.record.groups)


def _heading(result: FollowupResult, group: str, width: int, words: Words) -> Iterator[Row]:
    """A heading for each group, where there are groups."""
    if result.record.groups:
        name = result.group_name(group) if group else words("followup.everyone")
        yield Row((text(name), *(EMPTY,) * (width - 1)), kind="heading")


def _indent(result: FollowupResult) -> int:
    return 1 if result.record.groups else 0


def _effect(effect: Effect) -> Cell:
    return number(
        "estimate_interval", effect.estimate, effect.conf_low, effect.conf_high, decimals=2
    )


def visits_table(result: FollowupResult, place: int, words: Words) -> TableSpec:
    """Each visit: who was seen, the scores, the change since the first, who improved."""
    record = result.record
    columns = [
        Column("visit", words("followup.visit"), "start"),
        Column("n", words("followup.n_missing")),
        Column("mean_sd", words.mean_sd()),
        Column("mean", words("followup.mean_limits")),
        Column("median", words.median_iqr()),
        Column("change", words("followup.change_ci")),
    ]
    if record.mcid is not None:
        columns.append(Column("responders", words("followup.responders")))
        columns.append(Column("share", words("followup.share")))
    rows: list[Row] = []
    for group in _groups(result):
        rows += _heading(result, group, len(columns), words)
        for summary in record.summaries:
            if summary.group == group:
                cells = _visit_cells(result, summary)
                rows.append(Row((*cells, *_response(result, summary)), indent=_indent(result)))
    notes = [words("note.followup")]
    if record.mcid is not None:
        notes.append(
            words(
                "note.responders",
                mcid=f"{record.mcid:g}",
                unit=difference_unit(result.unit, words),
            )
        )
    caption = words("caption.followup_visits", label=with_unit(result.label, result.unit))
    return TableSpec(
        f"followup_{place}_visits", caption, tuple(columns), tuple(rows), (), tuple(notes)
    )


def _visit_cells(result: FollowupResult, each: VisitSummary) -> tuple[Cell, ...]:
    found, places = each.summary, result.decimals
    change = _since_first(result, each)
    return (
        text(result.visit_label(each.visit)),
        number("counts", found.n, found.missing),
        number("mean_sd", found.mean, found.sd, decimals=places),
        number("interval", each.conf_low, each.conf_high, decimals=places),
        number("median_iqr", found.median, found.q1, found.q3, decimals=places),
        EMPTY
        if change is None
        else number(
            "estimate_interval", change.mean, change.conf_low, change.conf_high, decimals=places
        ),
    )


def _since_first(result: FollowupResult, each: VisitSummary) -> Change | None:
    first = result.record.visits[0].name
    for change in result.record.changes:
        if (change.earlier, change.later, change.group) == (first, each.visit, each.group):
            return change
    return None


def _response(result: FollowupResult, each: VisitSummary) -> tuple[Cell, ...]:
    if result.record.mcid is None:
        return ()
    found = [
        one
        for one in result.record.responders
        if (one.visit, one.group) == (each.visit, each.group)
    ]
    return _response_cells(found[0]) if found else (EMPTY, EMPTY)


def _response_cells(found: Responders) -> tuple[Cell, Cell]:
    def percent(share: float | None) -> float | None:
        return None if share is None else 100.0 * share

    return (
        number("counts", found.count, found.n),
        number(
            "estimate_interval",
            percent(found.share),
            percent(found.conf_low),
            percent(found.conf_high),
            decimals=1,
        ),
    )


def changes_table(result: FollowupResult, place: int, words: Words) -> TableSpec:
    """Every pair of visits: change, the paired tests asked for, sizes of the effect."""
    wanted = [name for name in ("t", "wilcoxon") if name in result.tests]
    columns = [
        Column("pair", words("followup.pair"), "start"),
        Column("n", words("n")),
        Column("change", words("followup.change_ci")),
    ]
    spanners: list[Spanner] = []
    for name in wanted:
        start = len(columns)
        columns.append(Column(f"{name}_statistic", words(f"followup.statistic.{name}")))
        columns.append(Column(f"{name}_holm", words("p")))
        spanners.append(Spanner(words(f"followup.test.{name}"), start, start + 2))
    columns.append(Column("dz", words("followup.dz")))
    columns.append(Column("d_av", words("followup.d_av")))
    columns.append(Column("biserial", words("followup.biserial")))
    rows: list[Row] = []
    for group in _groups(result):
        rows += _heading(result, group, len(columns), words)
        for change in result.record.changes:
            if change.group == group:
                rows.append(
                    Row(_change_cells(result, change, wanted, words), indent=_indent(result))
                )
    caption = words("caption.followup_changes", label=with_unit(result.label, result.unit))
    notes = (words("note.followup_changes"),)
    key = f"followup_{place}_changes"
    return TableSpec(key, caption, tuple(columns), tuple(rows), tuple(spanners), notes)


def _change_cells(
    result: FollowupResult, change: Change, wanted: Sequence[str], words: Words
) -> tuple[Cell, ...]:
    tests = {"t": change.t_test, "wilcoxon": change.wilcoxon}
    pair = words(
        "followup.from_to",
        later=result.visit_label(change.later),
        earlier=result.visit_label(change.earlier),
    )
    return (
        text(pair),
        number("integer", change.n),
        number(
            "estimate_interval",
            change.mean,
            change.conf_low,
            change.conf_high,
            decimals=result.decimals,
        ),
        *(cell for name in wanted for cell in _test_cells(tests[name], name)),
        _effect(change.dz),
        _effect(change.d_av),
        number("estimate", change.rank_biserial, decimals=2),
    )


def _test_cells(test: PairedTest, name: str) -> tuple[Cell, Cell]:
    places = 2 if name == "t" else 1
    return number("estimate", test.statistic, decimals=places), number("p_value", test.p_holm)


def tests_table(result: FollowupResult, place: int, words: Words) -> TableSpec | None:
    """Tests over all visits: ANOVA with its corrections, Friedman, the mixed model."""
    rows = [*_anova_rows(result, words), *_friedman_rows(result, words), *_wald_rows(result, words)]
    if not rows:
        return None
    columns = (
        Column("test", words("test"), "start"),
        Column("effect", words("followup.effect"), "start"),
        Column("statistic", words("statistic")),
        Column("df", words("df")),
        Column("p", words("p")),
        Column("p_gg", words("followup.p_gg")),
        Column("p_hf", words("followup.p_hf")),
        Column("size", words("followup.size")),
    )
    complete = result.record.complete
    notes = [words("note.complete", n=complete.n, left_out=complete.left_out)]
    shape = complete.sphericity
    if shape is not None and shape.w is not None and "anova" in result.tests:
        notes.append(_sphericity_note(result, words))
    caption = words("caption.followup_tests", label=result.label)
    return TableSpec(f"followup_{place}_tests", caption, columns, tuple(rows), (), tuple(notes))


def _sphericity_note(result: FollowupResult, words: Words) -> str:
    shape = result.record.complete.sphericity
    assert shape is not None  # asked for only then
    return words(
        "note.sphericity",
        w=words.numbers.estimate(shape.w, 3),
        p=words.numbers.p_statement(shape.p_value).replace(" ", "\u00a0"),
        gg=words.numbers.estimate(shape.greenhouse_geisser, 3),
        hf=words.numbers.estimate(shape.huynh_feldt, 3),
    )


def _anova_rows(result: FollowupResult, words: Words) -> Iterator[Row]:
    if "anova" not in result.tests:
        return
    for each in result.record.complete.effects:
        yield Row(
            (
                text(words("followup.test.anova")),
                text(_effect_name(each.effect, result, words)),
                number("estimate", each.statistic, decimals=2),
                text(f"{each.df:g}, {each.df_error:g}"),
                number("p_value", each.p_value),
                number("p_value", each.p_greenhouse_geisser),
                number("p_value", each.p_huynh_feldt),
                _sizes((each.partial_eta2, each.generalised_eta2), "followup.eta", words),
            )
        )


def _friedman_rows(result: FollowupResult, words: Words) -> Iterator[Row]:
    found = result.record.complete.friedman
    if found is None or "friedman" not in result.tests:
        return
    yield Row(
        (
            text(words("followup.test.friedman")),
            text(_effect_name("visit", result, words)),
            number("estimate", found.statistic, decimals=2),
            number("integer", found.df),
            number("p_value", found.p_value),
            EMPTY,
            EMPTY,
            _sizes((found.kendall_w,), "followup.kendall", words),
        )
    )


def _wald_rows(result: FollowupResult, words: Words) -> Iterator[Row]:
    mixed = result.record.mixed
    for each in () if mixed is None else mixed.tests:
        yield Row(
            (
                text(words("followup.test.mixed")),
                text(_effect_name(each.effect, result, words)),
                number("estimate", each.statistic, decimals=2),
                text(f"{each.df:g}, {each.df2:g}"),
                number("p_value", each.p_value),
                EMPTY,
                EMPTY,
                EMPTY,
            )
        )


def _sizes(values: Sequence[float | None], key: str, words: Words) -> Cell:
    if any(value is None for value in values):
        return EMPTY
    return text(words(key, values=" / ".join(words.numbers.estimate(value, 3) for value in values)))


def _effect_name(effect: str, result: FollowupResult, words: Words) -> str:
    visit, group = words("followup.visit"), result.group_label
    return {"visit": visit, "group": group}.get(effect, f"{group} × {visit}")


def mixed_table(result: FollowupResult, place: int, words: Words) -> TableSpec | None:
    """Marginal means of the mixed model and changes since the first visit."""
    mixed = result.record.mixed
    if mixed is None:
        return None
    columns = (
        Column("visit", words("followup.visit"), "start"),
        Column("mean", words("followup.marginal")),
        Column("change", words("followup.change_ci")),
        Column("df", words("df")),
        Column("p", words("p")),
    )
    rows: list[Row] = []
    for group in result.record.groups or (ALL,):
        rows += _heading(result, group, len(columns), words) if group else ()
        changes = {each.visit: each for each in mixed.changes if each.group == group}
        rows += [
            Row(_mixed_cells(result, each, changes.get(each.visit)), indent=_indent(result))
            for each in mixed.means
            if each.group == group
        ]
    caption = words("caption.followup_mixed", label=with_unit(result.label, result.unit))
    notes = (words("note.mixed", n=mixed.n_patients, values=mixed.n_values),)
    return TableSpec(f"followup_{place}_mixed", caption, columns, tuple(rows), (), notes)


def _mixed_cells(
    result: FollowupResult, mean: MarginalMean, change: MarginalMean | None
) -> tuple[Cell, ...]:
    def shown(each: MarginalMean) -> Cell:
        return number(
            "estimate_interval", each.estimate, each.conf_low, each.conf_high,
            decimals=result.decimals,
        )  # fmt: skip

    tail = (EMPTY, EMPTY, EMPTY)
    if change is not None:
        tail = (shown(change), number("integer", change.df), number("p_value", change.p_value))
    return text(result.visit_label(mean.visit)), shown(mean), *tail


def difference_table(result: FollowupResult, place: int, words: Words) -> TableSpec | None:
    """Two groups' changes since the first visit, compared."""
    record = result.record
    if not record.differences:
        return None
    first, second = (result.group_name(group) for group in record.groups)
    columns = (
        Column("visit", words("followup.visit"), "start"),
        Column("n", words("n")),
        Column("difference", words("followup.difference")),
        Column("df", words("df")),
        Column("p", words("p")),
    )
    rows = tuple(
        Row(
            (
                text(result.visit_label(each.visit)),
                number("counts", each.n[1], each.n[0]),
                number(
                    "estimate_interval",
                    each.difference,
                    each.conf_low,
                    each.conf_high,
                    decimals=result.decimals,
                ),
                number("estimate", each.df, decimals=1),
                number("p_value", each.p_value),
            )
        )
        for each in record.differences
    )
    caption = words("caption.followup_groups", label=with_unit(result.label, result.unit))
    notes = (words("note.followup_groups", first=first, second=second),)
    return TableSpec(f"followup_{place}_groups", caption, columns, rows, (), notes)
