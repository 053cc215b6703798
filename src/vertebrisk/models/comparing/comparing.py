"""Several RiskModels on one cohort: the same patients for all, and where they part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from vertebrisk._checks import listed, nearest
from vertebrisk._files import read_bytes, sha256
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray
from vertebrisk.design.encode import encode
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import ArgumentError, DataError, ModelError
from vertebrisk.findings import Finding, by_severity
from vertebrisk.models.comparing import remarks
from vertebrisk.models.comparing.asking import Asked, Candidate, candidate_of
from vertebrisk.models.comparing.outcomes import Outcomes
from vertebrisk.models.comparing.results import ModelComparison, SharedRows
from vertebrisk.models.external.asking import Rules, Scored
from vertebrisk.models.external.counting import counts_of, data_kind
from vertebrisk.models.external.remarks import of_inputs
from vertebrisk.models.external.results import Counts, ExternalValidation
from vertebrisk.models.external.timed import validated_over_time
from vertebrisk.models.external.validating import known_outcome
from vertebrisk.models.mapping.applying import in_model_terms
from vertebrisk.models.mapping.document import MappingSource, read_mapping
from vertebrisk.models.mapping.proposing import check_columns
from vertebrisk.models.mapping.reading import read_for
from vertebrisk.models.portable.differing import what_differs
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.scoring import with_unreadable
from vertebrisk.text.plurals import counted
from vertebrisk.validation.reclassification_remarks import improper

Models = Mapping[str, RiskModel] | Sequence[RiskModel]


def compare_models(
    models: Models,
    patients: object,
    *,
    outcome: str,
    time: str = "",
    competing: str = "",
    thresholds: ArrayLike = (),
    curve: ArrayLike | None = None,
    horizon: float | None = None,
    mappings: Mapping[str, MappingSource] | None = None,
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
) -> ModelComparison:
    """Which of several models does best on these patients, and do they say the same?

    All are measured on the same rows: those with an outcome and a risk by every model. Nothing
    is estimated anew.

    Parameters
    ----------
    models : mapping of str to RiskModel, or sequence of RiskModel
        Two or more; a sequence is named by study, title or outcome.
    patients : frame
        polars, pandas or pyarrow; one row a patient, with the columns of all models and those
        that `outcome` reads.
    outcome : str
        A column that is true and false or 1 and 0, or a rule such as ``vas_1m >= 4``, true where
        the event occurred. Rows where it is missing are left out and counted.
    time, competing : str
        For models of time to event, as in `external_validation`: the column of follow-up, and the
        rule of what makes the event impossible. Without a time the outcome by the horizon is known
        of everyone.
    thresholds : array-like, shape (k,)
        Risks between 0 and 1 at which one would act: net benefit, its differences,
        reclassification, and patients whose class differs.
    curve : array-like, optional
        Thresholds of the decision curves; those of `thresholds` by default, which are always
        among them.
    horizon : float, optional
        For models of time to event: the time by which risks are compared. With `time` it is one
        for all, the first model's first horizon by default; without, each one's first.
    mappings : mapping of str to (str, path or mapping), optional
        By the name of a model: how its inputs are named and coded in these patients, as
        `external_validation` takes it. Models whose inputs share a name and not a meaning each
        have their own.
    resamples, seed, level
        Number and seed of the bootstrap resamples of patients, the same for all models, and the
        confidence level.

    Returns
    -------
    ModelComparison
        `validations`: of each model what `external_validation` says. `areas`: the joint
        test and every pair by DeLong, or of Harrell's concordance of events by the horizon by
        the infinitesimal jackknife. `differences`: of Brier score and net benefit, with
        percentile limits of the paired bootstrap. `pairs`: limits of agreement of risks and
        log-odds, correlations, patients whose risks are more than 5 and 10 percentage points
        apart or whose class differs, reclassification.

    Raises
    ------
    ArgumentError
        For fewer than two models, and what `external_validation` refuses.
    ModelError
        For a model without risks, since its controls were matched, and for a time asked of
        logistic models.
    ExpressionError
        When `outcome` cannot be understood or read from the table.
    DataError
        When a predictor's column is missing, no row has an outcome and all risks, or those that
        have are all with the event, or all without.

    References
    ----------
    DeLong et al. 1988, doi:10.2307/2531595. Bland and Altman 1999,
    doi:10.1177/096228029900800204. Vickers and Elkin 2006, doi:10.1177/0272989X06295361.
    """
    frame = as_polars(patients)
    asked = Asked.of(
        Rules(outcome, time, competing), thresholds, curve, horizon, resamples, seed, level
    )
    named = named_models(models)

    own = _own(mappings, named)

    def scored(name: str, model: RiskModel) -> Scored:
        table = in_model_terms(frame, read_mapping(own.get(name), model))
        check_columns(model, table)
        return Scored(table, lambda by: model.predict(table, by))

    return _compared(_each(named, scored), asked)


def compare_file(
    models: Models,
    path: str | Path,
    *,
    outcome: str,
    time: str = "",
    competing: str = "",
    thresholds: ArrayLike = (),
    curve: ArrayLike | None = None,
    horizon: float | None = None,
    mappings: Mapping[str, MappingSource] | None = None,
    resamples: int = 1000,
    seed: int = 1,
    progress: Watch = unwatched,
) -> ModelComparison:
    """`compare_models` on a patient file, which says whether a model was made from this file.

    `progress` is called with a step, and how much of it is done and to be done.
    """
    rules = Rules(outcome, time, competing)
    asked = Asked.of(rules, thresholds, curve, horizon, resamples, seed, 0.95, progress)
    content = read_bytes(Path(path), "The patients' file")
    named = named_models(models)
    own = _own(mappings, named)

    def scored(name: str, model: RiskModel) -> Scored:
        table = read_for(model, Path(path), own.get(name))
        found = tuple(each for each in table.findings if each.severity != "note")
        return Scored(
            table.frame, lambda by: with_unreadable(model.predict(table.frame, by), table), found
        )

    return _compared(_each(named, scored), asked, sha256(content))


def _own(
    mappings: Mapping[str, MappingSource] | None, named: Mapping[str, RiskModel]
) -> Mapping[str, MappingSource]:
    """The mappings, each of a model that is there."""
    for name in mappings or {}:
        if name not in named:
            raise ArgumentError(
                f"There is a mapping for '{name}', and no such model; the models are "
                f"{listed(list(named))}.{nearest(name, list(named))}"
            )
    return mappings or {}


def _each(
    named: Mapping[str, RiskModel], scored: Callable[[str, RiskModel], Scored]
) -> dict[str, tuple[RiskModel, Scored]]:
    """Every model with its table; what is wrong with a table is said under the model's name."""
    found = {}
    for name, model in named.items():
        try:
            found[name] = (model, scored(name, model))
        except (DataError, ArgumentError, ModelError) as error:
            raise type(error)(f"{name}: {error}") from None
    return found


