"""What the rooms want to know of a cohort's variables, in their own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vertebrisk._types import Language, TestName
from vertebrisk.cohort import Cohort, CohortVariable
from vertebrisk.cohort.scanning.cohort import ScannedCohort
from vertebrisk.comparison import Comparison, VariableSpec
from vertebrisk.design.build import VariableInfo
from vertebrisk.design.design import level_text
from vertebrisk.protocol import Protocol

AnyCohort = Cohort | ScannedCohort


def comparison_specs(
    cohort: AnyCohort, names: Sequence[str], language: Language
) -> list[VariableSpec]:
    """How each variable is shown in Table 1."""
    return [_spec(cohort.variable(name), language) for name in names]


def _spec(variable: CohortVariable, language: Language) -> VariableSpec:
    labels = {level: label.text(language) for level, label in variable.level_labels.items()}
    return VariableSpec(
        name=variable.name,
        label=variable.label.text(language),
        unit=variable.unit.text(language) if variable.unit else "",
        levels=variable.levels,
        level_labels=labels,
        summary="count" if variable.kind == "categorical" else variable.summary,
        test=variable.test,
    )


def default_tests(protocol: Protocol) -> list[TestName]:
    """Tests that the protocol sets for all variables."""
    tests = protocol.analysis.tests
    return [test for test in (tests.numeric, tests.categorical) if test is not None]


def variable_info(
    cohort: AnyCohort, protocol: Protocol, language: Language
) -> dict[str, VariableInfo]:
    """Words, units, level orders and codes for the design."""
    return {
        variable.name: described.info(
            variable.levels,
            language,
            codes=tuple(described.codes.items()),
            missing=tuple(map(level_text, described.missing)),
            derive=described.derive or "",
        )
        for variable in cohort.variables
        for described in [protocol.variables[variable.name]]
    }


def used_tests(comparison: Comparison) -> Mapping[str, TestName]:
    """The test that compared the groups, by variable."""
    used = {variable.variable: variable.test.test for variable in comparison.variables}
    return {name: test for name, test in used.items() if test != "conditional"}
