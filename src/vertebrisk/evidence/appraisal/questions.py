"""The 20 signalling questions of PROBAST, in words of our own.

Wolff et al. 2019, doi:10.7326/M18-1376; explanation: Moons et al. 2019, doi:10.7326/M18-1377.
"""

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._types import Language


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the four domains; applicability is asked of the first three."""

    number: int
    en: str
    zh: str

    def name(self, lang: Language = "en") -> str:
        """Its name in a language."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Question:
    """One signalling question; `number` is PROBAST's, such as ``4.1``."""

    number: str
    en: str
    zh: str

    @property
    def domain(self) -> int:
        """The number of its domain."""
        return int(self.number[0])

    def words(self, lang: Language = "en") -> str:
        """The question in a language."""
        return self.en if lang == "en" else self.zh


DOMAINS = (
    Domain(1, "Participants", "研究对象"),
    Domain(2, "Predictors", "预测因子"),
    Domain(3, "Outcome", "结局"),
    Domain(4, "Analysis", "分析"),
)

QUESTIONS = (
    Question("1.1", "A source of patients that gives right risks?", "患者来源能否给出正确的风险？"),
    Question("1.2", "The right patients in, and none wrongly out?", "纳入与排除是否恰当？"),
    Question("2.1", "Predictors assessed in one way for all?", "预测因子的评估方式是否统一？"),
    Question("2.2", "Predictors read without knowing the outcome?", "评估预测因子时是否不知结局？"),
    Question("2.3", "Predictors known when the model is used?", "使用模型时预测因子是否均已知？"),
    Question("3.1", "Outcome determined by a sound method?", "结局的判定方法是否可靠？"),
    Question("3.2", "Outcome standard, or fixed beforehand?", "结局定义是否标准或预先规定？"),
    Question("3.3", "Outcome defined without the predictors?", "结局定义是否不含预测因子？"),
    Question("3.4", "Outcome determined in one way for all?", "结局的判定方式是否统一？"),
    Question("3.5", "Outcome judged without knowing predictors?", "判定结局时是否不知预测因子？"),
    Question("3.6", "Time from predictors to outcome right?", "预测因子至结局的间隔是否恰当？"),
    Question("4.1", "Enough patients with the outcome?", "发生结局的患者是否足够？"),
    Question("4.2", "Numbers and categories handled well?", "数值与分类预测因子处理是否恰当？"),
    Question("4.3", "Everyone enrolled analysed?", "入组患者是否均纳入分析？"),
    Question("4.4", "Missing values handled well?", "缺失值处理是否恰当？"),
    Question("4.5", "Predictors chosen jointly, not one at a time?", "预测因子是否并非逐个筛选？"),
    Question("4.6", "Censoring, sampling and the like allowed for?", "删失、抽样等是否得到处理？"),
    Question("4.7", "Discrimination and calibration both shown?", "区分度与校准度是否均有报告？"),
    Question("4.8", "Overfitting and optimism allowed for?", "是否处理过拟合与乐观偏差？"),
    Question("4.9", "Weights those of the multivariable analysis?", "权重是否与多因素分析一致？"),
)  # fmt: skip

BY_NUMBER = {question.number: question for question in QUESTIONS}
