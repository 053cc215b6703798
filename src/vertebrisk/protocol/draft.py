"""A protocol and a codebook drafted from the columns of a file.

What a file can tell (names, labels, levels, ranges) is filled in. What only a person can
claim stays marked: the outcome and its time point must be filled in before `check` passes;
timing, limits and thresholds carry a ``# review`` comment.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Protocol as Structure

from vertebrisk.protocol.documents import TIMINGS
from vertebrisk.protocol.fields import PLACEHOLDER

_ANALYSED = ("numeric", "categorical", "boolean")
_ZERO_ONE = ("0", "1")
_REVIEW = "# review"
_PATIENT_NAME = (
    r"^(id|no\.?|number|mrn)$|patient|pat_?id|subject|case_?(id|no)|病案号|住院号|编号|患者"
)
_NUMBER_NAME = r"(^|[_\W])(id|no|nr|number|record|case)($|[_\W0-9])|_?id$|号"
_PERSON = r"name|姓名|note|remark|comment|备注"
_LATER = (
    r"post(?!erior)|after|follow|residual|outcome|recur|术后|随访|残余|残留|结局|复发"
    r"|(^|[_\W])\d+\s?(h|d|w|m|y|mo)($|[_\W])|(vas|odi)_?[1-9]"
)
_DURING = r"intraop|cement|leak|volume|inject|bipedic|术中|骨水泥|渗漏|注入"


class ColumnLike(Structure):
    """What a draft needs to know of a column; `cohort.reading.ColumnProfile` has it."""

    @property
    def name(self) -> str:
        """Name in the file."""

    @property
    def label(self) -> str | None:
        """Label that the file carries, if any."""

    @property
    def kind(self) -> str:
        """Such as numeric, categorical, boolean, date, identifier, text, empty, constant."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of a categorical column, or of whole numbers of few values."""

    @property
    def q01(self) -> float | None:
        """First percentile of a numeric column."""

    @property
    def q99(self) -> float | None:
        """99th percentile of a numeric column."""

    @property
    def minimum(self) -> float | None:
        """Smallest value of a numeric column."""


def toml_text(value: str) -> str:
    """A TOML basic string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_key(name: str) -> str:
    """A TOML key, quoted where it needs to be."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_text(name)


def draft(
    profiles: Sequence[ColumnLike], *, data: str, study_id: str, codebook: str = "codebook.toml"
) -> tuple[str, str]:
    """Texts of a protocol and of its codebook.

    Parameters
    ----------
    profiles : sequence of column descriptions
        One a column, in the order of the file.
    data, codebook : str
        Names of the data file and of the codebook, both beside the protocol.
    study_id : str
        Short name of the study.

    Returns
    -------
    protocol, codebook : str
        TOML. The protocol loads once its lines marked ``FILL-IN`` are filled in.
    """
    analysed = [column for column in profiles if column.kind in _ANALYSED and _writable(column)]
    identifier = _identifier(profiles)
    left_out = [
        column for column in profiles if column not in analysed and column.name != identifier
    ]
    parts = [
        _study_table(study_id, data, codebook, identifier),
        _ELIGIBILITY,
        _OUTCOME,
        _analysis_table(
            [column.name for column in analysed if _timing(column) == "preoperative"],
            [column for column in analysed if _timing(column) != "preoperative"],
            left_out,
        ),
        _VALIDATION,
    ]
    return "\n".join(parts), "\n".join([_CODEBOOK_HEAD, *map(_variable_table, analysed)])


def template(study_id: str) -> str:
    """A protocol to be written by hand, explained line by line."""
    parts = [
        _study_table(study_id, PLACEHOLDER, None, None),
        _ELIGIBILITY,
        _OUTCOME,
        _TEMPLATE_VARIABLES,
        _analysis_table(["age", "sex"], [], []),
        _VALIDATION,
    ]
    return "\n".join(parts)


def _identifier(profiles: Sequence[ColumnLike]) -> str | None:
    """The column that tells patients apart: one named so, else the first that could."""
    names = [column.name for column in profiles if column.kind == "identifier"]
    return min(names, key=_rank_as_identifier, default=None)


