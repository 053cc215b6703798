"""What a run says to items on the study, its patients, outcome and predictors."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "fill.open": ("The run does not know this.", "本次运行无从得知。"),
    "fill.title": (
        "The protocol's title is “{title}”. That a prediction model is developed, for whom and of "
        "which outcome is for the authors to say in it.",
        "方案标题为“{title}”。标题中须写明开发预测模型、适用人群与结局，由作者确定。",
    ),
    "fill.abstract": (
        "The list for abstracts stands apart, filled in the same way; the abstract itself: for the "
        "authors.",
        "摘要清单另列，以同样方式填写；摘要本身由作者撰写。",
    ),
    "fill.use": (
        "To be used {use_at}, in patients who meet the criteria. Its place in the care pathway "
        "and its users: for the authors.",
        "于{use_at}用于符合标准的患者。在诊疗流程中的位置与使用者由作者说明。",
    ),
    "fill.objective": (
        "A model of {outcome} ({time_point}) was developed and validated internally. {further} "
        "What it is meant to answer: for the authors.",
        "开发并内部验证“{outcome}”（{time_point}）的模型。{further}所要回答的问题由作者说明。",
    ),
    "fill.objective_centres": (
        "The procedure was tried on every centre without it.",
        "建模流程逐一在被留出的中心上检验。",
    ),
    "fill.objective_split": (
        "A model of the earlier patients was tried on later ones, too.",
        "另以较早患者建立模型，在较晚的患者中检验。",
    ),
    "fill.objective_replication": (
        "Numbers of a published paper were compared.",
        "并与已发表论文的数字比较。",
    ),
    "fill.data": (
        "Design: {design}; data file {file}. {made} Where the data come from, why they were used "
        "and whom they represent: for the authors.",
        "研究设计：{design}；数据文件{file}。{made}数据来源、选用理由与代表性由作者说明。",
    ),
    "fill.data_reconstructed": (
        "These rows are no patients: they were reconstructed from what a paper prints.",
        "各行并非真实患者，而是由论文印出的数字重建。",
    ),
    "fill.data_simulated": (
        "These rows are no patients: they were simulated.",
        "各行并非真实患者，而是模拟生成。",
    ),
    "fill.dates": (
        "By {by}, patients came from {first} to {last}. End of follow-up: for the authors.",
        "按{by}，患者自{first}至{last}。随访截止日期由作者说明。",
    ),
    "fill.centres": (
        "{by} tells {n} centres apart. Kind and place of them: for the authors.",
        "按{by}区分{n}个中心。中心的类型与地点由作者说明。",
    ),
    "fill.include": ("Included: {reasons}.", "纳入：{reasons}。"),
    "fill.exclude": ("Excluded: {reasons}.", "排除：{reasons}。"),
    "fill.eligible": (
        "Of {n_read} rows read, {n} met the criteria.",
        "读入{n_read}行，符合标准{n}行。",
    ),
    "fill.setting_authors": ("Setting: for the authors.", "研究场所由作者说明。"),
    "fill.no_criteria": (
        "The protocol has no criteria: all {n} rows of the file were taken. Who came into the "
        "file: for the authors.",
        "方案未设标准：文件中{n}行全部采用。何人进入该文件由作者说明。",
    ),
    "fill.preparation": (
        "One protocol read, coded and checked every value: variables derived {derived}, with "
        "plausible limits {limits}, rules of consistency {rules}; what was found stands among the "
        "findings. Whether data quality differed between groups of people: for the authors.",
        "全部数值由同一方案读取、编码并检查：衍生变量{derived}个，设合理范围{limits}个，一致性规则{rules}条；"
        "所见列于审稿问题中。不同人群的数据质量是否有别由作者说明。",
    ),
    "fill.outcome": (
        "{outcome}: {rule}; time point: {time_point}. {more} Why this outcome, and how it was "
        "assessed: for the authors.",
        "{outcome}：{rule}；时间点：{time_point}。{more}选择该结局的理由及评估方式由作者说明。",
    ),
    "fill.horizons": ("Risks by {times} {unit}.", "预测时间：{times}{unit}。"),
    "fill.competing": ("Competing event: {rule}.", "竞争事件：{rule}。"),
    "fill.candidates": (
        "Candidates {n}, with {parameters} parameters: {names}. {chosen} Why these candidates: "
        "for the authors.",
        "候选因子{n}个，共{parameters}个参数：{names}。{chosen}为何选取这些候选由作者说明。",
    ),
    "fill.and_more": (" and {n} more", "等另{n}项"),
    "fill.chosen_penalised": (
        "The penalty kept {kept} of them.",
        "惩罚后保留{kept}个。",
    ),
    "fill.definitions": (
        "Label, unit or levels, and timing of each of the {n} candidates stand in the protocol; "
        "definitions in words: {defined}. How they were measured, and whether without knowledge "
        "of the outcome: for the authors.",
        "{n}个候选因子的名称、单位或水平及时点见方案；其中{defined}个另有文字定义。"
        "测量方法及是否不知结局由作者说明。",
    ),
    "fill.readers": (
        "Agreement of two readers was measured of {variables}. Who they are: for the authors.",
        "已评估两位阅片者对{variables}的一致性。阅片者资历由作者说明。",
    ),
}
