"""Reasons of the answers to the questions of PROBAST and PROBAST+AI."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "probast.open": (
        "The run does not know this; for the authors.",
        "本次运行无从得知，由作者说明。",
    ),
    "probast.source_reconstructed": (
        "The rows were reconstructed from what a paper prints: no risk of this report is that of "
        "patients.",
        "各行由论文印出的数字重建：本报告的风险均非真实患者的风险。",
    ),
    "probast.source_simulated": (
        "The rows were simulated: no risk of this report is that of patients.",
        "各行为模拟生成：本报告的风险均非真实患者的风险。",
    ),
    "probast.cohort": (
        "A cohort: all {n} who met the criteria and could be analysed. How their data were "
        "collected is for the authors.",
        "队列：符合标准且可分析的{n}例。数据如何采集由作者说明。",
    ),
    "probast.corrected": (
        "Controls were sampled, and the model was corrected to the share of patients with the "
        "event in their population.",
        "对照为抽样所得，模型已按源人群中的事件比例校正。",
    ),
    "probast.matched": (
        "Controls were matched to cases, so no right risk can be had from them.",
        "对照与病例匹配，故无法得到正确的风险。",
    ),
    "probast.matching_ignored": (
        "Controls were matched to cases, and the analysis takes them for independent.",
        "对照与病例匹配，而分析将其视为独立。",
    ),
    "probast.empty": ("No predictor is in the model.", "模型无预测因子。"),
    "probast.uncorrected": (
        "Controls were sampled, without a correction: every risk is that of the sample.",
        "对照为抽样所得且未校正：风险均为样本中的风险。",
    ),
    "probast.no_criteria": (
        "The protocol has no criteria; who came into the file is for the authors.",
        "方案未设标准；何人进入该文件由作者说明。",
    ),
    "probast.late_criteria": (
        "Patients were chosen by what is known only after the model is used: {names}.",
        "按模型使用之后才可知的因素选择患者：{names}。",
    ),
    "probast.untimed_criteria": (
        "{n} criteria; of some the protocol does not say when they can be judged.",
        "共{n}条标准；其中有的未注明何时可判定。",
    ),
    "probast.criteria_after": (
        "{n} criteria; some are judged after the operation, as is the model's use, and the "
        "protocol does not say which comes first.",
        "共{n}条标准；其中有的与模型使用同在术后，方案未说明先后。",
    ),
    "probast.criteria": (
        "Criteria, {n}, can all be judged by the time the model is used.",
        "共{n}条标准，在使用模型时均可判定。",
    ),
    "probast.alike": (
        "Agreement of two readers was measured of some; whether all were assessed in one way is "
        "for the authors.",
        "部分变量评估了两位阅片者的一致性；是否全部以统一方式评估由作者说明。",
    ),
    "probast.available": (
        "To be used {use_at}; by the protocol no predictor is known only later, and one that were "
        "would be refused.",
        "于{use_at}使用；按方案，预测因子均不晚于此时可知，否则会被拒绝。",
    ),
    "probast.determined": (
        "{rule}, at {time_point}; whether that is a sound method is for the authors.",
        "{rule}（{time_point}）；该判定方法是否可靠由作者说明。",
    ),
    "probast.prespecified": (
        "Rule and time point stand in the protocol that the run followed; that they were fixed "
        "before anyone saw the data is shown by a registration alone.",
        "规则与时间点写在所执行的方案中；是否在查看数据之前确定，只有注册可证明。",
    ),
    "probast.shared": (
        "The outcome is made from what {names} is made from, too.",
        "结局与{names}出自相同的变量。",
    ),
    "probast.apart": (
        "No predictor takes part in the outcome's definition.",
        "结局的定义不含任何预测因子。",
    ),
    "probast.no_time": (
        "Events are there from time zero, or all at one time, so there is no time to them.",
        "事件在时间零点即已存在或同时发生，并无发生时间可言。",
    ),
    "probast.after": (
        "Known only after the operation: {names}; whether before the outcome ({time_point}) the "
        "protocol does not say.",
        "{names}术后方可知；是否早于结局（{time_point}），方案未说明。",
    ),
    "probast.during": (
        "Known only during the operation: {names}; whether the event ({time_point}) can come "
        "before that the protocol does not say.",
        "{names}术中可知；事件（{time_point}）是否可能更早，方案未说明。",
    ),
    "probast.before": (
        "Predictors are known before the outcome, whose time point is {time_point}.",
        "预测因子先于结局（{time_point}）可知。",
    ),
    "probast.no_candidate": ("No candidate was left.", "无候选因子。"),
    "probast.few": (
        "{events} {of} for {parameters} candidate parameters: {each} each, fewer than {limit}.",
        "{parameters}个候选参数对应{events}{of}，每个{each}，少于{limit}。",
    ),
    "probast.enough": (
        "{events} {of} for {parameters} candidate parameters: {each} each.",
        "{parameters}个候选参数对应{events}{of}，每个{each}。",
    ),
    "probast.enough_criteria": (
        "{events} {of} for {parameters} candidate parameters: {each} each; the criteria of Riley "
        "ask for {needed}, which is met.",
        "{parameters}个候选参数对应{events}{of}，每个{each}；Riley标准要求{needed}例，已满足。",
    ),
    "probast.criteria_unmet": (
        "{events} {of} for {parameters} candidate parameters: {each} each; the criteria of Riley "
        "ask for {needed}, which is not met.",
        "{parameters}个候选参数对应{events}{of}，每个{each}；Riley标准要求{needed}例，未满足。",
    ),
    "probast.cut": (
        "A number was cut into groups; see the finding.",
        "有连续变量被分组，见所列问题。",
    ),
    "probast.no_numbers": (
        "All predictors are categories, and none is known to be a number that was cut.",
        "预测因子均为分类变量，未见由连续变量分组而来者。",
    ),
    "probast.straight": (
        "{names}: in a straight line, without a look at another shape.",
        "{names}：以线性进入，未考察其他形式。",
    ),
    "probast.curved": (
        "{names}: in a shape that need not be straight.",
        "{names}：以可为非线性的形式进入。",
    ),
    "probast.lost": (
        "{lost} of {n} who met the criteria are not in the analysis.",
        "符合标准的{n}例中{lost}例未纳入分析。",
    ),
    "probast.all_analysed": (
        "All {n} who met the criteria are in the analysis.",
        "符合标准的{n}例均纳入分析。",
    ),
    "probast.imputed": (
        "{k} of {n} lacked a candidate; multiple imputation, {tables} tables.",
        "{n}例中{k}例缺候选因子；多重插补{tables}份。",
    ),
    "probast.complete_cases": (
        "{k} of {n} with a missing candidate were left out.",
        "{n}例中{k}例因候选因子缺失被剔除。",
    ),
    "probast.none_missing": (
        "No candidate was missing among {n}.",
        "{n}例的候选因子均无缺失。",
    ),
    "probast.one_at_a_time": (
        "Candidates were chosen by tests of one at a time.",
        "候选因子经逐个检验选出。",
    ),
    "probast.by_penalty": (
        "All candidates entered together, under a penalty.",
        "全部候选因子在惩罚下同时进入。",
    ),
    "probast.fixed_beforehand": (
        "All candidates were fixed by the protocol and stayed in the model.",
        "候选因子由方案预先确定并全部留在模型中。",
    ),
    "probast.jointly": (
        "Predictors were chosen in models of several candidates, not one at a time.",
        "预测因子在多个候选共同的模型中选出，而非逐个筛选。",
    ),
    "probast.competing_ignored": (
        "Patients with a competing event are taken for censored.",
        "发生竞争事件者被视为删失。",
    ),
    "probast.rows_ignored": (
        "Several rows of one patient are taken for patients.",
        "同一患者的多行被当作不同患者。",
    ),
    "probast.sets": (
        "Matched sets are compared inside each; there is no risk.",
        "匹配组在组内比较；不给出风险。",
    ),
    "probast.outcome_lost": (
        "{n} without a known outcome were left out instead of being allowed for.",
        "结局不明的{n}例被剔除而未加以处理。",
    ),
    "probast.competing": (
        "Follow-up that ends early and competing events are allowed for.",
        "已考虑提前结束的随访及竞争事件。",
    ),
    "probast.censoring": (
        "Follow-up that ends early is allowed for; the protocol names no event that competes with "
        "the outcome, and whether there is one is for the authors.",
        "已考虑提前结束的随访；方案未注明竞争事件，是否存在由作者说明。",
    ),
    "probast.clusters": (
        "Several vertebrae of one patient are allowed for; the outcome of all is known.",
        "已考虑同一患者的多个椎体；全部结局已知。",
    ),
    "probast.all_known": (
        "The outcome of all who met the criteria is known.",
        "符合标准者的结局全部已知。",
    ),
    "probast.no_calibration": (
        "Discrimination is shown; a calibration curve cannot be had from these data.",
        "给出区分度；此类数据无法得到校准曲线。",
    ),
    "probast.both_shown": (
        "C-index with its interval, and calibration with slope and curve.",
        "给出C指数及区间，以及校准斜率与曲线。",
    ),
    "probast.both_shown_bare": (
        "C-index without an interval, and calibration with slope and curve.",
        "给出C指数（无区间），以及校准斜率与曲线。",
    ),
    "probast.not_corrected": (
        "No corrected C-index came of {scheme} with {resamples} models.",
        "{scheme}（{resamples}个模型）未能给出校正的C指数。",
    ),
    "probast.repeated": (
        "Performance is corrected by {scheme} with {resamples} models, {repeated}.",
        "性能经{scheme}（{resamples}个模型）校正，{repeated}。",
    ),
    "probast.weights": (
        "Equation and model.json hold the coefficients of the multivariable table, shrunken where "
        "it says so.",
        "方程与model.json中的系数即多因素表所列（注明收缩者为收缩后）。",
    ),
    "probast.file": (
        "The file {file}; where it comes from is for the authors.",
        "文件{file}；其来源由作者说明。",
    ),
    "probast.prepared": (
        "From the file on, one protocol read, coded and derived every value by the same rules; "
        "what was done before is for the authors.",
        "自文件起，全部数值按同一方案的相同规则读取、编码与衍生；此前的处理由作者说明。",
    ),
    "probast.held_back": (
        "The coefficients are held back by a penalty or a shrinkage factor.",
        "系数经惩罚或收缩。",
    ),
    "probast.not_chosen": (
        "Nothing was chosen by the data, and the size that the criteria ask for ({n}) is there.",
        "无由数据决定的选择，且样本量达到标准要求（{n}例）。",
    ),
    "probast.nothing_held_back": (
        "Coefficients were estimated by maximum likelihood, without a penalty or shrinkage.",
        "系数以极大似然估计，未用惩罚或收缩。",
    ),
    "probast.not_balanced": (
        "No method against class imbalance was used.",
        "未使用处理类别不平衡的方法。",
    ),
    "probast.beyond": (
        "Corrected performance stands beside the apparent one: {scheme}, {resamples} models.",
        "表观性能旁给出校正值：{scheme}，{resamples}个模型。",
    ),
    "probast.evaluated_many": (
        "{events} in the smaller outcome group; {limit} are wanted.",
        "较小结局组{events}例；期望{limit}例。",
    ),
    "probast.evaluated_few": (
        "{events} in the smaller outcome group; {limit} are wanted.",
        "较小结局组仅{events}例；期望{limit}例。",
    ),
    "probast.no_split": (
        "The data were not split into training and test.",
        "数据未拆分为训练集与测试集。",
    ),
    "probast.kept_apart": (
        "Whoever was left out had no part in the model that scored them, from selection on.",
        "被留出者自变量选择起均未参与为其评分的模型。",
    ),
    "probast.every_step": (
        "Validated by {scheme} with {resamples} models, {repeated}.",
        "以{scheme}（{resamples}个模型）验证，{repeated}。",
    ),
}