def named_models(models: Models) -> dict[str, RiskModel]:
    """Models by name, each name once; ArgumentError for fewer than two."""
    if isinstance(models, Mapping):
        named = {str(name): each for name, each in models.items()}
    else:
        named = {}
        for each in models:
            name = each.provenance.study or each.provenance.title or each.outcome.name
            alike = sum(other.split("~")[0] == name for other in named)
            named[name if not alike else f"{name}~{alike + 1}"] = each
    if len(named) < 2:
        raise ArgumentError(f"{counted(len(named), 'model')} given; a comparison needs two.")
    return named


def _compared(
    models: Mapping[str, tuple[RiskModel, Scored]], asked: Asked, file_sha256: str = ""
) -> ModelComparison:
    asked = asked.for_all([each for each, _ in models.values()])
    given = {name: candidate_of(name, *each, asked) for name, each in models.items()}
    rows, use = _rows(given)
    first = next(iter(given.values()))
    _check_outcome(given, use)
    _check(rows, over_time=first.followed is not None)
    validations = {name: _validated(name, each, use) for name, each in given.items()}
    risks = {
        name: each.risks["risk"].to_numpy()[use].astype(np.float64) for name, each in given.items()
    }
    measured = (
        Outcomes(first.event[use])
        if first.followed is None
        else Outcomes.followed(first.followed, use, asked.horizon or 0.0)
    )
    areas, differences, pairs = measured.compared(risks, asked)
    differing = what_differs(
        [each.model for each in given.values()], [each.horizon for each in given.values()]
    )
    plain = {name: each.model for name, each in given.items()}
    unread = [finding for each in given.values() for finding in each.scored.read]
    findings = (
        *remarks.of_models(plain, differing),
        *remarks.of_file(plain, file_sha256, rows),
        *remarks.of_numbers(rows, len(given)),
        *remarks.of_patients(next(iter(validations.values())).findings),
        *remarks.of_rows(rows),
        *_of_tables(given),
        *_of_each(given, validations),
        improper(),
        *_once(unread),
    )
    return ModelComparison(
        outcome=asked.rules.outcome,
        names=tuple(given),
        rows=rows,
        validations=validations,
        areas=areas,
        differences=differences,
        pairs=pairs,
        differing=differing,
        thresholds=tuple(asked.thresholds.tolist()),
        data_kind=data_kind(first.scored.frame),
        findings=by_severity(findings),
        horizon=None if first.followed is None else asked.horizon,
        time_unit="" if first.followed is None else first.model.time_unit,
    )


