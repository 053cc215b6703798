"""Regression tables in the layout that papers print: reference rows, joint tests, ratios."""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._types import Json


@dataclass(frozen=True, slots=True)
class RegressionRow:
    """One row of a regression table.

    A variable of several levels opens with a heading row (`kind` "overall": joint
    tests with their df, no estimate), then its reference level (`kind` "reference")
    and one row per other level (`kind` "estimate"). A numeric or two-level variable
    is a single "estimate" row, preceded for two levels by nothing; its reference is in
    `reference`. The constant has `kind` "intercept".

    `estimate` and `std_error` are on the log-odds scale, `ratio` and its interval on
    the ratio scale. `wald` is the chi-square (B/SE)^2, or the joint one.
    """

    kind: str
    term: str
    label: str
    level: str
    reference: str
    estimate: float | None = None
    std_error: float | None = None
    wald: float | None = None
    df: int | None = None
    p_value: float | None = None
    lr_statistic: float | None = None
    lr_p_value: float | None = None
    ratio: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    n: int | None = None
    n_events: int | None = None
    selected: bool | None = None
    level_label: str = ""
    reference_label: str = ""

    @property
    def shown_level(self) -> str:
        """The level as people read it."""
        return self.level_label or self.level

    @property
    def shown_reference(self) -> str:
        """The reference level as people read it."""
        return self.reference_label or self.reference

    def to_dict(self) -> Json:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}
