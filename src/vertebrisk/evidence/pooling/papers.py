"""Studies pooled from what their papers print, with all that a reader needs to judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from vertebrisk._checks import check_choice
from vertebrisk._types import Json
from vertebrisk.errors import ArgumentError, DataError
from vertebrisk.evidence.library import find_study, library
from vertebrisk.evidence.pooling.asymmetry import Egger, Funnel, funnel
from vertebrisk.evidence.pooling.estimate_tables import read_estimates
from vertebrisk.evidence.pooling.estimates import (
    NOTHING,
    Evidence,
    check_factor,
    collected,
    study_estimates,
)
from vertebrisk.evidence.pooling.factors import Factor, house_factors, load_factors
from vertebrisk.evidence.pooling.regression import MetaRegression
from vertebrisk.evidence.pooling.results import Pooled, PoolingModel, PredictionDf
from vertebrisk.evidence.pooling.study_estimates import (
    NOT_STATED,
    Measure,
    Performance,
    Source,
    StudyEstimate,
)
from vertebrisk.evidence.pooling.subsets import Subgroups
from vertebrisk.evidence.pooling.ways import Ways
from vertebrisk.evidence.published import PublishedStudy
from vertebrisk.findings import Finding, by_severity
from vertebrisk.kernels.meta_analysis.heterogeneity import PoolingMethod
from vertebrisk.protocol.fields import Localised
from vertebrisk.text.messages import joined, say
from vertebrisk.text.plurals import agreeing

SCHEMA_VERSION = 1
WHOLE_LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class PooledPapers:
    """What several papers say together; made by `pool_papers`.

    Attributes
    ----------
    evidence : Evidence
        One number a study, and the studies that give none.
    pooled : Pooled
        All of them together, on the scale of pooling.
    subgroup, subgroups : str, Subgroups or None
        What the studies were grouped by, and each group pooled.
    moderator, regression : str, MetaRegression or None
        What they were regressed on.
    omitted : DataFrame or None
        The pooled number without each study; see `leave_one_out`.
    egger : Egger or None
        Test of an asymmetric funnel, of three or more studies whose errors differ.
    funnel : Funnel
        Points and lines of the funnel plot.
    findings : tuple of Finding
        What a careful reader would want to know, the gravest first.
    """

    evidence: Evidence
    pooled: Pooled
    subgroup: str
    subgroups: Subgroups | None
    moderator: str
    regression: MetaRegression | None
    omitted: pl.DataFrame | None
    egger: Egger | None
    funnel: Funnel
    findings: tuple[Finding, ...]

    @property
    def weights(self) -> tuple[float, ...]:
        """Share of each study in percent; of the binomial-normal model that of its patients."""
        if self.pooled.weights:
            return self.pooled.weights
        sizes = [each.n or 0 for each in self.evidence.estimates]
        return tuple(100 * size / sum(sizes) for size in sizes)

    def members(self, group: str) -> tuple[StudyEstimate, ...]:
        """Studies of one subgroup, in their order."""
        return tuple(
            each
            for each in self.evidence.estimates
            if (each.about.get(self.subgroup) or NOT_STATED) == group
        )

    def to_dict(self) -> Json:
        """JSON form."""
        frame = self.omitted
        return {
            "schema_version": SCHEMA_VERSION,
            **self.evidence.to_dict(),
            "scale": self.pooled.scale,
            "pooled": self.pooled.to_dict(),
            "subgroup": self.subgroup or None,
            "subgroups": self.subgroups.to_dict() if self.subgroups is not None else None,
            "moderator": self.moderator or None,
            "regression": self.regression.to_dict() if self.regression is not None else None,
            "leave_one_out": frame.to_dict(as_series=False) if frame is not None else None,
            "egger": self.egger.to_dict() if self.egger is not None else None,
            "findings": [finding.to_dict() for finding in self.findings],
        }


def pool_papers(
    papers: Sequence[PublishedStudy | str | Path],
    measure: Measure,
    *,
    table: Path | str | None = None,
    factor: str | None = None,
    factors: Path | str | Mapping[str, Factor] | None = None,
    source: Source | None = None,
    performance: Performance | None = None,
    outcomes: Sequence[str] = (),
    model: PoolingModel = "normal",
    method: PoolingMethod = "REML",
    hartung_knapp: bool = True,
    prediction_df: PredictionDf | None = None,
    subgroup: str | None = None,
    moderator: str | None = None,
    without_each: bool = False,
) -> PooledPapers:
    """What do published studies say together of an incidence, a factor, or a model's performance?

    Parameters
    ----------
    papers : sequence
        Studies, library ids or paths of their TOML files; ``"library"`` stands for all of the
        library. May be empty where there is a table.
    measure : {"incidence", "odds-ratio", "c-statistic", "oe", "slope"}
        Incidence of the outcome; odds ratio of a factor; C-statistic; observed/expected ratio;
        calibration slope.
    table : path, optional
        Estimates of studies outside the library, see `read_estimates`.
    factor, factors : optional
        Of an odds ratio: which factor, and the user's own mapping (a file or what
        `load_factors` gives).
    source : {"adjusted", "crude"}, optional
        Of an odds ratio; by default adjusted where there is one, with a warning where both occur.
    performance : {"apparent", "corrected", "external"}, optional
        On whom performance was measured; these are never pooled together.
    outcomes : sequence of str
        Which outcomes, where the studies have several.
    model : {"normal", "binomial-normal"}
        The second is of an incidence only, for rare events.
    method, hartung_knapp, prediction_df
        As for `pool`.
    subgroup, moderator : str, optional
        A property of the studies: threshold, time_point, design, outcome, source, text, year, n,
        or a further column of the table.
    without_each : bool
        Pool again without each study.

    Returns
    -------
    PooledPapers

    Raises
    ------
    DataError
        Fewer than two studies give a number (the message says why of each), or the studies are
        not of one outcome.
    ArgumentError
        Options that do not go together.
    """
    check_choice(measure, "measure", Measure)
    _check_model(measure, model, moderator)
    evidence = _evidence(
        papers, measure, table, factor, factors, source, performance, tuple(outcomes)
    )
    ways = Ways(evidence, model, method, hartung_knapp, prediction_df)
    pooled = ways.all()
    grouped = ways.by(subgroup) if subgroup else None
    regressed = ways.on(moderator) if moderator else None
    tested = ways.egger()
    findings = [
        *evidence.findings,
        *pooled.findings,
        *_unused(evidence),
        *(grouped.findings if grouped is not None else ()),
        *(regressed.findings if regressed is not None else ()),
        *(tested.findings if tested is not None else ()),
    ]
    return PooledPapers(
        evidence=evidence,
        pooled=pooled,
        subgroup=subgroup or "",
        subgroups=grouped,
        moderator=moderator or "",
        regression=regressed,
        omitted=ways.without_each() if without_each else None,
        egger=tested,
        funnel=funnel(*ways.numbers, method=method),
        findings=by_severity(findings),
    )


def papers_of(papers: Sequence[PublishedStudy | str | Path]) -> list[PublishedStudy]:
    """Studies by their ids or paths; ``"library"`` stands for all of the library."""
    studies: list[PublishedStudy] = []
    for paper in papers:
        if isinstance(paper, PublishedStudy):
            studies.append(paper)
        elif str(paper) == WHOLE_LIBRARY:
            studies.extend(library())
        else:
            studies.append(find_study(paper))
    return studies


def _check_model(measure: Measure, model: PoolingModel, moderator: str | None) -> None:
    check_choice(model, "model", PoolingModel)
    if model == "binomial-normal" and measure != "incidence":
        raise ArgumentError(
            f"--model binomial-normal is of an incidence, which is counted; {measure} has no "
            "counts of its own. Use --model normal."
        )
    if model == "binomial-normal" and moderator:
        raise ArgumentError("--moderator goes with --model normal.")


def _evidence(
    papers: Sequence[PublishedStudy | str | Path],
    measure: Measure,
    table: Path | str | None,
    factor: str | None,
    factors: Path | str | Mapping[str, Factor] | None,
    source: Source | None,
    performance: Performance | None,
    outcomes: tuple[str, ...],
) -> Evidence:
    """What the papers and the table say, checked to be of two studies or more."""
    studies = papers_of(papers)
    if not studies and table is None:
        raise ArgumentError(
            "No paper is given; name library ids or TOML files, 'library' for all of the library, "
            "or --table FILE."
        )
    check_factor(measure, factor)
    own = load_factors(factors) if isinstance(factors, str | Path) else factors
    evidence = _named(measure, factor, own or {})
    if studies:
        evidence = study_estimates(
            studies, measure, factor_name=factor, factors=own, source=source,
            performance_kind=performance, outcomes=outcomes,
        )  # fmt: skip
    if table is not None:
        evidence = collected(evidence, read_estimates(table, measure), source, performance)
    if len(evidence.estimates) < 2:
        raise DataError(_too_few(evidence))
    return evidence


def _named(measure: Measure, name: str | None, own: Mapping[str, Factor]) -> Evidence:
    """No evidence yet, under the name of what a table's rows are of."""
    known = own.get(name or "") or house_factors().get(name or "")
    if known is not None:
        return Evidence(measure, known.label, known.compares, ())
    return Evidence(measure, Localised(en=name or ""), NOTHING, ())


def _too_few(evidence: Evidence) -> str:
    given = evidence.estimates
    what = evidence.measure.replace("-", " ")
    head = f"No study gives a usable {what}"
    if given:
        head = f"Only {given[0].label} gives a usable {what}"
    title = evidence.title.text("en")
    of = f" of '{title}'" if title else ""
    reasons = "; ".join(f"{each.label}: {each.reason}" for each in evidence.unused)
    tail = f" ({reasons})" if reasons else ""
    return f"{head}{of}, and pooling needs two or more.{tail}"


def _unused(evidence: Evidence) -> tuple[Finding, ...]:
    if not evidence.unused:
        return ()
    n = len(evidence.unused)
    reasons = joined(
        [say("{name}: {value}", name=each.label, value=each.reason) for each in evidence.unused],
        "; ",
    )
    return (
        Finding(
            "studies-not-pooled",
            "warning",
            say(
                "{n} {study_is} not among those pooled. {reasons}.",
                n=n,
                study_is=agreeing(n, "study is", "studies are"),
                reasons=reasons,
            ),
            say("Ask the authors, or add what they print to a table of estimates: --table."),
            say("Studies that print no number are not those that found none."),
        ),
    )
