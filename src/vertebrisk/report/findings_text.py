"""Findings as a report shows them: titled, grouped by severity, gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vertebrisk._types import Language
from vertebrisk.findings import Finding, Severity, by_severity, count_by_severity
from vertebrisk.report.checklists.touching import touched_by
from vertebrisk.report.words import Words

_TITLES_ZH: dict[str, str] = {
    "hosmer-lemeshow": "Hosmer-Lemeshow检验的局限",
    "reclassification-miscalibrated": "校准不良影响重分类指标",
    "reclassification-not-proper": "NRI与IDI并非恰当的评价指标",
    "reclassification-without-accuracy": "重分类改善而准确性变差",
    "reclassification-without-benefit": "重分类改善而净获益未提高",
    "same-risks": "两个模型的风险相同",
    "drift-up": "事件多于预期：模型已漂移",
    "drift-down": "事件少于预期：模型已漂移",
    "few-events-to-monitor": "事件过少，难以监测",
    "patients-without-a-date": "缺少日期的患者",
    "dates-to-come": "日期晚于今天",
    "rows-not-in-order-of-time": "各行未按时间排序",
    "outcomes-missing": "结局缺失",
    "few-patients-calibration": "患者过少，校准曲线不可靠",
    "outcome-missing": "结局缺失",
    "not-scored": "无法得出风险的行",
    "not-scored-by-all": "部分模型无法得出风险的行",
    "models-of-other-outcomes": "各模型预测的并非同一结局",
    "models-of-the-same-patients": "模型由同一组患者建立",
    "development-patients": "建模所用患者",
    "no-proof-of-equality": "未见差异并不等于相同",
    "several-pairs": "多重两两比较",
    "extrapolation": "超出建模范围",
    "case-control": "对照抽样的模型",
    "model-data": "建模数据并非真实患者",
    "outcome-is-input": "结局使用了模型的变量",
    "risk-of-0-or-1": "风险恰为0或1",
    "one-risk": "风险完全相同",
    "no-slope": "无校准斜率",
    "other-unit": "单位可能不同",
    "apparent-performance-pooled": "合并的是表观性能",
    "egger-few-studies": "研究过少，Egger检验无效力",
    "empty-cells": "四格表有空格",
    "few-studies": "研究数少",
    "few-studies-per-moderator": "每个协变量的研究数过少",
    "hartung-knapp-narrows": "Hartung-Knapp使区间变窄",
    "heterogeneity-ignored": "忽略异质性",
    "no-prediction-interval": "无法给出预测区间",
    "performance-kinds-apart": "不同来源的性能未合并",
    "several-maxima": "似然有多个极大值",
    "small-subgroups": "亚组研究过少",
    "source-not-told": "数值类型未说明",
    "sources-mixed": "校正与未校正结果混合",
    "studies-not-pooled": "未纳入合并的研究",
    "tau2-interval-empty": "τ²区间为空",
    "thresholds-differ": "结局阈值不一致",
    "time-points-differ": "结局时间点不一致",
    "two-studies": "仅有两项研究",
    "beside-not-fitted": "并列的logistic模型未能拟合",
    "candidate-left-out": "候选因子被剔除",
    "changing-hazard-ratio": "风险比随时间变化",
    "clustered-tests": "检验未考虑聚类",
    "collinear-candidates": "候选因子共线",
    "collinear-predictor": "候选因子重复",
    "few-events-in-class": "某类结局过少",
    "heavy-ties": "结点过多",
    "level-lost-in-resamples": "部分抽样缺失水平",
    "missing-font": "缺少字体",
    "narrow-figure": "图形在窄版面无法辨读",
    "no-calculator": "没有计算器",
    "more-parameters-than-rows": "参数多于行数",
    "sparse-levels": "水平过于罕见",
    "silent-strata": "无事件的层",
    "times-made-equal": "极相近的时间视为相同",
    "inconsistent-row": "数据相互矛盾",
    "undescribed-outcome-column": "结局所用列未说明",
    "absurd-value": "数值不合常理",
    "agreement-not-computed": "一致性无法计算",
    "all-missing": "变量全部缺失",
    "beyond-plausible": "超出合理范围的值",
    "calibration-curve-unreliable": "校准曲线不可靠",
    "case-control-risk": "病例对照抽样下的风险",
    "matched-controls": "匹配对照",
    "set-not-named": "未注明匹配组",
    "sets-without-contrast": "匹配组缺病例或对照",
    "sets-broken-by-missing": "缺失值使匹配组失效",
    "dominant-set": "单个匹配组占比过大",
    "several-cases-in-set": "一组多例病例",
    "matched-differs": "匹配因素组内不同",
    "same-in-sets": "候选因子组内相同",
    "few-discordant-sets": "取值不同的匹配组过少",
    "sets-share-patients": "匹配组共有患者",
    "no-risk-in-matched-sets": "匹配研究不给出风险",
    "prevalence-corrected": "按患病率校正",
    "prevalence-taken-as-known": "患病率视为已知",
    "prevalence-differs": "患病率不一致",
    "cases-not-sampled": "部分病例未抽取",
    "sampling-not-known": "抽样状态不明",
    "controls-drawn": "由程序抽取对照",
    "time-zero": "随访时间为零",
    "events-at-one-time": "事件发生于同一时间",
    "no-competing-event": "无竞争事件",
    "competing-not-named": "未注明竞争事件",
    "horizon-beyond-follow-up": "随访未达时间点",
    "nobody-without-event": "时间点处无未发生事件者",
    "taken-as-followed": "视为均随访至时间点",
    "follow-up-beyond-the-model": "随访长于模型所知，时间单位可疑",
    "case-mix-spread": "患者构成的离散程度不同",
    "case-mix-level": "患者构成的风险水平不同",
    "membership-separated": "建模患者与本组患者可完全区分",
    "cause-specific-risk": "竞争事件被视为删失",
    "few-at-horizon": "时间点处观察人数少",
    "no-event-by-horizon": "时间点前无事件",
    "stratum-without-event": "无事件的层",
    "time-not-finite": "随访时间无法计算",
    "collinearity": "共线性",
    "column-not-in-file": "文件中缺少该列",
    "complete-case-loss": "完整病例分析造成的丢失",
    "constant-predictor": "预测因子无变异",
    "stability-selection": "稳定性选择",
    "powers-chosen": "幂由数据选定",
    "powers-unsettled": "幂的搜索未稳定",
    "extreme-values": "极端值左右曲线",
    "shifted-values": "非正值已平移",
    "refit-after-lasso": "lasso选择后的无惩罚重新拟合",
    "data-driven-selection": "数据驱动的变量选择",
    "decimal-comma": "小数逗号",
    "derived-not-finite": "衍生变量无有限值",
    "derived-replaces-column": "衍生变量覆盖原列",
    "dichotomised-predictor": "连续变量被二分类",
    "duplicate-patients": "重复患者",
    "duplicate-rows": "重复行",
    "empty-column": "空列",
    "empty-level": "无人的分类水平",
    "extreme-unit": "单位过大或过小",
    "empty-row": "空行",
    "encoding-guess": "文件编码为推测",
    "excel-error": "Excel错误值",
    "failed-resamples": "失败的抽样",
    "few-events": "事件数过少",
    "sample-size": "样本量不足",
    "learning-curve-rises": "学习曲线仍在上升",
    "learning-curve-slope": "学习曲线末端斜率偏低",
    "few-patients-followed": "随访患者过少",
    "file-extension": "文件扩展名不符",
    "followup-empty": "无符合条件的随访患者",
    "followup-no-groups": "随访分组无法比较",
    "followup-no-patient": "随访记录缺少患者编号",
    "followup-other-patients": "不在分析之列的患者",
    "followup-other-visits": "方案未列出的随访时点",
    "followup-where-unknown": "随访条件无法判定",
    "followup-without-scores": "患者无随访评分",
    "formula-without-value": "公式无计算值",
    "group-missing": "分组缺失",
    "header-numbers": "表头含数字",
    "header-spaces": "表头含空格",
    "icc-undefined": "组内相关系数无定义",
    "kappa-undefined": "kappa无定义",
    "labelled-file": "带标签的文件",
    "lonely-level": "仅一名患者的分类水平",
    "levels-not-shared": "分级未被两位阅片者共用",
    "levels-not-stated": "未声明分类水平",
    "merged-cells": "合并单元格",
    "missing-values": "缺失值",
    "nothing-to-impute": "无需插补",
    "no-complete-case-model": "完整病例无法建模",
    "many-incomplete": "不完整患者过多",
    "mostly-missing": "变量大部分缺失",
    "never-known-together": "变量几乎从未同时已知",
    "missing-in-one-group": "仅在一组缺失",
    "missing-by-outcome": "缺失与结局有关",
    "few-imputations": "插补次数过少",
    "no-auxiliary": "无辅助变量",
    "no-repeated-anova": "无法进行重复测量方差分析",
    "nothing-selected": "无因子入选",
    "old-excel": "旧版Excel文件",
    "optimism": "表观表现偏乐观",
    "other-sheets": "其他工作表",
    "outcome-no-candidate": "结局变量不可作候选因子",
    "overfitting": "过拟合",
    "patient-missing": "患者编号缺失",
    "post-selection": "选择后推断",
    "shrunken-coefficients": "收缩系数",
    "unstable-penalty": "惩罚参数不稳定",
    "penalty-at-an-end": "惩罚参数位于端点",
    "levels-merged-by-penalty": "惩罚合并水平",
    "postoperative-predictor": "术前模型含术后预测因子",
    "ragged-row": "行的列数不一致",
    "readings-missing": "判读缺失",
    "reconstructed-data": "重建数据",
    "score-beyond-scale": "评分超出量表范围",
    "separated-resamples": "部分抽样出现分离",
    "separation": "数据分离",
    "separator-guess": "分隔符为推测",
    "sphericity-doubted": "球形性假定存疑",
    "univariable-screening": "单因素筛选",
    "unknown-level": "未知分类水平",
    "unreadable-cell": "无法读取的单元格",
    "visit-without-scores": "时点无评分",
    "visits-missing": "随访评分缺失",
}


@dataclass(frozen=True, slots=True)
class FindingText:
    """One finding ready to be shown; the contents of cells are never part of it.

    `touches` names the items of the checklists that it touches.
    """

    code: str
    severity: Severity
    title: str
    message: str
    explanation: str
    remedy: str
    where: str
    touches: str = ""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one severity, under its heading."""

    severity: Severity
    heading: str
    findings: tuple[FindingText, ...]


