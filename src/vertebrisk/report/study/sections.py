"""Which sections a run's report has, in which order, and what each shows.

A section begins with the paragraphs that `report.narrative` writes under its key; its heading
is the word of that key. `page` says how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vertebrisk.report.main_numbers import is_intercept_only, spline_formula, variable_labels
from vertebrisk.report.narrative import cited, for_patients
from vertebrisk.report.page.building import (
    Stock,
    findings_section,
    limits_section,
    prose,
    provenance_section,
)
from vertebrisk.report.page.content import (
    Block,
    Formula,
    Paragraph,
    References,
    Section,
    Subheading,
)
from vertebrisk.report.results.study import StudyResult
from vertebrisk.report.study.opening import provenance_of
from vertebrisk.report.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What the sections of one run are made of; `text` has the paragraphs of each."""

    result: StudyResult
    words: Words
    stock: Stock
    text: Mapping[str, Sequence[str]]


Item = Callable[[Material], tuple[Block, ...]]
When = Callable[[StudyResult], bool]


def always(result: StudyResult) -> bool:
    """For a section that every report has."""
    return True


@dataclass(frozen=True, slots=True)
class Part:
    """A section: what follows its paragraphs, and in which reports it stands."""

    key: str
    items: tuple[Item, ...] = ()
    when: When = always

    def section(self, made: Material) -> Section:
        """The section of one report."""
        shown = (block for item in self.items for block in item(made))
        heading = made.words(self.key)
        return Section(self.key, heading, (*prose(made.text[self.key]), *shown))


@dataclass(frozen=True, slots=True)
class Closing:
    """A section that pages of every kind have, made for a run."""

    section: Callable[[Material], Section]
    when: When = always


def figure(*keys: str) -> Item:
    """Figures in the order named."""
    return lambda made: made.stock.figures(*keys)


def figures(key: str) -> Item:
    """The figure of this key, and those that continue it: ``calibration``, ``calibration_2``."""

    def shown(made: Material) -> tuple[Block, ...]:
        more = (name for name in made.stock.captions if name.startswith(f"{key}_"))
        return made.stock.figures(key, *more)

    return shown


def table(*keys: str) -> Item:
    """Tables in the order named, one below the other."""
    return lambda made: made.stock.shown(*keys)


def beside(*keys: str) -> Item:
    """Small tables, which may stand beside each other."""
    return lambda made: made.stock.beside(*keys)


def scores(made: Material) -> tuple[Block, ...]:
    """Each score over follow-up: its figure, then its tables."""
    blocks: tuple[Block, ...] = ()
    for place, _ in enumerate(made.result.followup, start=1):
        own = (name for name in made.stock.tables if name.startswith(f"followup_{place}_"))
        blocks += (*made.stock.figures(f"followup_{place}"), *made.stock.shown(*own))
    return blocks


def equation(made: Material) -> tuple[Block, ...]:
    """The model as one computes it by hand, with the knots of its splines."""
    result, words = made.result, made.words
    if not result.equation or is_intercept_only(result):
        return ()
    written = Formula(words("multivariable.equation"), (result.equation,))
    if not result.splines:
        return (written,)
    lines = (spline_formula(), *_knots(result, words))
    return written, Formula(words("multivariable.splines"), lines)


def _knots(result: StudyResult, words: Words) -> list[str]:
    """One line for each spline: its variable and its knots, precise enough to compute with."""
    labels = variable_labels(result)
    return [
        words(
            "multivariable.knots",
            label=labels.get(name, name),
            knots=", ".join(f"{knot:.10g}" for knot in knots),
        )
        for name, knots in result.splines
    ]


def _findings(made: Material) -> Section:
    return findings_section(made.result.findings, made.words)


def _methods(made: Material) -> Section:
    papers = cited(made.result, made.stock.tables)
    blocks = (
        *prose(made.text["statistical_methods"]),
        Subheading(made.words("references")),
        References(tuple((each.printed, each.address) for each in papers)),
    )
    return Section("statistical_methods", made.words("statistical_methods"), blocks)


def _plain(made: Material) -> Section:
    told = for_patients(made.result, made.stock.tables)
    blocks = tuple(Paragraph(answer, question + made.words.space) for question, answer in told)
    return Section("plain_summary", made.words("plain_summary"), blocks)


def _limits(made: Material) -> Section:
    return limits_section(made.text["limits"], made.words)


def _provenance(made: Material) -> Section:
    return provenance_section(provenance_of(made.result, made.words), made.words)


SECTIONS: tuple[Part | Closing, ...] = (
    Part("participants", (figure("flow"),)),
    Part("comparison", (table("comparison"), figure("balance"))),
    Part(
        "imputation",
        (
            table("missing_patterns"),
            figure("missing_patterns"),
            table("missingness"),
            figure("convergence", "imputed_values"),
        ),
        lambda result: result.imputed is not None,
    ),
    Part(
        "matching",
        (beside("matched_sets", "varying_sets"),),
        lambda result: result.matched is not None,
    ),
    Part(
        "survival",
        (figure("kaplan_meier", "incidence"), table("incidence", "group_tests")),
        lambda result: result.survival is not None,
    ),
    Part(
        "univariable",
        (table("univariable", "stability"),),
        lambda result: bool(result.univariable),
    ),
    Part(
        "multivariable",
        (
            table("multivariable", "complete_cases"),
            equation,
            figure("forest", "path", "cross_validation"),
            figures("effect"),
            table("powers"),
            beside("cross_validation", "shrinkage", "shapes", "fit", "vif", "hazards"),
            figure("schoenfeld"),
        ),
    ),
    Part("sampling", (table("sampling"),), lambda result: result.sampling is not None),
    Part(
        "nomogram",
        (figure("nomogram"), beside("points", "total")),
        lambda result: result.matched is None or bool(result.matched.nomogram.axes),
    ),
    Part(
        "discrimination",
        (figure("roc", "over_time", "kaplan_meier_thirds"), table("horizons", "thresholds")),
    ),
    Part(
        "calibration",
        (figures("calibration"), table("calibration")),
        lambda result: result.matched is None,
    ),
    Part(
        "validation",
        (
            table("performance"),
            figure("selection"),
            table("selection", "models", "moved", "powers_repeated", "selection_cost"),
        ),
    ),
    Part(
        "centres",
        (figure("centres"), table("centres")),
        lambda result: result.centres is not None,
    ),
    Part("split", (table("split"),), lambda result: result.split is not None),
    Part(
        "decision",
        (figures("decision"), table("decision")),
        lambda result: result.matched is None,
    ),
    Part("no_risk", (), lambda result: result.matched is not None),
    Part(
        "instability",
        (figures("instability"), table("instability")),
        lambda result: result.instability is not None,
    ),
    Part("size", (table("size"),), lambda result: result.size is not None),
    Part(
        "beside",
        (table("logistic"),),
        lambda result: result.survival is not None and bool(result.survival.beside),
    ),
    Part("followup", (scores,), lambda result: bool(result.followup)),
    Part(
        "agreement",
        (table("agreement_categorical", "agreement_continuous"), figures("agreement")),
        lambda result: bool(result.agreement),
    ),
    Closing(_findings),
    Part("replication", (table("replication"),), lambda result: bool(result.replication)),
    Closing(_methods),
    Closing(_plain),
    Closing(_limits),
    Closing(_provenance),
)
