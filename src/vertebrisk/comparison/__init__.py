"""Group comparison (Table 1)."""

from vertebrisk.comparison.frames import comparison_dict, comparison_frame
from vertebrisk.comparison.groups import compare_groups
from vertebrisk.comparison.results import (
    ComparedVariable,
    Comparison,
    Group,
    LevelCount,
    LevelRow,
    NumericSummary,
    Summary,
    TestResult,
)
from vertebrisk.comparison.specs import VariableSpec
from vertebrisk.comparison.table_one import table_one

__all__ = [
    "ComparedVariable",
    "Comparison",
    "Group",
    "LevelCount",
    "LevelRow",
    "NumericSummary",
    "Summary",
    "TestResult",
    "VariableSpec",
    "compare_groups",
    "comparison_dict",
    "comparison_frame",
    "table_one",
]
