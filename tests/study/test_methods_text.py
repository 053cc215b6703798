"""The statistical methods say what was done, and nothing that was not."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest
from tests.text_studies import IMPUTED, STUDIES, result_of, told

from vertebrisk._types import Language
from vertebrisk.report.narrative import cited, narrate
from vertebrisk.report.tables.numbering import build_tables

TIMED = {"cox", "strata", "entry", "competing"}
COX = TIMED - {"competing"}
OTHERWISE = {"folds", "plus", "imputed_folds", "imputed_632"}  # than Harrell's bootstrap
SELECTED = {"univariable", "backward", "select_lasso"}
SAID: dict[tuple[str, str], set[str]] = {
    ("fixed before the analysis, entered", "分析前确定的全部候选因子"): set(STUDIES) - SELECTED,
    ("P < 0.05 in the likelihood-ratio test of that", "似然比检验P < 0.05者进入"): {"univariable"},
    ("had P < 0.1 in the likelihood-ratio test", "各因子似然比检验P < 0.1"): {"backward"},
    ("chosen by the lasso", "采用lasso选择预测因子"): {"select_lasso"},
    ("whole modelling procedure", "重复完整建模流程"): {*SELECTED, "lasso"},
    ("percentile interval over the models", "以最终预测因子表达"): {*SELECTED, "lasso"},
    ("Firth's penalised likelihood", "Firth惩罚似然"): {"firth"},
    ("(FLIC)", "（FLIC）"): {"firth"},
    ("penalised likelihood ratios", "惩罚似然比检验"): {"firth"},
    ("4-fold cross-validation of the deviance", "4折交叉验证（偏差"): {"lasso"},
    ("have no standard errors", "没有标准误"): {"lasso"},
    ("heuristic factor", "启发式收缩因子"): {"shrunken"},
    ("profile likelihood, P values", "剖面似然法"): {"profile"},
    ("restricted cubic spline with knots at", "限制性立方样条，节点"): {"shapes"},
    ("natural logarithm", "自然对数"): {"shapes"},
    ("the interaction", "交互项"): {"shapes"},
    ("chained equations", "链式方程"): set(IMPUTED),
    ("Rubin's rules", "Rubin规则"): set(IMPUTED),
    ("drawn first and imputed then", "先抽取患者再插补"): {"imputed", "imputed_632"},
    ("were imputed by themselves", "所用患者单独插补"): {"imputed_folds"},
    ("tested on all patients", "在全部患者中检验"): {"imputed"},
    ("tested on the patients left out", "在未纳入的患者中检验"): {"imputed_folds", "imputed_632"},
    ("with neither it nor the competing event", "也未发生竞争事件者"): {"competing"},
    ("take vertebrae for independent", "将椎体视为独立"): {"vertebrae"},
    ("inside their stratum", "仅在层内比较"): {"strata"},
    ("can take some out again", "系数为零者即被剔除"): {"lasso"},
    ("For slope and intercept it is", "斜率与截距给出的是"): set(STUDIES)
    - TIMED
    - OTHERWISE
    - {"matched"},
    ("For the slope it is", "斜率给出的是"): {*TIMED, "matched"},
    ("with a missing candidate left it", "候选因子缺失52例患者退出"): {"holes"},
    ("clustered by patient", "按患者聚类"): {"vertebrae"},
    ("Cox proportional hazards model", "Cox比例风险模型"): COX,
    ("(ties after Efron)", "同时事件的处理：Efron"): COX - {"strata"},
    ("(ties after Breslow)", "同时事件的处理：Breslow"): {"strata"},
    ("a baseline hazard of its own", "各层有各自的基线风险"): {"strata"},
    ("Schoenfeld residuals", "Schoenfeld残差"): COX,
    ("delayed entry", "延迟进入"): {"entry"},
    ("log-rank test", "log-rank检验"): {"cox", "strata"},
    ("Fine-Gray model", "Fine-Gray模型"): {"competing"},
    ("Gray's test", "Gray检验"): {"competing"},
    ("DeLong's interval", "DeLong区间"): set(STUDIES) - TIMED - {"matched", "vertebrae", *IMPUTED},
    ("conditional logistic regression model", "条件logistic回归模型"): {"matched"},
    ("matched to cases on Year", "对照按年份与病例匹配"): {"matched"},
    ("Matched sets without a case", "无病例或无对照的匹配组"): {"matched"},
    ("prevalence of 10.0%", "患病率10.0%"): {"sampled"},
    ("Cases and controls were resampled apart", "病例与对照分别重抽样"): {"sampled"},
    ("read in pieces", "分块读取"): {"stream"},
    ("Poisson weight", "泊松权重"): {"stream"},
    ("cross-validation in 4 folds", "4折交叉验证估计"): {"folds", "imputed_folds"},
    (".632+ bootstrap", ".632+自助法估计"): {"plus"},
    ("location-shifted", "位置平移区间"): {"shifted"},
    ("Harrell's bootstrap", "Harrell自助"): set(STUDIES) - OTHERWISE,
    ("internal-external validation", "内部-外部验证"): {"centres"},
    ("split by time", "按时间划分"): {"split"},
    ("stability of the predictions", "预测的稳定性"): {"unstable"},
    ("Net benefit", "净获益"): set(STUDIES) - {"matched", "entry"},
    ("Scores over follow-up", "随访评分（"): {"scores"},
    ("Agreement of two readers", "两位阅片者"): {"scores"},
    ("criteria of Riley", "Riley等的标准"): set(STUDIES) - {"matched", "sampled"},
}


@pytest.mark.parametrize("said", list(SAID), ids=lambda said: said[0])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sentence_stands_there_exactly_when_it_was_done(
    said: tuple[str, str], language: Language
) -> None:
    text = said[0] if language == "en" else said[1]
    # pooled net benefit is told of with the imputation, too
    found = {name for name in STUDIES if text in told(name, language)["statistical_methods"]}
    assert found == SAID[said]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", STUDIES)
def test_every_paper_of_the_list_is_cited_and_no_other(name: str, language: Language) -> None:
    result = result_of(name, language)
    papers = cited(result, build_tables(result))
    text = told(name, language)["statistical_methods"]
    numbers = {
        int(each) for found in re.findall(r"\[([\d, ]+)\]", text) for each in found.split(",")
    }
    assert numbers == set(range(1, len(papers) + 1))
    assert "@" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", STUDIES)
def test_no_sentence_is_left_open(name: str, language: Language) -> None:
    for section, text in told(name, language).items():
        for wrong in ("None", "nan", "{", "}", "..", "。。", "  ", " ,", "methods."):
            assert wrong not in text.replace("None was excluded. ", ""), (section, wrong)


def test_a_factor_above_one_shrinks_nothing() -> None:
    result = result_of("shrunken")
    assert result.shrinkage is not None
    idle = replace(result, shrinkage=replace(result.shrinkage, factor=1.0, estimated=1.2))
    text = " ".join(narrate(idle, build_tables(idle))["statistical_methods"])
    assert "they were left as they were" in text
    assert "were then multiplied" not in text


def test_hazards_that_move_together_are_no_proportional_ones() -> None:
    result = result_of("cox")
    assert result.survival is not None
    tests = result.survival.hazards
    moved = tests.with_columns(
        p_value=pl.when(pl.col("term") == "GLOBAL").then(0.01).otherwise(0.2)
    )
    both = replace(result, survival=replace(result.survival, hazards=moved))
    text = " ".join(narrate(both, build_tables(both))["multivariable"]).replace("\u00a0", " ")
    assert "speaks against proportional hazards for all terms together (P = 0.010" in text
    assert "no reason to doubt" not in text


def test_folds_are_not_resampled_by_outcome() -> None:
    result = result_of("sampled")
    folded = replace(result, validation=replace(result.validation, method="cross-validation"))
    sections = narrate(folded, build_tables(folded))
    for section in ("sampling", "statistical_methods"):
        assert "resampled apart" not in " ".join(sections[section])


def test_numbers_follow_the_journal() -> None:
    result = result_of("univariable")
    lancet = replace(result, facts=replace(result.facts, journal="lancet"))
    text = " ".join(narrate(lancet, build_tables(lancet))["statistical_methods"])
    assert "Those with p<0·05 in the likelihood-ratio test" in text
    assert "an association where p<0·05" in text
