"""A model that can be used, from a published table, where the table gives enough."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from vertebrisk._checks import listed, nearest
from vertebrisk._frames import as_polars
from vertebrisk._types import FloatArray, Timing
from vertebrisk.design.build import ranged_predictor
from vertebrisk.design.design import Design, Predictor
from vertebrisk.design.encode import encode
from vertebrisk.design.factors import Factor, Term
from vertebrisk.design.syntax import quoted
from vertebrisk.errors import ArgumentError, DataError, PaperError
from vertebrisk.evidence.coefficients import ReadingName, ReadTable, ReadTerm
from vertebrisk.evidence.consistent import consistent_table
from vertebrisk.evidence.library import library_ids, library_study
from vertebrisk.evidence.margins import (
    LinearPredictor,
    Stratum,
    load_margins,
    over_margins,
    over_patients,
    printed_margins,
)
from vertebrisk.evidence.published import CONSTANT, PaperModel, PublishedStudy
from vertebrisk.models.elsewhere.patients import reach
from vertebrisk.models.portable.describing import Outcome, Population, Provenance
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.nomogram.build import linear_predictor_ticks
from vertebrisk.protocol.described import eligible_words, in_words
from vertebrisk.protocol.fields import Localised

TAIL = 2.326  # SDs from the mean to the 1st and 99th percentile of a normal variable
_REMEDY = (
    "Give the prevalence with the patients that it holds for: --prevalence P with --cohort FILE "
    "or --distribution FILE; '--distribution paper' takes the distributions that are printed."
)
_ORDER: tuple[Timing, ...] = ("preoperative", "intraoperative", "postoperative")


@dataclass(frozen=True, slots=True, eq=False)
class PublishedModel:
    """A model made from a paper, and what a user of it must be told."""

    model: RiskModel
    notes: tuple[str, ...]


def published_model(
    study: PublishedStudy,
    *,
    model: str = "final",
    reading: ReadingName | None = None,
    prevalence: float | None = None,
    patients: object | None = None,
    distribution: Path | Literal["paper"] | None = None,
) -> PublishedModel:
    """The risk model that a paper's regression table describes.

    Parameters
    ----------
    study : PublishedStudy
        The paper.
    model : str
        Id of the regression table.
    reading : {"consistent", "printed"}, optional
        How rows that contradict themselves are read: as the recorded reading says (the
        default), or as they stand.
    prevalence : float, optional
        Share of patients with the event, 0 to 1, for which the intercept is solved. It
        needs one of the next two: a prevalence goes with a different intercept in every
        population.
    patients : frame, optional
        The population's patients, one row each, columns named as the predictors. Rows with
        a missing predictor are left out, and their number is told.
    distribution : Path or "paper", optional
        A TOML file with the distribution of each predictor, or the distributions that the
        paper prints; predictors are taken to be independent (in the paper's: within each
        group), which is told.

    Returns
    -------
    PublishedModel
        `model` has no covariance, since no paper prints one: its risks have no intervals.

    Raises
    ------
    PaperError
        If the paper does not give enough; the message says what is missing.
    ArgumentError
        If the options do not go together.
    """
    table = _regression(study, model)
    read = consistent_table(study, table, reading)
    _check_options(prevalence, patients, distribution)
    _check_enough(study, table, read, solved=prevalence is not None)
    design = _design(study, read)
    beta = np.array([number for term in read.terms for number in term.beta])
    notes = [note for term, note in read.notes if prevalence is None or term != CONSTANT]
    if prevalence is None:
        assert read.constant is not None  # checked above
        intercept = read.constant
    else:
        linear, told = _population(study, read, design, beta, prevalence, patients, distribution)
        intercept = linear.intercept_for(prevalence)
        solved = f"The intercept is {intercept:.6g}, solved for a mean risk of {prevalence:g}."
        notes += [*told, solved]
    notes.append("Risks have no intervals: the paper prints no covariance of its coefficients.")
    risk_model = RiskModel(
        design=design,
        intercept=intercept,
        beta=beta,
        covariance=None,
        draws=None,
        interval_kind="none",
        linear_ticks=linear_predictor_ticks(intercept + reach(design, beta)),
        outcome=_outcome(study),
        population=Population(
            n=study.n or 0,
            n_events=study.n_events,
            design=study.design.kind,
            prevalence=prevalence if study.design.kind == "case-control" else None,
            **eligible_words(
                tuple(Localised(en=each.text) for each in study.eligibility.include),
                tuple(Localised(en=each.text) for each in study.eligibility.exclude),
                "en",
            ),
        ),
        provenance=Provenance(
            study=study.id,
            title=study.citation.text,
            formula=_formula(study, read),
            selection=table.procedure or "",
            estimator="published",
            use_at=max((study.variables[t.variable].timing for t in read.terms), key=_ORDER.index),
        ),
        performance={
            "procedure": "as published",
            "place": table.place,
            "published": [
                {"measure": each.name, "value": each.value.text, "place": each.place}
                for each in study.statistic
                if each.name.startswith(("auc", "c_index"))
            ],
            "notes": notes,
        },
    )
    return PublishedModel(risk_model, tuple(notes))


def find_model(name: str | Path) -> tuple[RiskModel, tuple[str, ...]]:
    """A model by the path of its JSON file, or by the library id of a paper that gives one.

    Raises
    ------
    DataError, ModelError, PaperError
        If there is neither, or the file or the paper gives no model.
    """
    known = library_ids()
    if str(name) in known and not Path(name).exists():
        made = published_model(library_study(str(name)))
        return made.model, made.notes
    path = Path(name)
    if path.suffix == "" and not path.exists():
        raise DataError(
            f"'{name}' is neither the file of a model nor a study of the library "
            f"({', '.join(known)}).{nearest(str(name), known)}"
        )
    return RiskModel.load(path), ()


def _regression(study: PublishedStudy, identity: str) -> PaperModel:
    found = study.regression(identity)
    if found is None:
        known = [each.id for each in study.model]
        raise PaperError(
            f"'{study.id}' prints no model '{identity}'; it prints {', '.join(known) or 'none'}."
            f"{nearest(identity, known)}"
        )
    return found


def _check_enough(
    study: PublishedStudy, table: PaperModel, read: ReadTable, *, solved: bool
) -> None:
    """Refuse with everything that stands in the way, in one line."""
    sampled = study.design.kind == "case-control"
    several = "s" if len(read.lacking) > 1 else ""
    lacking = [f"the coefficient{several} of {listed(read.lacking, 40)}"] if read.lacking else []
    if not read.lacking and not read.terms:
        lacking = ["any coefficient"]
    if table.kind == "cox":
        lacking.append("a baseline survival")
    elif read.constant is None and not solved:
        lacking.append("an intercept")
    told = []
    if lacking:
        told.append(f"the {study.citation.source} does not print {' nor '.join(lacking)}")
    if sampled and not solved:
        told.append("a case-control study has no intercept of its population")
    if read.doubts:
        told.append(
            f"{table.place} contradicts itself without a recorded reading that resolves it "
            f"({'; '.join(read.doubts)}), so that only --reading printed takes it"
        )
    if not told:
        return
    remedy = ""
    if table.kind == "logistic" and not solved and not read.lacking:
        remedy = f" {_REMEDY}{_share_of_events(study)}"
    raise PaperError(f"'{study.id}' cannot be exported: {'; '.join(told)}.{remedy}")


def _share_of_events(study: PublishedStudy) -> str:
    population = study.design.population
    if population is None:
        return ""
    return f" The paper has {population.n_events} events in {population.n} patients."


def _check_options(
    prevalence: float | None, patients: object | None, distribution: Path | str | None
) -> None:
    if prevalence is None:
        if patients is not None or distribution is not None:
            raise ArgumentError(
                "A population of patients needs the prevalence that goes with it: --prevalence P."
            )
        return
    if not 0 < prevalence < 1:
        raise ArgumentError(
            f"The prevalence is {prevalence:g}; a share between 0 and 1 is needed, such as 0.054."
        )
    if patients is None and distribution is None:
        raise ArgumentError(
            "A prevalence alone gives no intercept: it goes with another one in every population. "
            "Add the patients that it holds for: --cohort FILE, --distribution FILE, or "
            "--distribution paper."
        )
    if patients is not None and distribution is not None:
        raise ArgumentError("Give patients or a distribution, not both.")


def _population(
    study: PublishedStudy,
    read: ReadTable,
    design: Design,
    beta: FloatArray,
    prevalence: float,
    patients: object | None,
    distribution: Path | Literal["paper"] | None,
) -> tuple[LinearPredictor, list[str]]:
    """Over whom the intercept is solved, and what is to be said of it."""
    if patients is not None:
        matrix = design.matrix(encode(design, as_polars(patients)).codes)
        known = ~np.isnan(matrix).any(axis=1)
        if not known.any():
            raise DataError("No patient of the cohort has all predictors of the model.")
        told = [f"Solved over {int(known.sum())} patients of the cohort."]
        if not known.all():
            told.append(f"{int((~known).sum())} rows lack a predictor and were left out.")
        return over_patients(matrix[known] @ beta), told
    if distribution == "paper":
        strata: tuple[Stratum, ...] = printed_margins(study, read.terms, prevalence)
        whom = "the distributions that the paper prints, predictors independent within each group"
        if study.design.kind == "case-control":
            whom += ", those with the event weighing by the prevalence"
    else:
        strata = load_margins(Path(str(distribution)))
        whom = "the stated distributions, predictors independent"
    return over_margins(read.terms, strata), [f"Solved over {whom}: an assumption."]


def _design(study: PublishedStudy, read: ReadTable) -> Design:
    return Design(
        predictors=tuple(_predictor(study, term) for term in read.terms),
        terms=tuple(Term((_factor(term),)) for term in read.terms),
    )


def _factor(term: ReadTerm) -> Factor:
    if term.levels:
        return Factor(term.variable, "categorical", levels=term.levels)
    return Factor(term.variable, "plain")


def _predictor(study: PublishedStudy, term: ReadTerm) -> Predictor:
    described = study.variables[term.variable]
    words = described.info(term.levels, "en").of(term.variable, term.levels)
    if term.levels:
        return Predictor(discrete=True, adjust_to=term.levels[0], **words)
    low, high = _limits(study, term.variable)
    return ranged_predictor(
        words, low, high, whole=described.whole, decimals=described.decimals or 1
    )


def _limits(study: PublishedStudy, variable: str) -> tuple[float, float]:
    """1st to 99th percentile by the printed means and SDs, inside what is plausible."""
    plausible = study.variables[variable].plausible
    row = next((each for each in study.compared if each.variable == variable and each.mean), None)
    if row is None or not row.sd:
        if plausible is None:
            raise PaperError(
                f"'{study.id}' gives no range of '{variable}'. Add 'plausible' to "
                f"[variables.{variable}] of its file."
            )
        return plausible
    pairs = list(zip(row.mean, row.sd, strict=True))
    low = min(mean.value - TAIL * sd.value for mean, sd in pairs)
    high = max(mean.value + TAIL * sd.value for mean, sd in pairs)
    if plausible is not None:
        low, high = max(low, plausible[0]), min(high, plausible[1])
    return low, high


def _outcome(study: PublishedStudy) -> Outcome:
    outcome = study.outcome
    return Outcome(
        outcome.name,
        event=outcome.threshold or outcome.definition,
        time_point=outcome.time_point or "",
        definition=outcome.definition,
        **in_words({"label": outcome.label}, "en"),
    )


def _formula(study: PublishedStudy, read: ReadTable) -> str:
    names = " + ".join(quoted(term.variable) for term in read.terms)
    return f"{quoted(study.outcome.name)} ~ {names}"
