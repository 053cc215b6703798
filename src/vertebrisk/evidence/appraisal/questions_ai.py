"""The signalling questions of PROBAST+AI, in words of our own.

Moons et al. 2025, doi:10.1136/bmj-2024-082505: 16 questions on the quality of a development, 18
on the risk of bias of an evaluation, in the four domains of PROBAST. Those of the first three
domains are the same in both.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

from dataclasses import dataclass

from vertebrisk._types import Language
from vertebrisk.evidence.appraisal.questions import Domain


@dataclass(frozen=True, slots=True)
class QuestionAI:
    """One question; `of_2019` are the questions of PROBAST 2019 that ask about the same."""

    number: str
    en: str
    zh: str
    of_2019: tuple[str, ...] = ()

    def words(self, lang: Language = "en") -> str:
        """The question in a language."""
        return self.en if lang == "en" else self.zh


DOMAINS_AI = (
    Domain(1, "Participants and data sources", "研究对象与数据来源"),
    Domain(2, "Predictors", "预测因子"),
    Domain(3, "Outcome", "结局"),
    Domain(4, "Analysis", "分析"),
)

_SHARED = (
    QuestionAI("1.1", "Sources of data fit for the purpose?", "数据来源是否恰当？"),
    QuestionAI("1.2", "Design of the study fit for it?", "研究设计是否恰当？", ("1.1",)),
    QuestionAI(
        "1.3", "Patients in and out such that they represent?", "纳排后样本是否有代表性？", ("1.2",)
    ),
    QuestionAI(
        "2.1",
        "Predictors defined and assessed in one way?",
        "预测因子定义与评估是否统一？",
        ("2.1",),
    ),
    QuestionAI("2.2", "Predictors prepared in one way?", "预测因子预处理是否统一？"),
    QuestionAI(
        "2.3",
        "Predictors read without knowing the outcome?",
        "评估预测因子时是否不知结局？",
        ("2.2",),
    ),
    QuestionAI(
        "2.4",
        "Predictors known when the model is used?",
        "使用模型时预测因子是否均已知？",
        ("2.3",),
    ),
    QuestionAI(
        "3.1", "Outcome defined and assessed soundly?", "结局定义与评估是否恰当？", ("3.1", "3.2")
    ),
    QuestionAI(
        "3.2", "Outcome defined and assessed in one way?", "结局定义与评估是否统一？", ("3.4",)
    ),
    QuestionAI(
        "3.3",
        "Outcome judged without the predictors?",
        "判定结局时是否未用且不知预测因子？",
        ("3.3", "3.5"),
    ),
    QuestionAI(
        "3.4", "Time from predictors to outcome right?", "预测因子至结局的间隔是否恰当？", ("3.6",)
    ),
)

DEVELOPMENT = (
    *_SHARED,
    QuestionAI("4.1", "Enough patients?", "样本量是否合理？", ("4.1",)),
    QuestionAI("4.2", "Numbers and categories handled well?", "数值与分类处理是否恰当？", ("4.2",)),
    QuestionAI(
        "4.3",
        "Missing and censored data handled well?",
        "缺失与删失处理是否恰当？",
        ("4.3", "4.4", "4.6"),
    ),
    QuestionAI("4.4", "Recalibrated after balancing classes?", "类别平衡后是否重新校准？"),
    QuestionAI(
        "4.5", "Something done against overfitting?", "是否采取防过拟合措施？", ("4.5", "4.8")
    ),
)

EVALUATION = (
    *_SHARED,
    QuestionAI("4.1", "More than apparent performance?", "是否不限于表观性能？"),
    QuestionAI("4.2", "Enough patients?", "样本量是否合理？", ("4.1",)),
    QuestionAI(
        "4.3",
        "Missing and censored data handled well?",
        "缺失与删失处理是否恰当？",
        ("4.3", "4.4", "4.6"),
    ),
    QuestionAI("4.4", "Evaluated in data that were not balanced?", "是否在未经平衡的数据中评价？"),
    QuestionAI("4.5", "Training and test data kept apart?", "训练与测试数据是否严格分离？"),
    QuestionAI(
        "4.6", "Every step repeated in each resample?", "每次抽样是否重复全部步骤？", ("4.8",)
    ),
    QuestionAI("4.7", "Performance measured well?", "性能评价是否恰当？", ("4.7",)),
)
