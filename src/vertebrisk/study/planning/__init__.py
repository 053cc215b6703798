"""A plan: what size, events, missing values and candidates say for an analysis beforehand."""

from vertebrisk.study.planning.planning import plan_study
from vertebrisk.study.planning.results import AnalysisPlan, Proposal

__all__ = ["AnalysisPlan", "Proposal", "plan_study"]
