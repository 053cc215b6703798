"""The words on the figures, in English and Chinese. Both catalogues have the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vertebrisk._types import DataKind, Language

ENGLISH: Final[Mapping[str, str]] = {
    "reconstructed": "Reconstructed data",
    "simulated": "Simulated data",
    "ci": "{estimate} (95% CI {low} to {high})",
    "parenthesis": " ({text})",
    "sensitivity": "Sensitivity",
    "one_minus_specificity": "1 \u2212 specificity",
    "auc": "AUC",
    "auc_corrected": "Corrected for optimism",
    "chance": "Chance",
    "protocol_threshold": "Risk threshold of the protocol",
    "youden_threshold": "Youden\u2019s index (chosen by the data)",
    "predicted": "Predicted risk",
    "observed": "Observed proportion",
    "ideal": "Ideal",
    "apparent": "Apparent",
    "bias_corrected": "Bias-corrected",
    "band": "95% band, apparent",
    "smoother": "Smoother: {name}",
    "mean_absolute_error": "Mean absolute error {value}",
    "slope_corrected": "Slope, corrected",
    "intercept_corrected": "Intercept, corrected",
    "events": "Events",
    "non_events": "Non-events",
    "threshold_odds": "Threshold risk, with harm : benefit",
    "net_benefit": "Net benefit",
    "model": "Model",
    "model_corrected": "Model, optimism-corrected",
    "model_band": "95% interval",
    "treat_all": "Treat all",
    "treat_none": "Treat none",
    "ratio.logistic": "Odds ratio",
    "ratio_ci.logistic": "OR (95% CI)",
    "ratio.cox": "Hazard ratio",
    "ratio_ci.cox": "HR (95% CI)",
    "ratio.fine-gray": "Subdistribution hazard ratio",
    "ratio_ci.fine-gray": "SHR (95% CI)",
    "p": "P",
    "versus": "{level} vs {reference}",
    "reference": "1 (reference)",
    "interval": "{estimate} ({low} to {high})",
    "selected_share": "Resamples in which selected (%)",
    "in_model": "In the final model",
    "not_in_model": "Not in the final model",
    "points": "Points",
    "total_points": "Total points",
    "risk_percent": "Risk (%)",
    "risk_of_percent": "Risk of {outcome} (%)",
    "patients": "Patients, n = {n}",
    "example": "Example",
    "example_part": "{label}: {value} ({points})",
    "example_sentence": "Example: {parts} = {total} points in all; risk {risk}.",
    "example_sentence_ci": (
        "Example: {parts} = {total} points in all; risk {risk} (95% CI {low} to {high})."
    ),
    "duration": "{time} {unit}",
    "risk_by_percent": "Risk by {time} (%)",
    "risk_of_by_percent": "Risk of {outcome} by {time} (%)",
    "median_time": "Median time",
    "median_time_to": "Median time to {outcome}",
    "median_unknown": "Half have not had it by {time}",
    "beyond_time": "beyond {time}",
    "example_by": "{risk} by {time}",
    "example_by_ci": "{risk} (95% CI {low} to {high}) by {time}",
    "example_and": ", ",
    "example_horizons": "Example: {parts} = {total} points in all; risk {risks}{median}.",
    "example_median": "; median time {time}",
    "read_patient": "Patients in the file",
    "read_vertebra": "Vertebrae in the file",
    "excluded": "Excluded",
    "eligible": "Eligible",
    "outcome_missing": "Outcome missing",
    "not_sampled": "Controls not sampled",
    "predictor_missing": "Predictor missing",
    "analysed": "Analysed",
    "not_met": "Not met: {reason}",
    "undetermined": "Cannot be determined: {reason}",
    "n": "n = {n}",
    "n_share": "n = {n} ({share}%)",
    "in_patients": "in {n} patients",
    "event": "With the outcome",
    "no_event": "Without the outcome",
    "hours": "hours",
    "days": "days",
    "third_0": "Lowest third",
    "third_1": "Middle third",
    "third_2": "Highest third",
    "weeks": "weeks",
    "months": "months",
    "years": "years",
    "mean_interval": "Mean, 95% CI",
    "mixed_model": "Mixed model",
    "visit_time": "Time since the first visit ({unit})",
    "visit_even": "Visit (not to scale)",
    "mcid_line": "MCID from the first visit",
    "bland_bias": "Bias {value}",
    "bland_upper": "+1.96 SD\n{value}",
    "bland_lower": "\u22121.96 SD\n{value}",
    "bland_mean": "Mean of the two readers: {title}",
    "bland_difference": "{first} \u2212 {second}",
    "time": "Time",
    "time_in": "Time ({unit})",
    "at_risk": "Number at risk",
    "without_event": "Proportion without the event",
    "incidence": "Cumulative incidence",
    "cause_event": "Event",
    "cause_competing": "Competing event",
    "neither": "Neither",
    "log_rank": "Log-rank test: {p}",
    "gray": "Gray\u2019s test: {p}",
    "auc_time": "Time-dependent AUC",
    "brier": "Brier score",
    "null_model": "Null model",
    "effect": "Coefficient at the time",
}

CHINESE: Final[Mapping[str, str]] = {
    "reconstructed": "重建数据",
    "simulated": "模拟数据",
    "ci": "{estimate}（95% CI {low} 至 {high}）",
    "parenthesis": "（{text}）",
    "sensitivity": "灵敏度",
    "one_minus_specificity": "1 \u2212 特异度",
    "auc": "AUC",
    "auc_corrected": "乐观校正后",
    "chance": "随机",
    "protocol_threshold": "方案规定的风险阈值",
    "youden_threshold": "约登指数（由数据选定）",
    "predicted": "预测风险",
    "observed": "实际发生比例",
    "ideal": "理想",
    "apparent": "表观",
    "bias_corrected": "偏差校正",
    "band": "表观曲线 95% 区间带",
    "smoother": "平滑方法：{name}",
    "mean_absolute_error": "平均绝对误差 {value}",
    "slope_corrected": "校正斜率",
    "intercept_corrected": "校正截距",
    "events": "发生",
    "non_events": "未发生",
    "threshold_odds": "阈概率（及害益比）",
    "net_benefit": "净获益",
    "model": "模型",
    "model_corrected": "模型（乐观校正）",
    "model_band": "95% 区间",
    "treat_all": "全部干预",
    "treat_none": "全不干预",
    "ratio.logistic": "比值比",
    "ratio_ci.logistic": "OR（95% CI）",
    "ratio.cox": "风险比",
    "ratio_ci.cox": "HR（95% CI）",
    "ratio.fine-gray": "次分布风险比",
    "ratio_ci.fine-gray": "SHR（95% CI）",
    "p": "P",
    "versus": "{level} 对比 {reference}",
    "reference": "1（参照）",
    "interval": "{estimate}（{low} 至 {high}）",
    "selected_share": "入选的重抽样比例（%）",
    "in_model": "进入最终模型",
    "not_in_model": "未进入最终模型",
    "points": "评分",
    "total_points": "总分",
    "risk_percent": "风险（%）",
    "risk_of_percent": "{outcome}风险（%）",
    "patients": "患者，n = {n}",
    "example": "示例",
    "example_part": "{label}：{value}（{points}）",
    "example_sentence": "示例：{parts} = 总分 {total}，对应风险 {risk}。",
    "example_sentence_ci": (
        "示例：{parts} = 总分 {total}，对应风险 {risk}（95% CI {low} 至 {high}）。"
    ),
    "duration": "{time}{unit}",
    "risk_by_percent": "{time}内风险（%）",
    "risk_of_by_percent": "{time}内{outcome}风险（%）",
    "median_time": "中位时间",
    "median_time_to": "至{outcome}中位时间",
    "median_unknown": "至{time}尚未及半数",
    "beyond_time": "超过{time}",
    "example_by": "{time}内{risk}",
    "example_by_ci": "{time}内{risk}（95% CI {low} 至 {high}）",
    "example_and": "、",
    "example_horizons": "示例：{parts} = 总分 {total}，对应风险{risks}{median}。",
    "example_median": "；中位时间{time}",
    "read_patient": "文件中的患者",
    "read_vertebra": "文件中的椎体",
    "excluded": "排除",
    "eligible": "符合条件",
    "outcome_missing": "结局缺失",
    "not_sampled": "未抽取的对照",
    "predictor_missing": "预测变量缺失",
    "analysed": "纳入分析",
    "not_met": "不符合：{reason}",
    "undetermined": "无法判定：{reason}",
    "n": "n = {n}",
    "n_share": "n = {n}（{share}%）",
    "in_patients": "来自 {n} 名患者",
    "event": "发生结局",
    "no_event": "未发生结局",
    "hours": "小时",
    "days": "天",
    "third_0": "低风险三分位",
    "third_1": "中风险三分位",
    "third_2": "高风险三分位",
    "weeks": "周",
    "months": "月",
    "years": "年",
    "mean_interval": "均数，95% CI",
    "mixed_model": "混合效应模型",
    "visit_time": "距首次时点的时间（{unit}）",
    "visit_even": "时点（未按比例）",
    "mcid_line": "较首次时点改善一个MCID",
    "bland_bias": "偏倚 {value}",
    "bland_upper": "+1.96 SD\n{value}",
    "bland_lower": "\u22121.96 SD\n{value}",
    "bland_mean": "两位阅片者均值：{title}",
    "bland_difference": "{first} \u2212 {second}",
    "time": "时间",
    "time_in": "时间（{unit}）",
    "at_risk": "风险人数",
    "without_event": "未发生事件的比例",
    "incidence": "累积发生率",
    "cause_event": "事件",
    "cause_competing": "竞争事件",
    "neither": "均未发生",
    "log_rank": "Log-rank检验：{p}",
    "gray": "Gray检验：{p}",
    "auc_time": "时间依赖AUC",
    "brier": "Brier评分",
    "null_model": "零模型",
    "effect": "该时间点的系数",
}

WORDS: Final[Mapping[Language, Mapping[str, str]]] = {"en": ENGLISH, "zh": CHINESE}


def data_label(kind: DataKind, words: Mapping[str, str] = ENGLISH) -> str:
    """What a figure must say about its data; empty when the patients are real."""
    return "" if kind == "real" else words[kind]


def true_minus(text: str) -> str:
    """A number as text, its hyphens turned into minus signs."""
    return text.replace("-", "\u2212")


def duration(time: float, unit: str, words: Mapping[str, str]) -> str:
    """A time with its unit as people say it: ``12 months``, ``1 year``."""
    if not unit:
        return f"{time:g}"
    counted = unit.removesuffix("s") if time == 1.0 else unit
    return words["duration"].format(time=f"{time:g}", unit=counted)


def number(value: float, decimals: int) -> str:
    """A number with fixed decimals and a true minus sign; never a negative zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0.0:
        text = text.lstrip("-")
    return true_minus(text)


def with_interval(
    estimate: float,
    low: float | None,
    high: float | None,
    decimals: int,
    words: Mapping[str, str],
    form: str = "ci",
) -> str:
    """An estimate with its interval where there is one."""
    shown = number(estimate, decimals)
    if low is None or high is None or low != low or high != high:
        return shown
    return words[form].format(
        estimate=shown, low=number(low, decimals), high=number(high, decimals)
    )
