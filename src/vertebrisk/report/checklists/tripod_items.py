"""Items of TRIPOD+AI and of its list for abstracts, in short words of our own.

Collins et al. 2024, doi:10.1136/bmj-2023-078378.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

from vertebrisk.report.checklists.content import Item

SOURCE = "Collins et al. 2024, BMJ 385:e078378, doi:10.1136/bmj-2023-078378"

ITEMS = (
    Item("1", "title", "Title: model, population, outcome", "标题：模型、人群、结局"),
    Item("2", "abstract", "Abstract", "摘要"),
    Item("3a", "introduction", "Clinical context and earlier models", "临床背景与已有模型"),
    Item("3b", "introduction", "Intended population, use and users", "目标人群、用途与使用者"),
    Item("3c", "introduction", "Known health inequalities", "已知的健康不平等"),
    Item("4", "introduction", "Objectives", "研究目的"),
    Item("5a", "methods", "Sources of the data, why, how representative", "数据来源、理由与代表性"),
    Item("5b", "methods", "Dates of accrual and follow-up", "入组与随访日期"),
    Item("6a", "methods", "Setting and centres", "研究场所与中心"),
    Item("6b", "methods", "Eligibility", "入选标准"),
    Item("6c", "methods", "Treatments received", "所受治疗"),
    Item("7", "methods", "Data preparation and quality checks", "数据处理与质量检查"),
    Item("8a", "methods", "Outcome and time horizon", "结局与时间范围"),
    Item("8b", "methods", "Who judged the outcome", "结局由谁判定"),
    Item("8c", "methods", "Blinding of the outcome", "结局判定的盲法"),
    Item("9a", "methods", "Choice of the candidates", "候选因子的选取"),
    Item("9b", "methods", "Definition and measurement of predictors", "预测因子的定义与测量"),
    Item("9c", "methods", "Who judged the predictors", "预测因子由谁判读"),
    Item("10", "methods", "Sample size", "样本量"),
    Item("11", "methods", "Missing data", "缺失数据"),
    Item("12a", "methods", "How the data were used", "数据如何使用"),
    Item("12b", "methods", "How predictors entered the model", "预测因子进入模型的方式"),
    Item("12c", "methods", "Model, how it was built and validated", "模型类型、构建与内部验证"),
    Item("12d", "methods", "Differences between centres or clusters", "中心或聚类间的差异"),
    Item("12e", "methods", "Measures of performance", "性能指标"),
    Item("12f", "methods", "Updating after the evaluation", "评价后的模型更新"),
    Item("12g", "methods", "How predictions were computed", "预测值的计算方式"),
    Item("13", "methods", "Class imbalance", "类别不平衡"),
    Item("14", "methods", "Fairness", "公平性"),
    Item("15", "methods", "Output of the model, thresholds", "模型输出与阈值"),
    Item("16", "methods", "Development against evaluation data", "建模与评价数据的差异"),
    Item("17", "methods", "Ethical approval and consent", "伦理批准与知情同意"),
    Item("18a", "open", "Funding", "资助"),
    Item("18b", "open", "Conflicts of interest", "利益冲突"),
    Item("18c", "open", "Protocol", "研究方案"),
    Item("18d", "open", "Registration", "注册"),
    Item("18e", "open", "Data sharing", "数据共享"),
    Item("18f", "open", "Code sharing", "代码共享"),
    Item("19", "involvement", "Patient and public involvement", "患者与公众参与"),
    Item("20a", "results", "Flow of participants and follow-up", "研究对象流程与随访"),
    Item("20b", "results", "Characteristics and missing values", "基线特征与缺失情况"),
    Item("20c", "results", "Comparison with the development data", "与建模数据的比较"),
    Item("21", "results", "Participants and events in each analysis", "各分析的例数与事件数"),
    Item("22", "results", "The full model", "完整模型"),
    Item("23a", "results", "Performance with intervals, subgroups", "性能及其区间、亚组"),
    Item("23b", "results", "Performance across centres or clusters", "各中心或聚类的性能"),
    Item("24", "results", "Results of updating", "更新结果"),
    Item("25", "discussion", "Interpretation, fairness among it", "结果解释（含公平性）"),
    Item("26", "discussion", "Limitations", "局限性"),
    Item("27a", "discussion", "Poor or missing inputs in use", "使用时输入质量差或缺失"),
    Item("27b", "discussion", "What users do and must know", "使用者的操作与所需专长"),
    Item("27c", "discussion", "Next steps", "后续研究"),
)  # fmt: skip

ABSTRACT_ITEMS = (
    Item("1", "title", "Title: model, population, outcome", "标题：模型、人群、结局"),
    Item("2", "background", "Context and rationale", "背景与理由"),
    Item("3", "objectives", "Objectives", "研究目的"),
    Item("4", "methods", "Sources of the data", "数据来源"),
    Item("5", "methods", "Eligibility and setting", "入选标准与场所"),
    Item("6", "methods", "Outcome and time horizon", "结局与时间范围"),
    Item("7", "methods", "Model, how it was built and validated", "模型类型、构建与内部验证"),
    Item("8", "methods", "Measures of performance", "性能指标"),
    Item("9", "results", "Participants and events", "例数与事件数"),
    Item("10", "results", "Predictors of the final model", "最终模型的预测因子"),
    Item("11", "results", "Performance with intervals", "性能及其区间"),
    Item("12", "discussion", "Interpretation", "结果解释"),
    Item("13", "registration", "Registration", "注册"),
)
