"""Values that an analysis of repeated scores is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import polars as pl

from vertebrisk._checks import place_of
from vertebrisk._types import Json
from vertebrisk.comparison.results import NumericSummary
from vertebrisk.findings import Finding

SCHEMA_VERSION = "1.0"
ALL = ""  # the group of a row about all patients


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: its column or value in the data, its label, and its time where known."""

    name: str
    label: str
    time: float | None = None


@dataclass(frozen=True, slots=True)
class VisitSummary:
    """Scores at one visit in one group ("" for all), with a t interval of the mean."""

    visit: str
    group: str
    summary: NumericSummary
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A paired test: V of Wilcoxon or t of Student, with Holm's p over the pairs compared.

    `p_value` is None where the test does not exist, and `note` says why.
    """

    statistic: float | None
    df: float | None
    p_value: float | None
    p_holm: float | None
    exact: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """A standardised size of change with its interval, None where it does not exist."""

    estimate: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """Change from one visit to a later one (later less earlier) in one group ("" for all).

    `n` are the patients with both scores. `dz` is the mean change over its SD, which is
    also the standardised response mean; `d_av` is over the root of the mean of the two
    variances; `rank_biserial` runs from -1 (all fell) to 1 (all rose).
    """

    earlier: str
    later: str
    group: str
    n: int
    mean: float | None
    sd: float | None
    conf_low: float | None
    conf_high: float | None
    t_test: PairedTest
    wilcoxon: PairedTest
    dz: Effect
    d_av: Effect
    rank_biserial: float | None


@dataclass(frozen=True, slots=True)
class Responders:
    """Patients who improved since the first visit by the least important difference or more.

    `share` and its Wilson interval are fractions of the `n` with both scores.
    """

    visit: str
    group: str
    count: int
    n: int
    share: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class AnovaEffect:
    """One line of the repeated-measures ANOVA.

    `effect` is "visit", "group" or "group:visit". The corrected p values belong to
    effects within patients; None elsewhere.
    """

    effect: str
    ss: float
    df: float
    ss_error: float
    df_error: float
    statistic: float | None
    p_value: float | None
    p_greenhouse_geisser: float | None
    p_huynh_feldt: float | None
    partial_eta2: float | None
    generalised_eta2: float | None


@dataclass(frozen=True, slots=True)
class SphericityTest:
    """Mauchly's W and p, and the epsilons; None where they do not exist."""

    w: float | None
    statistic: float | None
    df: float | None
    p_value: float | None
    greenhouse_geisser: float | None
    huynh_feldt: float | None


@dataclass(frozen=True, slots=True)
class FriedmanTest:
    """Friedman's chi-square over the visits, and Kendall's W."""

    statistic: float | None
    df: float
    p_value: float | None
    kendall_w: float | None


@dataclass(frozen=True, slots=True)
class CompleteCases:
    """ANOVA and Friedman's test of the patients who were seen at every visit.

    `left_out` counts patients without a score at some visit; `visits` those compared.
    `note` says why there is no ANOVA.
    """

    n: int
    left_out: int
    visits: tuple[str, ...]
    effects: tuple[AnovaEffect, ...] = ()
    sphericity: SphericityTest | None = None
    friedman: FriedmanTest | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class MarginalMean:
    """Mean of a visit in a group ("" for all) by the mixed model, or a change from the first."""

    visit: str
    group: str
    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class WaldTest:
    """F test of an effect of the mixed model."""

    effect: str
    statistic: float
    df: float
    df2: float
    p_value: float


@dataclass(frozen=True, slots=True)
class MixedModel:
    """Random intercept of patients, visit as factor (times group), restricted likelihood."""

    n_patients: int
    n_values: int
    means: tuple[MarginalMean, ...]
    changes: tuple[MarginalMean, ...]
    tests: tuple[WaldTest, ...]
    between_sd: float
    within_sd: float
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Difference between two groups in their change since the first visit (second less first).

    Welch's t interval and test over the patients with both scores.
    """

    visit: str
    n: tuple[int, int]
    difference: float | None
    conf_low: float | None
    conf_high: float | None
    df: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class RepeatedMeasures:
    """A score over several visits; made by `repeated_measures`.

    `groups` is empty where patients were not divided. `mcid` is the least important
    difference, None where none was given. `mixed` is None where no score is missing, or
    the model does not exist.
    """

    visits: tuple[Visit, ...]
    groups: tuple[str, ...]
    n: int
    higher_is_worse: bool
    mcid: float | None
    level: float
    summaries: tuple[VisitSummary, ...]
    changes: tuple[Change, ...]
    responders: tuple[Responders, ...]
    complete: CompleteCases
    mixed: MixedModel | None
    differences: tuple[GroupDifference, ...]
    findings: tuple[Finding, ...]

    def summary(self, visit: str, group: str = ALL) -> VisitSummary:
        """The scores of one visit in one group; ArgumentError where there is no such one."""
        visits = list(dict.fromkeys(each.visit for each in self.summaries))
        place_of(visit, visits, "visit")
        own = [each for each in self.summaries if each.visit == visit]
        return own[place_of(group, [each.group for each in own], "group")]

    def frame(self) -> pl.DataFrame:
        """One row a visit and group: visit, label, time, group, n, missing, mean, ... ."""
        visits = {visit.name: visit for visit in self.visits}
        rows = [
            {
                "visit": each.visit,
                "label": visits[each.visit].label,
                "time": visits[each.visit].time,
                "group": each.group,
                **asdict(each.summary),
                "conf_low": each.conf_low,
                "conf_high": each.conf_high,
            }
            for each in self.summaries
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def changes_frame(self) -> pl.DataFrame:
        """One row a pair of visits and group, numbers as numbers."""
        rows = []
        for each in self.changes:
            row = {
                name: getattr(each, name)
                for name in (
                    "earlier",
                    "later",
                    "group",
                    "n",
                    "mean",
                    "sd",
                    "conf_low",
                    "conf_high",
                )
            }
            for name in ("t_test", "wilcoxon"):
                test: PairedTest = getattr(each, name)
                row |= {
                    f"{name}_statistic": test.statistic,
                    f"{name}_p": test.p_value,
                    f"{name}_p_holm": test.p_holm,
                }
            row |= {"dz": each.dz.estimate, "dz_low": each.dz.conf_low}
            row |= {"dz_high": each.dz.conf_high, "d_av": each.d_av.estimate}
            row |= {"d_av_low": each.d_av.conf_low, "d_av_high": each.d_av.conf_high}
            rows.append(row | {"rank_biserial": each.rank_biserial})
        return pl.DataFrame(rows, infer_schema_length=None)

    def to_dict(self) -> Json:
        """JSON form; it holds no score of a single patient."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "findings"}
        return {
            "schema_version": SCHEMA_VERSION,
            **{name: _plain(value) for name, value in own.items()},
            "findings": [finding.to_dict() for finding in self.findings],
        }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value  # type: ignore[call-overload]