def _validated(name: str, each: Candidate, use: BoolArray) -> ExternalValidation:
    """A model on the rows of all, its errors under its name."""
    try:
        if each.followed is not None:
            return validated_over_time(each.model, each.question, each.on(use))
        return known_outcome(each.model, each.question, each.on(use), each.horizon)
    except DataError as error:
        raise DataError(f"{name}: {error}") from None


def _rows(given: Mapping[str, Candidate]) -> tuple[SharedRows, BoolArray]:
    """Who has an outcome and a risk by every model."""
    known = np.all([each.known for each in given.values()], axis=0)
    has = {name: each.risks["risk"].is_not_null().to_numpy() for name, each in given.items()}
    use = known & np.all(list(has.values()), axis=0)
    counts: dict[str, Counts] = {}
    for name, each in given.items():
        counts[name] = counts_of(each.risks["flags"], each.event, known, known & has[name])
    rows = SharedRows(
        rows=int(known.size),
        n=int(use.sum()),
        n_events=int(next(iter(given.values())).event[use].sum()),
        outcome_missing=int((~known).sum()),
        left_out=int((known & ~use).sum()),
        not_scored={name: each.not_scored for name, each in counts.items()},
        reasons={name: each.reasons for name, each in counts.items() if each.reasons},
    )
    return rows, use


def _check(rows: SharedRows, *, over_time: bool) -> None:
    if rows.n == 0:
        lost = ", ".join(f"{name} {count}" for name, count in rows.not_scored.items())
        raise DataError(
            f"None of {counted(rows.rows, 'row')} has an outcome and a risk by every model: "
            f"{rows.outcome_missing} without an outcome; without a risk by model: {lost}."
        )
    if rows.n_events == 0 or (rows.n_events == rows.n and not over_time):
        have = "all have" if rows.n_events else "none has"
        raise DataError(
            f"Of {counted(rows.n, 'patient')} with an outcome and all risks, {have} the event; a "
            "comparison needs patients with and without it. Check the outcome rule."
        )


def _check_outcome(given: Mapping[str, Candidate], use: BoolArray) -> None:
    """One outcome for all: a mapping may replace a column that the rule reads."""
    first, *others = given.items()
    for name, each in others:
        if (each.event[use] != first[1].event[use]).any():
            raise DataError(
                f"The outcome is another one for '{name}' than for '{first[0]}': a mapping "
                "replaces a column that it reads. Give that column another name in the file."
            )


def _of_tables(given: Mapping[str, Candidate]) -> list[Finding]:
    """Unknown levels and other units, looked for in all rows."""
    found: list[Finding] = []
    for name, each in given.items():
        encoded = encode(each.model.design, each.scored.frame)
        found += remarks.of_each(name, list(of_inputs(each.model, each.scored.frame, encoded)))
    return found


def _of_each(
    given: Mapping[str, Candidate], validations: Mapping[str, ExternalValidation]
) -> list[Finding]:
    """What each model's validation says of that model alone."""
    found: list[Finding] = []
    for name, each in given.items():
        told = [
            finding
            for finding in validations[name].findings
            if finding.code not in remarks.OF_TABLES and finding not in each.scored.read
        ]
        found += remarks.of_each(name, told)
    return found


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of one kind once, the first of each."""
    seen: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.message), finding)
    return list(seen.values())
