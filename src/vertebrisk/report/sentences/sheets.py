"""Words of the tables as a workbook and as LaTeX, beside those of the page."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "sheets.contents": ("Tables", "表格目录"),
    "sheets.sheet": ("Sheet", "工作表"),
    "sheets.caption": ("Caption", "标题"),
    "part.value": ("Number", "数值"),
    "part.mean": ("Mean", "均数"),
    "part.sd": ("SD", "标准差"),
    "part.median": ("Median", "中位数"),
    "part.iqr": ("IQR", "四分位距"),
    "part.q1": ("Q1", "下四分位数"),
    "part.q3": ("Q3", "上四分位数"),
    "part.count": ("n", "例数"),
    "part.percent": ("%", "%"),
    "part.estimate": ("Estimate", "估计值"),
    "part.low": ("Lower limit", "下限"),
    "part.high": ("Upper limit", "上限"),
    "part.first": ("First", "前者"),
    "part.second": ("Second", "后者"),
    "latex.continued": ("continued", "续"),
}