def _rank_as_identifier(name: str) -> int:
    if re.search(_PERSON, name, re.IGNORECASE):
        return 2
    ranks = (_PATIENT_NAME, _NUMBER_NAME)
    matches = (
        rank for rank, form in enumerate(ranks) if re.search(form, name.strip(), re.IGNORECASE)
    )
    return next(matches, len(ranks) + 1)


def _writable(column: ColumnLike) -> bool:
    return "`" not in column.name and bool(column.name.strip())


def _study_table(study_id: str, data: str, codebook: str | None, patient: str | None) -> str:
    lines = [
        f"# Study protocol. Lines marked {PLACEHOLDER} are for a person to fill in;",
        "# lines marked 'review' hold a guess. Then: vertebrisk check, vertebrisk run.",
        "# Every key is explained in docs/guide/protocol.md.",
        "",
        "[study]",
        f"id = {toml_text(study_id)}",
        f"title = {toml_text(f'Study {study_id}')}  {_REVIEW}",
        'design = "cohort"  # or "case-control", with a table [sampling]',
        f"data = {toml_text(data)}",
    ]
    if codebook is not None:
        lines.append(f"codebook = {toml_text(codebook)}  # the variables are described there")
    if patient is not None:
        lines.append(f"patient = {toml_text(patient)}  {_REVIEW}: tells patients apart")
    else:
        lines.append('# patient = "patient_id"  # the column that tells patients apart')
    lines += [
        'unit = "patient"  # or "vertebra": rows of one patient are then a cluster',
        f'use_at = "preoperative"  {_REVIEW}: when the model is used (see timing in the codebook)',
        "",
    ]
    return "\n".join(lines)


def _analysis_table(
    names: Sequence[str], later: Sequence[ColumnLike], left_out: Sequence[ColumnLike]
) -> str:
    lines = [
        "[analysis]",
        f"compare = [  {_REVIEW}: take out what is no characteristic of a patient",
    ]
    lines += [f"    {toml_text(name)}," for name in names]
    lines.append("]")
    if later:
        lines.append("# Known too late before surgery; to compare them too, list the candidates:")
        lines += [f"#   {toml_text(column.name)} ({_timing(column)})" for column in later]
    if left_out:
        lines.append("# Not compared:")
        lines += [f"#   {toml_text(column.name)} ({_why_not(column)})" for column in left_out]
    lines += [
        f'candidates = "compare"  {_REVIEW}: better a list, chosen for clinical reasons',
        '# candidates = ["age", "ivc"]  # without the variables of the outcome',
        f'select = "prespecified"  {_REVIEW}: all candidates stay in the model',
        '# select = { method = "univariable", alpha = 0.05 }  # screened one by one',
        '# select = { method = "backward", criterion = "aic" }  # taken out one by one',
        '# select = { method = "lasso", penalty = { rule = "1se" } }  # chosen by a penalty',
        '# terms = ["rcs(age, 4)"]  # the shape in which a candidate enters',
        '# model = "logistic"  # without it: logistic; cox or fine-gray for time to event',
        'estimator = "ml"',
        "",
    ]
    return "\n".join(lines)


def _why_not(column: ColumnLike) -> str:
    if "`" in column.name:
        return "its name holds a backtick, which no formula can write; rename it"
    if not column.name.strip():
        return "it has no name"
    reasons = {
        "identifier": "it names patients",
        "date": "dates; derive a number of days",
        "text": "free text",
        "empty": "empty",
        "constant": "the same value in every row",
    }
    return reasons.get(column.kind, column.kind)


def _timing(column: ColumnLike) -> str:
    words = f"{column.name} {column.label or ''}"
    for timing, form in (("postoperative", _LATER), ("intraoperative", _DURING)):
        if re.search(form, words, re.IGNORECASE):
            return timing
    return "preoperative"


