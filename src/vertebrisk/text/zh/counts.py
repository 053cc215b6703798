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
    "{n} model": "{n}个模型",
    "{n} risk": "{n}个风险值",
    "{n} value": "{n}个取值",
    "{n} time": "{n}次",
    "{n} candidate": "{n}个候选因子",
    "{n} input": "{n}个输入",
    "{n} cluster": "{n}个聚类",
    "{n} coefficient": "{n}个系数",
    "{n} stratum": "{n}个层",
    "{n} parameter": "{n}个参数",
}
