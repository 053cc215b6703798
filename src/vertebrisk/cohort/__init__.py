"""From a protocol and a file to a cohort: read, labelled, checked, eligible, with its outcome."""

from vertebrisk.cohort.assembly import load_cohort
from vertebrisk.cohort.checking import check_study
from vertebrisk.cohort.cohort import Cohort
from vertebrisk.cohort.findings_csv import findings_csv
from vertebrisk.cohort.flow import Flow, FlowStep, FollowUp
from vertebrisk.cohort.new_study import new_study
from vertebrisk.cohort.survival import SurvivalOutcome
from vertebrisk.cohort.variables import CohortVariable

__all__ = [
    "Cohort",
    "CohortVariable",
    "Flow",
    "FlowStep",
    "FollowUp",
    "SurvivalOutcome",
    "check_study",
    "findings_csv",
    "load_cohort",
    "new_study",
]
