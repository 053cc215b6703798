"""What scores over follow-up and two readers add to a result."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk.comparison.agreement.results import CategoricalAgreement, ContinuousAgreement
from vertebrisk.comparison.repeated.results import RepeatedMeasures
from vertebrisk.protocol.followup import FollowupTest

_FINE_SCALE = 20.0  # a scale so short is printed with two decimals
_WIDE_SPREAD = 10.0  # an SD so large is printed with one


@dataclass(frozen=True, slots=True, eq=False)
class FollowupResult:
    """One score over several visits.

    `where` is the rule that chose the patients, empty for all; `group_labels` are the
    labels of the record's groups; `tests` those that the protocol asks for.
    """

    name: str
    label: str
    unit: str
    time_unit: str
    where: str
    group_label: str
    group_labels: tuple[str, ...]
    limits: tuple[float, float] | None
    tests: tuple[FollowupTest, ...]
    record: RepeatedMeasures

    @property
    def decimals(self) -> int:
        """Decimals of a mean or a change on this scale."""
        if self.limits is not None:
            return 1 if self.limits[1] - self.limits[0] > _FINE_SCALE else 2
        spreads = [each.summary.sd or 0.0 for each in self.record.summaries]
        return 1 if max(spreads) >= _WIDE_SPREAD else 2

    def group_name(self, group: str) -> str:
        """Label of one of the record's groups; empty for all patients."""
        known = dict(zip(self.record.groups, self.group_labels, strict=True))
        return known.get(group, group)

    def visit_label(self, name: str) -> str:
        """Label of a visit."""
        return next(visit.label for visit in self.record.visits if visit.name == name)


@dataclass(frozen=True, slots=True, eq=False)
class AgreementResult:
    """What two readers took of one variable; `readers` are their names as shown."""

    name: str
    label: str
    unit: str
    readers: tuple[str, str]
    record: CategoricalAgreement | ContinuousAgreement