def finding_title(code: str, language: Language) -> str:
    """Name of a finding for a heading; an unknown code is shown as words."""
    plain = code.replace("-", " ").capitalize()
    return _TITLES_ZH.get(code, plain) if language == "zh" else plain


def finding_text(finding: Finding, words: Words) -> FindingText:
    """One finding with its title, and where in the data it was found."""
    finding = finding.said(words.language)
    places = [place for place in (finding.file, finding.column) if place]
    if finding.rows:
        count = len(finding.rows)
        places.append(words("findings.row" if count == 1 else "findings.rows", n=count))
    return FindingText(
        finding.code,
        finding.severity,
        finding_title(finding.code, words.language),
        finding.message,
        finding.explanation,
        finding.remedy,
        " · ".join(places),
        touched_items(finding.code, words),
    )


def touched_items(code: str, words: Words) -> str:
    """Items of the checklists that a finding touches, as a sentence; empty where there are none."""
    shown = [f"{name} {', '.join(numbers)}" for name, numbers in touched_by(code)]
    return words("checklist.touches", items="; ".join(shown)) if shown else ""


def group_findings(findings: Iterable[Finding], words: Words) -> tuple[FindingGroup, ...]:
    """Findings by severity, gravest first, severities without any left out."""
    ordered = by_severity(findings)
    groups = []
    for severity in count_by_severity(ordered):
        members = tuple(finding_text(f, words) for f in ordered if f.severity == severity)
        if members:
            groups.append(FindingGroup(severity, words(f"severity.{severity}"), members))
    return tuple(groups)
