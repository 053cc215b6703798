"""Counted nouns, positions, lists and units in Chinese: a measure word for each noun."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    "row {rows}": "第{rows}行",
    "rows {rows}": "第{rows}行",
    "rows {rows} and {more} more": "第{rows}行及另外{more}行",
    "{rows} and {more} more": "{rows}及另外{more}行",
    "{shown} and {more} more": "{shown}及另外{more}项",
    " Did you mean '{name}'?": "是否指“{name}”？",
    "hours": "小时",
    "days": "天",
    "weeks": "周",
    "months": "个月",
    "years": "年",
    "{n} cell": "{n}个单元格",
    "{n} row": "{n}行",
    "{n} event": "{n}个事件",
    "{n} non-event": "{n}个非事件",
    "{n} patient": "{n}例患者",
    "{n} candidate parameter": "{n}个候选参数",
}
