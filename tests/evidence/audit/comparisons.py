"""Small comparisons for the tests of the audit, from cells as printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vertebrisk.evidence.audit.subject import Cells, Comparison, Group, Level, Row, Subject
from vertebrisk.evidence.printed import Printed, count_and_percent
from vertebrisk.evidence.published import PaperVariable

LISTS = (
    "mean", "sd", "median", "lower_quartile", "upper_quartile", "minimum", "maximum",
    "missing", "sizes",
)  # fmt: skip


def cells(texts: Sequence[str | None]) -> Cells:
    """Printed cells; None where nothing stands."""
    return tuple(None if text is None else Printed.parse(text) for text in texts)


def row(levels: Mapping[str, Sequence[str]] | None = None, **keys: Any) -> Row:
    """A row; cells of levels are written ``46 (19.9)``, or ``(19.9)`` without a count."""
    made = []
    for name, texts in (levels or {}).items():
        pairs = [
            (None, Printed.parse(text.strip("()")))
            if text.startswith("(")
            else count_and_percent(text)
            for text in texts
        ]
        percents = tuple(percent for _, percent in pairs)
        counts = tuple(count for count, _ in pairs)
        made.append(
            Level(
                name,
                counts if any(count is not None for count in counts) else (),
                percents if any(percent is not None for percent in percents) else (),
            )
        )
    read: dict[str, Any] = {name: cells(keys.pop(name)) for name in LISTS if name in keys}
    read |= {
        name: Printed.parse(keys.pop(name)) for name in ("statistic", "p_value") if name in keys
    }
    return Row(keys.pop("variable", "x"), "Table 1", tuple(made), **read, **keys)


def subject(
    *rows: Row,
    sizes: Sequence[str | None] = ("132", "68"),
    total: str | None = None,
    events: Sequence[bool | None] = (False, True),
    told: bool = False,
    **variables: Mapping[str, Any],
) -> Subject:
    """A table of groups without and with the event, as it is pasted."""
    groups = [
        Group(name, "Table 1", None if n is None else Printed.parse(n), event)
        for name, n, event in zip("ABCDEF", sizes, events, strict=False)
    ]
    if total is not None:
        groups.append(Group("Total", "Table 1", Printed.parse(total), total=True))
    described = {
        name: PaperVariable.model_validate(
            {"label": name, "timing": "preoperative"} | dict(described)
        )
        for name, described in variables.items()
    }
    table = Comparison("compared", "Table 1", tuple(groups), rows, told)
    return Subject("pasted", "A table", (table,), variables=described)
