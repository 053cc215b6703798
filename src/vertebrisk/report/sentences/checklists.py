"""Sentences that fill the checklists: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # what the run says to an item
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
        "It was tried on later patients, too.",
        "并在较晚的患者中检验。",
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
    "fill.of_events": ("events", "个事件"),
    "fill.of_non_events": ("patients without the event", "例未发生事件者"),
    "fill.size": (
        "Analysed {n}, with the event {events}; {parameters} candidate parameters, {each} {of} for "
        "each.",
        "分析{n}，发生事件{events}；候选参数{parameters}个，每个{each}{of}。",
    ),
    "fill.size_met": (
        "The criteria of Riley ask for {needed}, which is met.",
        "Riley标准要求{needed}例，已满足。",
    ),
    "fill.size_unmet": (
        "The criteria of Riley ask for {needed}, which is not met ({unmet}).",
        "Riley标准要求{needed}例，未满足（{unmet}）。",
    ),
    "fill.size_sampled": (
        "The criteria of Riley do not hold for sampled controls.",
        "Riley标准不适用于抽样的对照。",
    ),
    "fill.size_none": (
        "The criteria of Riley could not be computed.",
        "无法计算Riley标准。",
    ),
    "fill.size_authors": (
        "How the size was arrived at: for the authors.",
        "样本量如何确定由作者说明。",
    ),
    "fill.missing_outcome": (
        "Left for want of the outcome: {n}.",
        "因结局缺失退出：{n}。",
    ),
    "fill.missing_none": (
        "No candidate was missing among the {n} analysed.",
        "分析的{n}例中候选因子均无缺失。",
    ),
    "fill.missing_complete": (
        "Complete cases: {k} of {n} left for want of a candidate, {analysed} were analysed; "
        "nothing was imputed.",
        "完整病例分析：{n}例中{k}例因候选因子缺失退出，分析{analysed}例；未作插补。",
    ),
    "fill.missing_imputed": (
        "{k} of {n} lacked a candidate, {events} of them with the event; multiple imputation by "
        "chained equations, {tables} tables of {rounds} rounds, pooled by Rubin's rules.",
        "{n}例中{k}例缺候选因子，其中{events}例发生事件；以链式方程多重插补，共{tables}份、每份{rounds}轮，按Rubin规则合并。",
    ),
    "fill.all_used": (
        "All {n} analysed made the model; none were held back.",
        "分析的{n}例全部用于建模，无预留。",
    ),
    "fill.validated_drawn": (
        "Performance was estimated by {scheme} with {resamples} resamples, {repeated}.",
        "以{scheme}（{resamples}次）估计性能，{repeated}。",
    ),
    "fill.validated_left_out": (
        "Performance was estimated by {scheme} with {resamples} models, {repeated}.",
        "以{scheme}（{resamples}个模型）估计性能，{repeated}。",
    ),
    "scheme.optimism-bootstrap": (
        "Harrell's optimism bootstrap",
        "Harrell乐观度自助法",
    ),
    "fill.whole": ("the whole procedure repeated in each", "每次重复完整建模流程"),
    "fill.whole_imputed": (
        "the whole procedure repeated in each, imputation included",
        "每次重复完整建模流程（包括插补）",
    ),
    "fill.refitted_imputed": (
        "imputation and fit repeated in each; nothing else was left to the data",
        "每次重复插补与拟合；除此之外无由数据决定的步骤",
    ),
    "fill.refitted": (
        "the model fitted anew in each; nothing else was left to the data",
        "每次重新拟合模型；除此之外无由数据决定的步骤",
    ),
    "fill.used_centres": (
        "Each of {n} centres was left out in turn.",
        "依次留出{n}个中心。",
    ),
    "fill.used_split": (
        "Apart from that, {earlier} earlier patients made a model that was tried on {later} later "
        "ones.",
        "另以较早的{earlier}例建模，在较晚的{later}例中检验。",
    ),
    "fill.straight": ("As they are, in a straight line: {names}.", "按原值线性进入：{names}。"),
    "fill.shaped": ("In another shape: {shapes}.", "以其他形式进入：{shapes}。"),
    "fill.shape_rcs": (
        "{label} as a restricted cubic spline with {knots} knots",
        "{label}（限制性立方样条，{knots}个结点）",
    ),
    "fill.shape_powers": (
        "{label} as a fractional polynomial (powers {powers})",
        "{label}（分数多项式，幂为{powers}）",
    ),
    "fill.shape_fp": (
        "{label} as a fractional polynomial",
        "{label}（分数多项式）",
    ),
    "fill.shape_transformed": ("{label} as {name}", "{label}（{name}）"),
    "fill.leveled": (
        "By level, against the first as reference: {names}.",
        "按水平进入，以第一水平为参照：{names}。",
    ),
    "fill.crossed": ("Interactions: {names}.", "交互作用：{names}。"),
    "fill.cut": (
        "A number was cut into groups; see the finding.",
        "有连续变量被分组，见所列问题。",
    ),
    "fill.model": ("{kind}, {estimator}.", "{kind}，{estimator}。"),
    "fill.why_model": (
        "Why a model of this kind: for the authors.",
        "选用此类模型的理由由作者说明。",
    ),
    "fill.kind_logistic": ("Logistic regression", "logistic回归"),
    "fill.kind_cox": ("Cox regression", "Cox回归"),
    "fill.kind_fine-gray": (
        "Regression of the subdistribution hazard (Fine and Gray)",
        "次分布风险回归（Fine-Gray）",
    ),
    "fill.kind_conditional": ("Conditional logistic regression", "条件logistic回归"),
    "fill.estimator_ml": ("maximum likelihood", "极大似然"),
    "fill.estimator_ml@survival": ("maximum partial likelihood", "极大偏似然"),
    "fill.estimator_ml@fine-gray": ("maximum weighted partial likelihood", "极大加权偏似然"),
    "fill.estimator_ml@conditional": ("maximum conditional likelihood", "极大条件似然"),
    "fill.estimator_firth": ("Firth's penalised likelihood", "Firth惩罚似然"),
    "fill.estimator_firth@survival": (
        "Firth's penalised partial likelihood",
        "Firth惩罚偏似然",
    ),
    "fill.estimator_ridge": ("ridge penalty", "岭惩罚"),
    "fill.estimator_lasso": ("lasso penalty", "lasso惩罚"),
    "fill.estimator_elastic_net": ("elastic net penalty", "弹性网惩罚"),
    "fill.tuned": (
        "The penalty was found from the data, in each model of the validation anew.",
        "惩罚参数由数据确定，并在验证的每个模型中重新确定。",
    ),
    "fill.tuned_given": ("The penalty was given by the protocol.", "惩罚参数由方案给定。"),
    "fill.shrunken": (
        "All coefficients were shrunken by the factor {factor}.",
        "全部系数按{factor}收缩。",
    ),
    "fill.centres_apart": (
        "{n} centres: each scored by a model of the others, estimates pooled with random effects.",
        "{n}个中心：各由其余中心的模型评分，以随机效应合并。",
    ),
    "fill.vertebrae": (
        "{n} vertebrae of {patients} patients: errors allow for patients, and resamples draw "
        "whole patients.",
        "{patients}例患者的{n}个椎体：误差考虑患者聚类，抽样以患者为单位。",
    ),
    "fill.strata": (
        "{names}: a baseline hazard for each level.",
        "{names}：各水平有各自的基线风险。",
    ),
    "fill.sets": (
        "{n} matched sets, compared inside each.",
        "{n}个匹配组，均在组内比较。",
    ),
    "fill.no_clusters": (
        "The protocol names no centre, and every row is a patient.",
        "方案未注明中心，且每行即一例患者。",
    ),
    "fill.measures": (
        "Discrimination: C-index. Calibration: intercept, slope, curve, ICI, E50, E90, Emax. "
        "Overall: Brier score. Usefulness: net benefit over thresholds. Each apparent, and "
        "corrected where the method corrects it. Why these: for the authors.",
        "区分度：C指数。校准度：截距、斜率、曲线、ICI、E50、E90、Emax。总体：Brier评分。实用性：各阈值净获益。"
        "均给出表观值，方法可校正者另给校正值。选用理由由作者说明。",
    ),
    "fill.measures_timed": (
        "Discrimination: C-index, and AUC at the horizons. Calibration: slope, curve at the "
        "horizons, ICI, E50, E90, Emax. Overall: Brier score. Usefulness: net benefit. Censoring "
        "is weighed for. Why these: for the authors.",
        "区分度：C指数及各时间点AUC。校准度：斜率、各时间点曲线、ICI、E50、E90、Emax。总体：Brier评分。"
        "实用性：净获益。均对删失加权。选用理由由作者说明。",
    ),
    "fill.measures_entered": (
        "Discrimination: C-index; slope. With late entry nothing is measured at horizons; more: "
        "for the authors.",
        "区分度：C指数；斜率。存在延迟进入时不在时间点处评估；其余由作者说明。",
    ),
    "fill.measures_matched": (
        "Discrimination: C-index inside the sets; slope. There is no risk, so no calibration "
        "curve and no net benefit. Why these: for the authors.",
        "区分度：组内C指数；斜率。因无风险估计，故无校准曲线与净获益。选用理由由作者说明。",
    ),
    "fill.no_updating": (
        "A development: no earlier model was updated.",
        "本研究为模型开发，未更新已有模型。",
    ),
    "fill.no_evaluation": (
        "A development: no earlier model was evaluated.",
        "本研究为模型开发，未评价已有模型。",
    ),
    "fill.predictions": (
        "By the equation of the model that those left out had no part in.",
        "由被留出者未参与的模型方程计算。",
    ),
    "fill.no_balance": (
        "No method against class imbalance was used: nobody was drawn twice, left out or weighed "
        "to even out the outcome groups.",
        "未使用处理类别不平衡的方法：未为平衡结局组而重复抽取、剔除或加权。",
    ),
    "fill.no_balance_sampled": (
        "No method against class imbalance was used; that controls were sampled belongs to the "
        "design.",
        "未使用处理类别不平衡的方法；对照抽样属研究设计。",
    ),
    "fill.output": (
        "The probability of {outcome} ({time_point}), and points on a nomogram. {thresholds}",
        "“{outcome}”（{time_point}）的概率及列线图得分。{thresholds}",
    ),
    "fill.thresholds": (
        "Thresholds fixed by the protocol: {cuts}. Why these: for the authors.",
        "方案预先规定的阈值：{cuts}。理由由作者说明。",
    ),
    "fill.no_thresholds": (
        "No threshold of decision was fixed.",
        "未规定决策阈值。",
    ),
    "fill.output_matched": (
        "Odds ratios inside the matched sets; no risk and no class.",
        "匹配组内的比值比；无风险，亦无分类。",
    ),
    "fill.same_patients": (
        "Development and internal validation used the same patients.",
        "开发与内部验证使用同一批患者。",
    ),
    "fill.differ_centres": (
        "{n} centres by one protocol: criteria, outcome and predictors are the same; their "
        "settings: for the authors.",
        "{n}个中心采用同一方案：标准、结局与预测因子相同；场所差异由作者说明。",
    ),
    "fill.differ_split": (
        "Earlier {earlier} with {earlier_events} events, later {later} with {later_events}; the "
        "linear predictor's SD is {earlier_spread} and {later_spread}. Criteria, outcome and "
        "predictors are the same; what else had changed: for the authors.",
        "较早{earlier}例（事件{earlier_events}），较晚{later}例（事件{later_events}）；"
        "线性预测值的标准差为{earlier_spread}与{later_spread}。标准、结局与预测因子相同；"
        "其他变化由作者说明。",
    ),
    "fill.protocol": (
        "The run followed the file {name}, whose SHA-256 the manifest holds. Where it can be "
        "read: for the authors.",
        "按文件{name}执行，其SHA-256见清单文件。何处可查阅由作者说明。",
    ),
    "fill.sharing": (
        "Data file {file}, known by its SHA-256. Whether and where it can be had: for the authors.",
        "数据文件{file}，以SHA-256标识。能否及何处获取由作者说明。",
    ),
    "fill.code": (
        "vertebrisk {version} with the protocol repeats every number, reproduce.R the main ones "
        "in R. Where they can be had: for the authors.",
        "vertebrisk {version}依方案可重复全部数字，reproduce.R可在R中重复主要数字。"
        "何处获取由作者说明。",
    ),
    "fill.code_pieces": (
        "vertebrisk {version} with the protocol repeats every number. Where they can be had: for "
        "the authors.",
        "vertebrisk {version}依方案可重复全部数字。何处获取由作者说明。",
    ),
    "fill.flow": (
        "Read {n_read}, analysed {n}: {events} with and {without} without the event. {followed}",
        "读入{n_read}，分析{n}：发生事件{events}，未发生{without}。{followed}",
    ),
    "fill.median_follow_up": (
        "Median follow-up {median} {unit}.",
        "中位随访{median}{unit}。",
    ),
    "fill.ended": ("Censored {censored}.", "删失{censored}。"),
    "fill.ended_competing": (
        "Censored {censored}, with a competing event {competing}.",
        "删失{censored}，竞争事件{competing}。",
    ),
    "fill.followed_scores": (
        "{labels}: visits and numbers at each. How long patients were followed: for the authors.",
        "{labels}：各随访时点及例数。随访时长由作者说明。",
    ),
    "fill.fixed_time": (
        "The outcome is judged at one time ({time_point}); how long patients were followed: for "
        "the authors.",
        "结局于单一时间点（{time_point}）判定；随访时长由作者说明。",
    ),
    "fill.characteristics": (
        "Variables {n}, by outcome group ({first} and {second}), with missing values counted. "
        "Treatments, dates and differences between groups of people: for the authors.",
        "按结局分组（{first}与{second}）列出{n}个变量并计缺失。治疗、日期及不同人群的差异由作者补充。",
    ),
    "fill.none_lacking": (
        "No compared variable lacks a value.",
        "所比较的变量均无缺失。",
    ),
    "fill.lacking": ("Values missing: {variables}.", "缺失数：{variables}。"),
    "fill.analysed": (
        "Model and univariable analyses: {n} with {events} events.",
        "模型与单因素分析：{n}例，事件{events}。",
    ),
    "fill.analysed_complete": (
        "Complete cases beside: {n} with {events}.",
        "并列的完整病例分析：{n}例，事件{events}。",
    ),
    "fill.analysed_split": (
        "Split by time: {early} with {early_events} made the model, {late} with {late_events} "
        "tried it.",
        "按时间拆分：{early}例（事件{early_events}）建模，{late}例（事件{late_events}）检验。",
    ),
    "fill.analysed_validation": (
        "Validation: {resamples} models.",
        "验证：{resamples}个模型。",
    ),
    "fill.analysed_failed": (
        "{n} further ones could not be used.",
        "另有{n}个无法使用。",
    ),
    "fill.specified": (
        "The equation in full; model.json has coefficients, knots, levels and "
        "ranges.{baseline}{calculator} Restrictions on its use: for the authors.",
        "给出完整方程；model.json含系数、结点、水平与取值范围。{baseline}{calculator}使用限制由作者说明。",
    ),
    "fill.baseline": (
        " So is the baseline hazard there.",
        "基线风险亦在其中。",
    ),
    "fill.calculator": (
        " calculator.html computes it for one patient.",
        "calculator.html可计算单个患者。",
    ),
    "fill.specified_sets": (
        "Log odds ratios in full, and in model.json; matched sets have no intercept, so no risk "
        "can be computed. Restrictions on its use: for the authors.",
        "给出全部对数比值比，并存于model.json；匹配设计无截距，故不能计算风险。使用限制由作者说明。",
    ),
    "fill.mean_only": (
        "No predictor is in the model; it gives everyone the mean risk.",
        "模型无预测因子，对所有人给出平均风险。",
    ),
    "fill.final": ("In the final model: {names}.", "最终模型包含：{names}。"),
    "fill.c_apparent": ("C-index, apparent: {value}.", "C指数（表观）：{value}。"),
    "fill.c_corrected": ("Corrected: {value}.", "校正：{value}。"),
    "fill.slope": (
        "Calibration slope, corrected: {value}.",
        "校准斜率（校正）：{value}。",
    ),
    "fill.no_subgroups": (
        "No subgroup of patients was examined; whether one ought to be: for the authors.",
        "未分析患者亚组；是否需要由作者决定。",
    ),
    "fill.no_centres": (
        "Differences between centres were not examined.",
        "未分析中心间差异。",
    ),
    "fill.by_centre": (
        "Of each of {n} centres, pooled, with the prediction interval of a further one.",
        "给出{n}个中心各自及合并的结果，并给出新中心的预测区间。",
    ),
    "fill.raised": (
        "Errors {errors}, warnings {warnings}: {titles}. What they mean for the results: for the "
        "authors.",
        "错误{errors}项，警告{warnings}项：{titles}。其对结果的影响由作者讨论。",
    ),
    "fill.nothing_raised": (
        "The run raises no error and no warning; limits of the study itself: for the authors.",
        "本次运行未提出错误或警告；研究本身的局限由作者讨论。",
    ),
    "fill.inputs_ask": (
        "The model asks for every input and marks values beyond those it was made from. How their "
        "quality is to be judged: for the authors.",
        "模型要求全部输入，并标出超出建模范围的值。输入质量如何评估由作者说明。",
    ),
    "fill.inputs_average": (
        "The model averages over a missing input and marks values beyond those it was made from. "
        "How their quality is to be judged: for the authors.",
        "模型对缺失输入取平均，并标出超出建模范围的值。输入质量如何评估由作者说明。",
    ),
    "fill.inputs": (
        "Inputs entered in the calculator, {n}: {names}. Which expertise that takes: for the "
        "authors.",
        "在计算器中输入{n}项：{names}。所需专长由作者说明。",
    ),
    "fill.next": (
        "Validation in other patients, before the model is used elsewhere; more: for the authors.",
        "在其他机构使用前须于其他患者中验证；其余由作者说明。",
    ),
}
