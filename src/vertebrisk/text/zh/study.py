"""What a study says of its own course and of its figures, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    "{n} rare level": "{n}个少见的分类水平",
    "{n} number": "{n}个数值变量",
    "{n} missing or infinite value": "{n}个缺失或无穷大的值",
    "Candidate '{name}' has the same value in all patients analysed and was left out.": (
        "候选因子“{name}”在全部纳入分析的患者中取值相同，未予采用。"
    ),
    "Take it out of the candidates.": "请将其从候选因子中删除。",
    "Candidate '{name}' is an exact combination of the candidates before it and was left out.": (
        "候选因子“{name}”恰为其前各候选因子的组合，未予采用。"
    ),
    "Keep the one that is easier to measure, and take the other out of the candidates.": (
        "请保留较易测量者，将另一个从候选因子中删除。"
    ),
    "Two variables that say exactly the same cannot both have a coefficient.": (
        "信息完全相同的两个变量不能同时有系数。"
    ),
    "Candidate '{name}' has one value in each matched set and was left out.": (
        "候选因子“{name}”在每个匹配组内取值相同，未予采用。"
    ),
    # centres and periods
    "or take 'centre' out of [validation]": "或从[validation]中删除centre",
    "The centres could not be left out one by one: {error}": "无法逐一留出各中心：{error}",
    "Name other groups, {way_out}.": "请指定其他分组，{way_out}。",
    "or take 'split' out of [validation]": "或从[validation]中删除split",
    "The study could not be split by time: {error}": "无法按时间划分研究：{error}",
    "Choose another 'since', {way_out}.": "请另选since，{way_out}。",
    # time to event
    "The logistic model beside the model of time to event has no estimate: {error}": (
        "与生存模型并列的logistic模型无法估计：{error}"
    ),
    "Merge rare levels, or leave the term out.": "请合并少见的水平，或去除该项。",
    "The hazard ratio of {terms} changes over follow-up (P < {alpha:g}, scaled Schoenfeld "
    "residuals).": "{terms}的风险比随随访时间变化（P < {alpha:g}，标化Schoenfeld残差）。",
    "Stratify by it, or restrict the horizon; read its hazard ratio as an average.": (
        "请按其分层，或缩短预测时点；其风险比应理解为平均值。"
    ),
    "A Cox model holds each hazard ratio constant over time (Grambsch and Therneau 1994, "
    "doi:10.1093/biomet/81.3.515).": (
        "Cox模型假定各风险比不随时间变化（Grambsch和Therneau 1994，doi:10.1093/biomet/81.3.515）。"
    ),
    "The Cox model takes patients with the competing event for censored: its mean risk by "
    "{horizon:g} {unit} is about {mean:.1%}, and {observed:.1%} have the event by then.": (
        "Cox模型将发生竞争事件的患者视为删失：其至{horizon:g}{unit}的平均风险约为{mean:.1%}，"
        "而届时实际发生事件者为{observed:.1%}。"
    ),
    "Leave 'model' out of [analysis], or write model = \"fine-gray\", for risks that hold; read "
    "the hazard ratios of this model, not its risks.": (
        '如需可用的风险，请从[analysis]中删除model，或写model = "fine-gray"；'
        "本模型应解读风险比，而非风险。"
    ),
    "A cause-specific hazard says how fast events come among those still free of both (Putter "
    "et al. 2007, doi:10.1002/sim.2712).": (
        "原因别风险率描述的是两类事件均未发生者中事件发生的快慢"
        "（Putter等 2007，doi:10.1002/sim.2712）。"
    ),
    # follow-up and agreement
    "{label}: '{name}' holds {groups} among these patients; two to {max_groups} can be compared, "
    "so they are not divided.": (
        "{label}：“{name}”在这些患者中有{groups}；只能比较2至{max_groups}个组，因此未分组。"
    ),
    "Name another group, or take it out.": "请指定其他分组变量，或将其删除。",
    "{label}: {error}": "{label}：{error}",
    "Correct the columns, or take the table [[agreement]] out.": (
        "请更正列名，或删除[[agreement]]表。"
    ),
    # imputation
    "chi-square test": "卡方检验",
    "Fisher's test": "Fisher精确检验",
    "log-rank test": "log-rank检验",
    "White, Royston and Wood 2011, doi:10.1002/sim.4067": (
        "White、Royston和Wood 2011，doi:10.1002/sim.4067"
    ),
    "No candidate is missing in any patient, so nothing was imputed.": (
        "所有患者的候选因子均无缺失，因此未作插补。"
    ),
    "Take [missing] out of the protocol.": "请从方案中删除[missing]。",
    "Patients with complete data allow no model to compare with: {error}": (
        "完整病例无法建立可供比较的模型：{error}"
    ),
    "Read the imputed estimates with care: they lean on the imputation model.": (
        "请谨慎解读插补后的估计值：它们依赖插补模型。"
    ),
    "{n_incomplete} of {n} patients ({share:.0%}) lack a candidate.": (
        "{n}例患者中{n_incomplete}例（{share:.0%}）有候选因子缺失。"
    ),
    "The more is missing, the more the estimates lean on the imputation model (Sterne 2009, "
    "doi:10.1136/bmj.b2393).": (
        "缺失越多，估计值越依赖插补模型（Sterne 2009，doi:10.1136/bmj.b2393）。"
    ),
    "'{variable}' is missing in {share:.0%} of the patients.": (
        "“{variable}”在{share:.0%}的患者中缺失。"
    ),
    "Leave it out of the candidates, unless it can be completed from the records.": (
        "除非可查阅病历补全，否则请将其从候选因子中删除。"
    ),
    "What is imputed of it is learnt from the few of whom it is known.": (
        "其插补值只能由少数已知者推得。"
    ),
    "with the event": "发生事件",
    "without the event": "未发生事件",
    "who were seen to have the event": "观察到事件",
    "who were not seen to have the event": "未观察到事件",
    "'{variable}' is missing only in patients {whom}.": "“{variable}”仅在{whom}的患者中缺失。",
    "'{variable}' is missing in {share_event:.0%} of the patients {seen} and in "
    "{share_none:.0%} of the others (P = {p_value:.2g}, {test}).": (
        "“{variable}”在{seen}的患者中缺失{share_event:.0%}，在其余患者中缺失{share_none:.0%}"
        "（P = {p_value:.2g}，{test}）。"
    ),
    "Find out how the data came to be missing; if it was recorded because of the outcome, leave "
    "it out.": "请查明缺失的原因；如该变量因结局而记录，请将其去除。",
    "Imputation with the outcome is sound where values are missing at random given what is "
    "known; it cannot repair values that were recorded because of the outcome.": (
        "在已知信息条件下随机缺失时，纳入结局的插补是可靠的；对因结局而记录的值则无能为力。"
    ),
    "Variables are known together of fewer than {together} patients: {shown}.": (
        "以下变量同时已知的患者不足{together}例：{shown}。"
    ),
    "Keep one of them, or complete both in some of the patients.": (
        "请只保留其一，或在部分患者中将两者补全。"
    ),
    "How they go together is then assumed by the imputation, not learnt from the data, and the "
    "effect of one given the other rests on that.": (
        "此时两者的关系由插补假定而非由数据得出，控制其一后另一变量的效应即以此为据。"
    ),
    "{imputations} imputations are asked for; {wanted}% of the patients are incomplete.": (
        "要求插补{imputations}次；而{wanted}%的患者资料不完整。"
    ),
    "Write imputations = {wanted} in [missing].": "请在[missing]中写入imputations = {wanted}。",
    "With at least as many imputations as percent of incomplete patients another seed gives "
    "nearly the same results ({white}).": (
        "插补次数不少于不完整患者的百分数时，换用随机种子所得结果几乎相同（{white}）。"
    ),
    "Missing values are imputed from the candidates and the outcome alone.": (
        "缺失值仅由候选因子与结局插补。"
    ),
    "Name in 'auxiliary' of [missing] what goes with the missing values or with their being "
    "missing.": "请在[missing]的auxiliary中列出与缺失值或与缺失本身有关的变量。",
    "Variables that tell something of what is missing make the assumption that values are "
    "missing at random more plausible ({white}).": (
        "能提示缺失值的变量使随机缺失的假定更为合理（{white}）。"
    ),
    # size
    "shrinkage": "收缩因子",
    "optimism": "R²的乐观度",
    "overall-risk": "总体风险",
    "{available} patients with {events} were analysed; {n} are needed for "
    "{candidate_parameters} (criteria not met: {unmet}).": (
        "分析了{available}例患者，其中{events}；{candidate_parameters}需要{n}例"
        "（未满足的标准：{unmet}）。"
    ),
    "Prespecify fewer candidates, collect more patients, or shrink the coefficients, and look at "
    "the stability of the predictions.": (
        "请预先指定更少的候选因子、收集更多患者或收缩系数，并查看预测的稳定性。"
    ),
    "The criteria bound overfitting, the optimism of R² and the error of the overall risk, at an "
    "R² of 15 % of the largest possible (Riley et al. 2020, doi:10.1136/bmj.m441).": (
        "这些标准在R²取最大可能值的15%时，限定过拟合、R²的乐观度与总体风险的误差"
        "（Riley等 2020，doi:10.1136/bmj.m441）。"
    ),
    # read in pieces
    "Read whole, the data would take about {needed:.1f} GB, more than half of the "
    "{available:.1f} GB of memory available: they are read in pieces.": (
        "若整体读取，数据约需{needed:.1f} GB，超过可用内存{available:.1f} GB的一半：因此分块读取。"
    ),
    "The patients were read in pieces.": "患者数据为分块读取。",
    "{read} The calibration curve is a restricted cubic spline, not loess. Resamples give each "
    "patient a Poisson weight; what needs an order of the patients by each resample's model "
    "(C-index, calibration curve and its distances) is corrected by scores in 1,024 classes. The "
    "instability of predictions, the tests of shapes, the threshold of Youden's index and the R "
    "script are left out.": (
        "{read}校准曲线采用限制性立方样条而非loess。重抽样时每位患者取泊松权重；"
        "需要按每次抽样的模型对患者排序的指标（C指数、校准曲线及其距离）以分为1024类的评分校正。"
        "不含预测不稳定性、形状检验、Youden指数阈值与R脚本。"
    ),
    "{read} Resamples give each patient a Poisson weight; what needs an order of the patients by "
    "each resample's model (C-index, AUC, distances of the calibration curve) is corrected by "
    "scores in 1,024 classes. Residuals, AUC and Brier score over time, the instability of "
    "predictions, the tests of shapes and the R script are left out.": (
        "{read}重抽样赋予每例患者泊松权重；需要按每次抽样的模型对患者排序的指标"
        "（C指数、AUC、校准曲线的距离）以分为1024类的评分校正。"
        "不含残差、随时间变化的AUC与Brier评分、预测不稳定性、形状检验与R脚本。"
    ),
    'With engine = "memory" they are made, where the file fits into memory.': (
        '如内存可容纳该文件，设定engine = "memory"即可得到这些结果。'
    ),
    # calculator
    "This model has no calculator: its controls were matched on {names}, so it has no absolute "
    "risk.": "本模型没有计算器：其对照按{names}匹配，因此没有绝对风险。",
    "This model has no calculator: it reads nothing of a patient, so everyone has the same "
    "risk.": "本模型没有计算器：它不读取患者的任何信息，因此每个人的风险相同。",
    "This model has no calculator: a value of its strata {names} has a comma, so they cannot be "
    "told apart; rename it.": (
        "本模型没有计算器：其分层变量{names}的某个取值含有逗号，无法区分；请改名。"
    ),
    "The calculator of this model would have {size:,} bytes; at most {largest:,} are allowed. A "
    "model with fewer coefficients, levels or strata, or with shorter labels, fits.": (
        "本模型的计算器将有{size:,}字节，上限为{largest:,}字节。减少系数、分类水平或层，"
        "或缩短标签即可。"
    ),
    # figures
    "No font of this machine draws {n} of the characters in {figures} figures, such as "
    "{letters}: these figures come as SVG alone, whose letters the reader's own fonts draw.": (
        "本机没有字体能显示{figures}幅图中的{n}个字符（如{letters}）：这些图只输出SVG，"
        "由阅读者的字体显示文字。"
    ),
    "For Chinese, Japanese or Korean install Noto Sans CJK: fonts-noto-cjk (Debian, Ubuntu), "
    "google-noto-sans-cjk-fonts (Fedora), font-noto-sans-cjk (Homebrew on macOS); Windows and "
    "macOS bring one. Scripts that run from right to left or join their letters are drawn by "
    "browsers alone: open the SVG there and print it.": (
        "中文、日文或韩文请安装Noto Sans CJK：fonts-noto-cjk（Debian、Ubuntu）、"
        "google-noto-sans-cjk-fonts（Fedora）、font-noto-sans-cjk（macOS的Homebrew）；"
        "Windows与macOS已自带。从右向左书写或字母相连的文字只有浏览器能正确显示：请在浏览器中打开"
        "SVG并打印。"
    ),
    "Taller at {width:g} mm than a journal's page of {page:g} mm: {names}.": (
        "下列图形在宽 {width:g} mm 时高于期刊版面（{page:g} mm）：{names}。"
    ),
    "Print such a figure as a supplement, or shorten the labels.": (
        "请将此类图形作为补充材料，或缩短标签。"
    ),
    "Not legible at {width:g} mm, and left out there: {names}.": (
        "宽{width:g} mm时无法辨认，未输出：{names}。"
    ),
    "Use them at {widest:g} mm, or shorten the labels in the protocol.": (
        "请使用{widest:g} mm的图，或在方案中缩短标签。"
    ),
}
