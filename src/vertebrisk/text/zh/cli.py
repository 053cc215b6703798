"""What the commands print beside their results, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    "Report: {page}": "报告：{page}",
    "row {row}: {cell!r}": "第{row}行：{cell!r}",
    "{cells}; and {more} more": "{cells}；另有{more}个",
    "{n} rows read": "读入{n}行",
    "  {removed} removed, {remaining} left: {kind}, {reason}": (
        "  去除{removed}行，余{remaining}行：{kind}，{reason}"
    ),
    "include": "纳入标准",
    "exclude": "排除标准",
    "undetermined": "无法判定",
    "outcome-missing": "结局缺失",
    "not-sampled": "未抽样",
    "set-missing": "匹配组缺失",
    "set-idle": "匹配组不可用",
    "predictor-missing": "预测因子缺失",
    "{n} analysed, {n_events} with the event, {n_patients} patients": (
        "纳入分析{n}行，发生事件{n_events}行，患者{n_patients}例"
    ),
    "{n} with the competing event, ": "{n}行发生竞争事件，",
    "  {competing}{n_censored} censored; {total:g} {unit} at risk in all, {longest:g} the "
    "longest": "  {competing}{n_censored}行删失；风险暴露共{total:g}{unit}，最长{longest:g}",
    "  from a population with a prevalence of {prevalence:.2%}": "  总体患病率为{prevalence:.2%}",
    "Wrote {out}; look through it, then run: vertebrisk check {out}": (
        "已写入{out}；请过目后运行：vertebrisk check {out}"
    ),
    "Lines marked * change the protocol: --out FILE writes it.": (
        "标有*的各项会更改方案：用--out FILE写出。"
    ),
    "{n} rows, {n_events} with the event, {n_patients} patients": (
        "{n}行，发生事件{n_events}行，患者{n_patients}例"
    ),
    "  {parameters} parameters proposed; at most {most} carried without overfitting": (
        "  建议{parameters}个参数；不致过拟合的上限为{most}个"
    ),
    "Nothing to change.": "无需更改。",
    "{error} errors, {warning} warnings, {note} notes": (
        "错误{error}项，警告{warning}项，提示{note}项"
    ),
}
