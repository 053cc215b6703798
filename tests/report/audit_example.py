"""Audits made by hand, for what is shown of them."""

from __future__ import annotations

from dataclasses import replace

from vertebrisk.evidence.audit.values import Audit, Check, Quantity, Repair, gravest_first

TABLE = "Table 3"

SIGN = Check(
    id="ratio-exp-b",
    about="cement = Blocky",
    place=TABLE,
    quantities=(Quantity("B", "-0.800", TABLE), Quantity("OR", "2.225", TABLE)),
    verdict="inconsistent",
    message="exp(B) is not the OR: the sign of B contradicts the side of 1 on which the OR lies.",
    recomputed="OR 0.449 to 0.450",
    interval=(0.449, 0.450),
    severity="risk",
    failure="one number",
    changes="A patient's odds differ by a factor of 5.",
    resolve="The covariance or the output of the regression.",
    repair=Repair("final", "cement", "Blocky", "estimate", "-0.800", "0.800", 0.7998, 0.8001),
    paper="a2021",
)
P_VALUE = Check(
    id="p-wald",
    about="fractures",
    place=TABLE,
    quantities=(Quantity("P", "0.004", TABLE), Quantity("Wald", "24.018", "p. 5")),
    verdict="inconsistent",
    message="No Wald statistic of 24.018 has the P value 0.004.",
    recomputed="P 9.5e-07",
    severity="detail",
    failure="irreconcilable",
    notes=("Wald is (B/SE) squared here.",),
    paper="a2021",
)
FINE = Check(
    id="ratio-exp-b",
    about="ivc = Yes",
    place=TABLE,
    quantities=(Quantity("B", "1.332", TABLE),),
    verdict="consistent",
    message="exp(B) rounds to the OR.",
    interval=(3.787, float("inf")),
    notes=("The interval is asymmetric, as from profile likelihood.",),
    paper="a2021",
)
UNKNOWN = Check(
    id="grim",
    about="age",
    place="Table 1",
    quantities=(),
    verdict="not checkable",
    message="Whether values are whole numbers is not said.",
    paper="a2021",
)


def example_audit(*more: Check) -> Audit:
    """One paper with checks of every verdict."""
    unknown = [replace(UNKNOWN, about=f"variable {number}") for number in range(6)]
    checks = gravest_first([FINE, UNKNOWN, *unknown, P_VALUE, SIGN, *more])
    return Audit(("a2021",), ("A (2021). A nomogram.",), checks)


def two_papers() -> Audit:
    """Two papers, the second without a failure, and one check across both."""
    other = replace(FINE, paper="b2022", notes=())
    across = replace(P_VALUE, id="repeated-numbers", about="a2021, b2022", place="", paper="")
    checks = (*example_audit().checks, other, across)
    return Audit(("a2021", "b2022"), ("A (2021).", "B (2022)."), gravest_first(list(checks)))
