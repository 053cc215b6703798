"""Sentences about what changed between two runs: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "difference": ("Two runs compared", "两次运行的比较"),
    "difference.title": ("What changed: {before} and {after}", "前后变化：{before}与{after}"),
    "difference.title_one": ("What changed: {study}", "前后变化：{study}"),
    "difference.before": ("Before", "之前"),
    "difference.after": ("After", "之后"),
    "difference.change": ("Change", "变化"),
    # sections
    "difference.asked": ("What was asked", "研究设定"),
    "difference.patients": ("Patients", "研究对象"),
    "difference.model": ("Model", "模型"),
    "difference.candidates": ("Univariable analysis", "单因素分析"),
    "difference.performance": ("Performance", "模型性能"),
    "difference.decision": ("Net benefit", "净获益"),
    "difference.findings": ("What a reviewer would raise", "审稿人可能提出的问题"),
    "difference.checklists": ("Checklists", "报告清单"),
    "difference.everything": ("Every number", "全部数值"),
    # verdict
    "difference.same": (
        "The two results are the same: all {n} numbers agree, and every text.",
        "两次结果相同：全部{n}个数值及所有文字均一致。",
    ),
    "difference.rounded": (
        "Of these, {n} differ by rounding alone (less than one part in a thousand million).",
        "其中{n}个仅有舍入误差（相对差小于十亿分之一）。",
    ),
    "difference.differ": (
        "{changed} of {n} numbers differ; {gone} values are in the first run alone and {added} in "
        "the second alone.",
        "{n}个数值中有{changed}个不同；{gone}个值仅见于第一次运行，{added}个值仅见于第二次运行。",
    ),
    "difference.tally": (
        "{changed} of {n} numbers changed, {gone} values before alone, {added} after alone, "
        "{texts} texts changed.",
        "{n}个数值中{changed}个改变，仅之前{gone}个值，仅之后{added}个值，文字改变{texts}处。",
    ),
    "difference.other_study": (
        "The two runs are not of one study with one outcome and one kind of model. Their numbers "
        "stand beside each other; a difference between them is no change.",
        "两次运行并非同一研究、同一结局、同一类模型。数值仅并列展示，其差别不代表变化。",
    ),
    "difference.seed_alone": (
        "Of the settings that results.json records, the seed alone differs: if the rest of the "
        "protocol is the same, what differs is what random draws leave to chance.",
        "results.json所记录的设定中仅随机种子不同：若方案其余部分相同，所见差别即来自随机抽样。",
    ),
    "difference.version_alone": (
        "Of the settings that results.json records, the version of the program alone differs.",
        "results.json所记录的设定中仅程序版本不同。",
    ),
    "difference.data_alone": (
        "Of the settings that results.json records, the data file alone differs.",
        "results.json所记录的设定中仅数据文件不同。",
    ),
    "difference.asked_same": (
        "Data file, seed, version and every other setting that results.json records are the same; "
        "it does not hold the whole protocol.",
        "数据文件、随机种子、程序版本及results.json所记录的其他设定均相同；该文件不含完整方案。",
    ),
    "difference.looks": (
        "The page alone differs in: {names}.",
        "仅影响页面呈现的差别：{names}。",
    ),
    # patients
    "difference.flow_same": (
        "The same patients by number: {n} analysed, {events} with the event.",
        "例数相同：纳入分析{n}例，其中{events}例发生事件。",
    ),
    "difference.flow": (
        "{n_before} analysed with {events_before} events before; {n_after} with {events_after} "
        "after.",
        "之前纳入分析{n_before}例、事件{events_before}例；之后{n_after}例、事件{events_after}例。",
    ),
    # model
    "difference.entered": ("New in the model: {labels}.", "新进入模型：{labels}。"),
    "difference.left": ("No longer in the model: {labels}.", "不再进入模型：{labels}。"),
    "difference.same_predictors": (
        "The model has the same predictors.",
        "模型的预测因子相同。",
    ),
    "difference.moved": (
        "The coefficient that moved most is that of {label}: from {before} to {after}.",
        "变化最大的系数为{label}：由{before}变为{after}。",
    ),
    "difference.not_moved": (
        "No coefficient moved.",
        "系数均无变化。",
    ),
    # candidates
    "difference.now_selected": (
        "Carried forward now, not before: {labels}.",
        "此次进入多因素分析而之前未进入：{labels}。",
    ),
    "difference.not_selected": (
        "Carried forward before, not now: {labels}.",
        "之前进入多因素分析而此次未进入：{labels}。",
    ),
    "difference.candidates_new": ("New candidates: {labels}.", "新增候选因子：{labels}。"),
    "difference.candidates_gone": (
        "No longer candidates: {labels}.",
        "不再作为候选因子：{labels}。",
    ),
    # performance
    "difference.risen": (
        "{measure}, corrected: {before} before, {after} after, a change of {change}.",
        "{measure}（校正）：之前{before}，之后{after}，变化{change}。",
    ),
    "difference.by_chance": (
        "Other resamples alone could make a change of that size (Monte Carlo error of the change "
        "{error}).",
        "仅更换重抽样样本即可能产生该幅度的变化（变化的蒙特卡洛误差为{error}）。",
    ),
    "difference.beyond_chance": (
        "Other resamples alone would seldom make so large a change (Monte Carlo error of the "
        "change {error}).",
        "仅更换重抽样样本很少产生如此大的变化（变化的蒙特卡洛误差为{error}）。",
    ),
    # findings
    "difference.findings_same": (
        "The findings are the same.",
        "提出的问题相同。",
    ),
    "difference.findings_count": (
        "{new} new, {gone} gone, {changed} read otherwise.",
        "新增{new}项，消失{gone}项，内容改变{changed}项。",
    ),
    "difference.new": ("new", "新增"),
    "difference.gone": ("gone", "消失"),
    "difference.changed": ("changed", "改变"),
    # tables
    "difference.caption.facts": ("What was asked, where it differs", "研究设定的差别"),
    "difference.caption.flow": ("Flow of patients", "研究对象流程"),
    "difference.caption.coefficients": ("Coefficients of the model", "模型系数"),
    "difference.caption.candidates": (
        "Candidates whose univariable result differs",
        "单因素结果有差别的候选因子",
    ),
    "difference.caption.performance": ("Performance", "模型性能"),
    "difference.caption.decision": ("Net benefit of the model", "模型的净获益"),
    "difference.caption.findings": ("Findings that differ", "有差别的问题"),
    "difference.caption.checklists": (
        "Lines of checklists that are judged otherwise",
        "判断有变化的清单条目",
    ),
    "difference.caption.parts": ("Parts of results.json that differ", "results.json中有差别的部分"),
    "difference.fact": ("Fact", "项目"),
    "difference.step": ("Left because", "退出原因"),
    "difference.removed": ("Left", "退出例数"),
    "difference.part": ("Part", "部分"),
    "difference.numbers": ("Numbers", "数值"),
    "difference.numbers_changed": ("Changed", "改变"),
    "difference.only_before": ("Before alone", "仅之前"),
    "difference.only_after": ("After alone", "仅之后"),
    "difference.texts": ("Texts changed", "文字改变"),
    "difference.largest": ("Largest change", "最大变化"),
    "difference.where": ("Where", "位置"),
    "difference.finding": ("Finding", "问题"),
    "difference.state": ("State", "状态"),
    "difference.weight": ("Weight", "程度"),
    "difference.message": ("What it says", "内容"),
    "difference.coefficient": ("Change of B", "B的变化"),
    "difference.ratio": ("Ratio (95 % CI)", "比值（95% CI）"),
    "difference.note.ratio": (
        "Ratio: odds ratio of a logistic model, hazard ratio of a Cox model; a coefficient without "
        "a ratio is shown as it is. B: log of the ratio.",
        "比值：logistic模型为比值比，Cox模型为风险比；无比值者列出系数本身。B：比值的对数。",
    ),
    "difference.note.mc": (
        "MC error: Monte Carlo error of the change, had only the resamples been drawn anew.",
        "MC误差：仅重新抽样时变化的蒙特卡洛误差。",
    ),
    "difference.note.largest": (
        "Largest change: difference as a share of the greater of the two numbers.",
        "最大变化：差值占两数中较大者的比例。",
    ),
    # facts
    "difference.fact.id": ("Study", "研究编号"),
    "difference.fact.title": ("Title", "标题"),
    "difference.fact.design": ("Design", "研究设计"),
    "difference.fact.unit": ("Unit of analysis", "分析单位"),
    "difference.fact.outcome": ("Outcome", "结局"),
    "difference.fact.outcome_label": ("Label of the outcome", "结局名称"),
    "difference.fact.event_rule": ("Event", "事件定义"),
    "difference.fact.time_point": ("Time point", "时间点"),
    "difference.fact.use_at": ("Model used", "模型使用时点"),
    "difference.fact.data_kind": ("Kind of data", "数据类型"),
    "difference.fact.data_note": ("Note on the data", "数据说明"),
    "difference.fact.data_name": ("Data file", "数据文件"),
    "difference.fact.data_sha256": ("SHA-256 of the data", "数据的SHA-256"),
    "difference.fact.seed": ("Random seed", "随机种子"),
    "difference.fact.resamples": ("Resamples", "抽样次数"),
    "difference.fact.folds": ("Folds", "折数"),
    "difference.fact.repeats": ("Repeats", "重复次数"),
    "difference.fact.model": ("Model", "模型"),
    "difference.fact.thresholds": ("Thresholds", "阈值"),
    "difference.fact.selection": ("Selection", "变量选择"),
    "difference.fact.selection_rule": ("Rule of selection", "选择规则"),
    "difference.fact.estimator": ("Estimator", "估计方法"),
    "difference.fact.version": ("Program", "程序版本"),
    "difference.fact.language": ("Language", "语言"),
    "difference.fact.journal": ("Journal style", "期刊格式"),
    "difference.fact.at_bedside": ("Missing input at the bedside", "床旁缺失输入的处理"),
    "difference.fact.engine": ("Where the sums were made", "计算方式"),
}
