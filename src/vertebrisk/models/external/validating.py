"""External validation of a RiskModel: new patients, their outcome, and how well it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from vertebrisk._checks import listed
from vertebrisk._files import read_bytes, sha256
from vertebrisk._frames import as_polars
from vertebrisk._types import BoolArray, FloatArray
from vertebrisk.design.encode import encode
from vertebrisk.engines.engine import Watch, unwatched
from vertebrisk.errors import DataError, ModelError
from vertebrisk.findings import by_severity
from vertebrisk.models.external import remarks
from vertebrisk.models.external.asking import Question, Rules, Scored, rule_of
from vertebrisk.models.external.case_mix import (
    comparable_spread,
    expected_concordance,
    linear_predictors,
    membership,
    of_case_mix,
)
from vertebrisk.models.external.counting import counts_of, data_kind, nobody
from vertebrisk.models.external.following import as_asked_horizons
from vertebrisk.models.external.measuring import binned, decided, log_odds, measured
from vertebrisk.models.external.policy import (
    MissingPolicy,
    at_prevalence,
    refuse_gaps,
    under_policy,
)
from vertebrisk.models.external.results import CaseMix, Counts, ExternalValidation
from vertebrisk.models.external.timed import validated_over_time
from vertebrisk.models.mapping.applying import in_model_terms
from vertebrisk.models.mapping.document import MappingSource, read_mapping
from vertebrisk.models.mapping.proposing import check_columns
from vertebrisk.models.mapping.reading import read_for
from vertebrisk.models.portable.risk_model import RiskModel
from vertebrisk.models.portable.scoring import with_unreadable
from vertebrisk.models.portable.spread import LinearSpread
from vertebrisk.text.plurals import counted
from vertebrisk.validation.classification import Classification, classification
from vertebrisk.validation.discrimination import roc_curve


def external_validation(
    model: RiskModel,
    patients: object,
    *,
    outcome: str,
    time: str = "",
    competing: str = "",
    horizons: ArrayLike | None = None,
    thresholds: ArrayLike = (),
    resamples: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    development: object | None = None,
    mapping: MappingSource | None = None,
    missing: MissingPolicy | None = None,
    prevalence: float | None = None,
) -> ExternalValidation:
    """How well does a model do on patients that it was not made from?

    Nothing is estimated anew: knots, levels and coefficients are the model's.

    Parameters
    ----------
    model : RiskModel
    patients : frame
        polars, pandas or pyarrow; one row a patient, columns named as the model's predictors,
        and those that `outcome`, `time` and `competing` read.
    outcome : str
        A column that is true and false or 1 and 0, or a rule such as ``vas_1m >= 4``, true where
        the event occurred, by the model's definition and time point. Rows where it is
        missing are left out and counted.
    time : str, optional
        For a model of time to event: a column or a derivation, the time in the model's unit to
        the event where `outcome` is true, to the competing event where `competing` is, and to
        the last contact elsewhere. Without it the outcome is taken as known of everyone at the one
        horizon, as it is where everyone was followed to it.
    competing : str, optional
        A rule, true where what made the event impossible (death, say) came first.
    horizons : float or array-like, optional
        Of a model of time to event; its own by default. Those that these patients do not reach
        are left out with a finding.
    thresholds : array-like, shape (k,)
        Risks between 0 and 1 at which one would act, for the decision curve.
    resamples, seed, level
        Number and seed of the bootstrap resamples of patients, the model held fixed, and the
        confidence level.
    development : frame, optional
        The patients that the model was made from, columns named as the model's and those of
        `outcome`: `case_mix` then tells how well they can be told from these.
    mapping : path or dict, optional
        Where the columns or values of these patients are not the model's: a TOML file, or what one
        holds, ``{"variables": {"grade": {"column": "Grad", "levels": {"I": "1"}}}}``. `outcome`,
        `time` and `competing` read the table as mapped.
    missing : {"refuse", "leave", "average"}, optional
        Missing inputs are refused, leave their rows out, or are averaged over by a model that
        can. By default as the model has it: averaged over where it can, else left out.
    prevalence : float, optional
        For a logistic model of sampled controls: the share with the event in the place that these
        patients are from, for which its risks are to hold.

    Returns
    -------
    ExternalValidation
        `measures`: C-index with DeLong's interval; in_the_large, intercept, slope and
        observed_expected with Wald's; brier, brier_scaled, r2 (Nagelkerke, of the risks as they
        stand, as ``rms::val.prob``) with percentile intervals of the bootstrap; ici, e50, e90 and
        emax with the same moved onto the estimate and cut at 0, since a resample's own curve
        strays further from its risks than the patients' does. With one event or non-event none
        of these has limits. Over 700 patients fewer resamples get a curve (never under 100),
        over 5,000 none, so that ici, e50, e90 and emax have no limits.
        Of a model of time to event `horizons` holds, by each: auc and brier (weighted for
        censoring, with the interval of their influence function); c_index (Harrell) and
        c_index_uno of the events by then, with the jackknife's; in_the_large and
        observed_expected against Kaplan-Meier, or Aalen-Johansen where something competes, and
        slope, with Wald's; brier_scaled, ici, e50, e90 and emax with those of the bootstrap as
        above; net benefit. `measures` then holds c_index and slope over the whole of follow-up,
        and for Cox the events against those expected (observed_expected, and its logarithm
        in_the_large), each patient until his own end of follow-up. Of many patients fewer
        resamples are drawn for each of these, never under 100; over 20,000, ici, e50, e90 and
        emax have no limits.
        Rows that left are counted by reason, inputs averaged over by name.

    Raises
    ------
    ModelError
        For one without risks since its controls were matched, for a time asked of a logistic
        model, and for several horizons without a time.
    ExpressionError
        When `outcome`, `time` or `competing` cannot be understood or read from the table.
    DataError
        When a predictor's column is missing, no row has both outcome and risk, or those that
        have are all with the event, or all without; when times are negative, or these patients
        reach no horizon with an event.
    ArgumentError
        For horizons, thresholds, resamples, seed or level that are not allowed.

    References
    ----------
    Collins, Ogundimu and Altman 2016, doi:10.1002/sim.6787 (events). Austin and Steyerberg 2019,
    doi:10.1002/sim.8281 (ici). Van Calster et al. 2016, doi:10.1016/j.jclinepi.2015.12.005.
    McLernon et al. 2023, doi:10.7326/M22-0844 (time to event). Crowson, Atkinson and Therneau
    2016, doi:10.1177/0962280213497434 (events expected). Van Geloven et al. 2022,
    doi:10.1136/bmj-2021-069249 (competing events).
    """
    rules = Rules(outcome, time, competing)
    model = under_policy(at_prevalence(model, prevalence), missing)
    made_from = None if development is None else as_polars(development)
    question = Question.of(
        model, rules, horizons, thresholds, resamples, seed, level, made_from, missing, prevalence
    )
    frame = in_model_terms(as_polars(patients), read_mapping(mapping, model))
    check_columns(model, frame)

    def risks(horizon: float | None) -> pl.DataFrame:
        return model.predict(frame, horizon)

    return _answered(model, question, Scored(frame, risks))


def validate_file(
    model: RiskModel,
    path: str | Path,
    *,
    outcome: str,
    time: str = "",
    competing: str = "",
    horizons: ArrayLike | None = None,
    thresholds: ArrayLike = (),
    resamples: int = 1000,
    seed: int = 1,
    development: str | Path | None = None,
    mapping: MappingSource | None = None,
    missing: MissingPolicy | None = None,
    prevalence: float | None = None,
    progress: Watch = unwatched,
) -> ExternalValidation:
    """`external_validation` on a patient file, whose unreadable cells are told from empty ones.

    `progress` is called with a step, and how much of it is done and to be done.
    """
    rules = Rules(outcome, time, competing)
    model = under_policy(at_prevalence(model, prevalence), missing)
    made_from = None if development is None else _made_from(model, Path(development))
    question = Question.of(
        model,
        rules,
        horizons,
        thresholds,
        resamples,
        seed,
        0.95,
        made_from,
        missing,
        prevalence,
        progress,
    )
    table = read_for(model, Path(path), mapping)

    def risks(horizon: float | None) -> pl.DataFrame:
        return with_unreadable(model.predict(table.frame, horizon), table)

    read = tuple(each for each in table.findings if each.severity != "note")
    read += tuple(remarks.of_file(model, sha256(read_bytes(Path(path), "The patients' file"))))
    return _answered(model, question, Scored(table.frame, risks, read))


def _made_from(model: RiskModel, path: Path) -> pl.DataFrame:
    try:
        return read_for(model, path).frame
    except DataError as error:
        raise DataError(f"Of the development patients: {error}") from None


def _answered(model: RiskModel, question: Question, scored: Scored) -> ExternalValidation:
    if question.rules.time:
        return validated_over_time(model, question, scored)
    if model.kind == "logistic":
        return known_outcome(model, question, scored, None)
    return known_outcome(model, question, scored, _only_horizon(model, question))


def _only_horizon(model: RiskModel, question: Question) -> float:
    """The horizon to which everyone was followed, where no time is given."""
    horizons = as_asked_horizons(question.horizons, model.horizons, model.limit)
    if len(horizons) > 1:
        raise ModelError(
            "This is a model of time to event: give time, the column of follow-up, or one of its "
            f"horizons ({listed([f'{each:g}' for each in horizons])}) if the outcome by then is "
            "known of everyone."
        )
    return horizons[0]


def known_outcome(
    model: RiskModel, question: Question, scored: Scored, horizon: float | None
) -> ExternalValidation:
    """A model on patients of whom it is known whether they had the event, by a time or at all."""
    frame, settings = scored.frame, question.resamples
    risks = scored.risks(horizon)
    rule = rule_of(question.rules.outcome, "outcome", "'vas_1m >= 4'")
    truth = rule.rule(frame)
    known = truth.is_not_null().to_numpy()
    use = known & risks["risk"].is_not_null().to_numpy()
    event = truth.fill_null(value=False).to_numpy().astype(np.bool_)
    counts = counts_of(risks["flags"], event, known, use)
    refuse_gaps(question.missing, counts)
    _check_classes(counts)
    event = event[use]
    risk = risks["risk"].to_numpy()[use].astype(np.float64)
    table, smoother, curve = measured(event, risk, settings)
    whole = bool(((risk > 0.0) & (risk < 1.0)).all())
    linear = log_odds(risk) if whole else None
    own = linear if horizon is None else linear_predictors(risks, use)
    mix = CaseMix(
        comparable_spread(model),
        None if own is None else LinearSpread.of(own),
        expected_concordance(risk),
        membership(model, question.development, frame, question.rules.outcome),
    )
    findings = (
        *remarks.of_events(counts.n, counts.n_events),
        *remarks.of_rows(counts),
        *remarks.of_inputs(model, frame, encode(model.design, frame)),
        *remarks.of_model(model, rule.names),
        *remarks.of_risks(risk, dict(table.select("measure", "estimate").iter_rows())["slope"]),
        *of_case_mix(mix),
        *remarks.of_taken_as_followed(horizon, model.time_unit),
        *scored.read,
    )
    return ExternalValidation(
        outcome=question.rules.outcome,
        counts=counts,
        measures=table,
        smoother=smoother,
        calibration=curve,
        roc=roc_curve(event, risk, level=settings.level),
        decision=decided(event, risk, question.thresholds, settings),
        linear_predictor_mean=None if linear is None else float(linear.mean()),
        linear_predictor_sd=None if linear is None else float(linear.std(ddof=1)),
        linear_predictors=None if linear is None else binned(event, linear),
        case_mix=mix,
        data_kind=data_kind(frame),
        findings=by_severity(findings),
        kind=model.kind,
        horizon=horizon,
        missing=question.missing,
        prevalence=question.prevalence,
        classes=_classes(event, risk, question.thresholds, settings.level),
    )


def _classes(
    event: BoolArray, risk: FloatArray, thresholds: FloatArray, level: float
) -> Classification | None:
    if thresholds.size == 0:
        return None
    return classification(event, risk, thresholds, level=level)


def _check_classes(counts: Counts) -> None:
    if counts.n == 0:
        raise nobody(counts)
    if counts.n_events in (0, counts.n):
        have = "all have" if counts.n_events else "none has"
        raise DataError(
            f"Of {counted(counts.n, 'patient')} with outcome and risk, {have} the event; a "
            "validation needs patients with and without it. Check the outcome rule."
        )
