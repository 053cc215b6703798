"""Names of columns: stripped, present and unique, or one clear error."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from vertebrisk._checks import listed
from vertebrisk.cohort.reading.patterns import NUMBER, WHITE
from vertebrisk.cohort.reading.table_file import MAX_COLUMNS
from vertebrisk.errors import DataError
from vertebrisk.findings import Finding
from vertebrisk.text.messages import say


def clean_headers(headers: Sequence[str], file: str) -> tuple[list[str], list[Finding]]:
    """Headers without white space around them or line breaks within.

    Raises
    ------
    DataError
        When there are too many columns, a name is empty, or two are the same.
    """
    if len(headers) > MAX_COLUMNS:
        raise DataError(
            f"'{file}' has {len(headers)} columns; at most {MAX_COLUMNS} are read. "
            "Keep the columns of the study and save again."
        )
    names = [" ".join(header.strip(WHITE).split("\n")).replace("\r", "") for header in headers]
    empty = [position for position, name in enumerate(names, start=1) if not name]
    if empty:
        raise DataError(
            f"'{file}' has columns without a name in its first row (position {listed(empty)}). "
            "The first row must hold one name for each column: name them, delete a column of row "
            "numbers, and delete a title above the names."
        )
    check_unique(names, file, headers)
    changed = [name for name, header in zip(names, headers, strict=True) if name != header]
    findings = []
    if 2 * sum(re.match(NUMBER, name) is not None for name in names) > len(names):
        findings.append(
            Finding(
                code="header-numbers",
                severity="warning",
                message=say("Most names in the first row are numbers: is it a patient?"),
                remedy=say("Put a row of names above the data."),
                file=file,
            )
        )
    if not changed:
        return names, findings
    return names, [
        *findings,
        Finding(
            code="header-spaces",
            severity="note",
            message=say(
                "White space was removed from the names of columns: {changed}.",
                changed=listed(changed),
            ),
            file=file,
        ),
    ]


def check_unique(names: Sequence[str], file: str, headers: Sequence[str] = ()) -> None:
    """Raise DataError when two columns have one name, also when only spaces told them apart."""
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if not repeated:
        return
    before = set(headers)
    spaced = bool(headers) and any(
        len({header for header in before if header.strip(WHITE) == name}) > 1 for name in repeated
    )
    why = " (some differ only by spaces around the name)" if spaced else ""
    raise DataError(
        f"'{file}' has more than one column named {listed(repeated)}"
        f"{why}. Give each column its own name."
    )