def _variable_table(column: ColumnLike) -> str:
    lines = [
        f"[variables.{toml_key(column.name)}]",
        f"label = {toml_text(column.label or column.name)}",
    ]
    if column.kind == "numeric":
        lines += _limits(column)
        if column.levels:
            lines.append(f"# levels = [{_listed(column.levels)}]  # if these are groups")
    elif column.levels == _ZERO_ONE:
        lines.append(f'codes = {{ 0 = "No", 1 = "Yes" }}  {_REVIEW}: the first is the reference')
    else:
        levels = column.levels or ("false", "true")
        lines.append(f"levels = [{_listed(levels)}]  {_REVIEW}: the first is the reference")
    timing = _timing(column)
    others = ", ".join(f'"{each}"' for each in TIMINGS if each != timing)
    lines += [f'timing = "{timing}"  {_REVIEW}: or {others}', ""]
    return "\n".join(lines)


def _listed(levels: Sequence[str]) -> str:
    return ", ".join(toml_text(level) for level in levels)


def _limits(column: ColumnLike) -> list[str]:
    low, high = column.q01, column.q99
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return []
    reach = (high - low) / 2 or max(abs(high), 1.0) / 2
    step = 10.0 ** math.floor(math.log10(reach))
    lower = math.floor((low - reach) / step) * step
    upper = math.ceil((high + reach) / step) * step
    if column.minimum is not None and column.minimum >= 0:
        lower = max(lower, 0.0)
    return [f"plausible = [{lower:.6g}, {upper:.6g}]  {_REVIEW}: half as wide again as the data"]


_ELIGIBILITY = """\
# Criteria in order, each with its reason for the flow diagram; exclude works the other way.
# [[eligibility.include]]
# rule = "t_score <= -2.5"
# reason = "Osteoporosis on DXA"
# What holds of every patient; rows that break it are named.
# [[consistency]]
# rule = "avh_above >= avh"
# reason = "a fractured body is no higher than the one above"
"""

_OUTCOME = f"""\
[outcome]
name = "outcome"  {_REVIEW}
label = "Outcome"  {_REVIEW}
kind = "binary"
event = "{PLACEHOLDER}"  # a rule with its threshold, such as "vas_1m >= 4" or "pain == 'Yes'"
time_point = "{PLACEHOLDER}"  # when the outcome was assessed, such as "1 month"
# If it is followed up, kind = "time-to-event" and, beside the event:
# time = "months"  # a column, or derived, such as "last_visit - surgery" in days
# time_unit = "months"  # or hours, days, weeks, years
# competing = "died == 'Yes'"  # what makes the event impossible
# horizons = [12]  # times by which risks are wanted
"""

_VALIDATION = f"""\
[validation]
resamples = 1000
seed = 1  # any number; it lets a run be repeated
thresholds = [0.10, 0.20]  {_REVIEW}: risks at which a decision would change
threshold_range = [0.02, 0.50]  {_REVIEW}: of the decision curve
# Patients with a missing candidate leave; to impute what is missing instead:
# [missing]
# method = "imputation"
# auxiliary = ["weight"]  # tell something of what is missing, and are no candidates
# at_bedside = "ask"  # for a new patient's missing input; "average" over it by default then
"""

_CODEBOOK_HEAD = """\
# Codebook. Check the labels, the reference level (the first), the limits and, above all,
# the timing: a predictor that is known only after the model's use is refused.
# Add where it applies: unit = "mm"; summary = "median_iqr"; missing = [-9];
# codes = { 0 = "No", 1 = "Yes" }; label = { en = "...", zh = "..." }; modifiable = true
# for what surgeon or patient may change; codings = [{ system = "loinc", code = "..." }].
"""

_TEMPLATE_VARIABLES = """\
# One table for each variable; the name is the column's.
[variables.age]
label = { en = "Age", zh = "年龄" }
unit = "years"
plausible = [18, 110]
timing = "preoperative"

[variables.sex]
label = { en = "Sex", zh = "性别" }
levels = ["Female", "Male"]  # the first is the reference
timing = "preoperative"
"""
