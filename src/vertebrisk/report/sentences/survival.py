"""Texts of a study of time to event: key, English, Chinese.

Keys with ``@cox``, ``@fine-gray`` or ``@survival`` are variants of the logistic texts.
"""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # short words
    "time.hours": ("hours", "小时"),
    "time.days": ("days", "天"),
    "time.weeks": ("weeks", "周"),
    "time.months": ("months", "个月"),
    "time.years": ("years", "年"),
    "survival": ("Time to event", "生存分析"),
    "horizon": ("Horizon", "时间点"),
    "risk_by": ("Risk by {time}", "{time}内风险"),
    "median_time": ("Median time", "中位时间"),
    "at_risk": ("At risk", "风险人数"),
    "events_by_then": ("Events by then", "此前事件数"),
    "competing_by_then": ("Competing events by then", "此前竞争事件数"),
    "censored_before": ("Censored before", "此前删失数"),
    "incidence": ("Cumulative incidence (95 % CI)", "累积发生率（95% CI）"),
    "groups": ("Group", "组别"),
    "by_log_rank": ("the log-rank test", "对数秩检验"),
    "by_gray": ("Gray's test", "Gray检验"),
    "transform.km": ("the Kaplan-Meier scale of time", "Kaplan-Meier变换时间"),
    "fit.n_competing": ("Competing events", "竞争事件数"),
    "fit.null_log_likelihood": ("Log-likelihood without predictors", "零模型对数似然"),
    "fit.wald_statistic": ("Wald χ²", "Wald χ²"),
    "fit.wald_p_value": ("P (Wald)", "P值（Wald）"),
    "fit.score_statistic": ("Score χ²", "计分检验χ²"),
    "fit.score_p_value": ("P (score)", "P值（计分检验）"),
    "hazards": ("Proportional hazards", "比例风险检验"),
    "global_test": ("All terms together", "整体检验"),
    "or@cox": ("HR", "HR"),
    "or@fine-gray": ("SHR", "SHR"),
    "or_ci@cox": ("HR (95 % CI)", "HR（95% CI）"),
    "or_ci@fine-gray": ("SHR (95 % CI)", "SHR（95% CI）"),
    "measure.auc": ("AUC at the horizon", "时间点AUC"),
    "measure.brier_scaled": ("Scaled Brier score", "标准化Brier评分"),
    "measure.observed_expected": ("Observed / expected", "观察/预期比"),
    "measure.d": ("D (rms)", "D（rms）"),
    "measure.u": ("U (rms)", "U（rms）"),
    "measure.q": ("Q (rms)", "Q（rms）"),
    "measure.g": ("g (rms)", "g（rms）"),
    "measure.uno_c": ("C-index (Uno)", "C指数（Uno）"),
    # patients
    "summary.purpose@survival": (
        "This report describes a model that estimates the risk of {outcome} over follow-up "
        "({time_point}) for patients like those studied. It is meant for use {use_at}, "
        "once all its "
        "predictors are known. It supports research and decisions; it does not replace clinical "
        "judgement.",
        "本报告介绍一个用于估计与研究人群相似的患者在随访期内发生“{outcome}”（{time_point}）风险的模型，"
        "在全部预测因子已知后于{use_at}使用。模型用于支持研究与决策，不能取代临床判断。",
    ),
    "participants.follow_up": (
        "Median follow-up was {median} {unit} (interquartile range {q1} to {q3}; reverse "
        "Kaplan-Meier).",
        "中位随访时间为{median}{unit}（四分位距{q1}至{q3}；反向Kaplan-Meier法）。",
    ),
    "participants.competing": (
        "{n} had the competing event first; they are not censored but can no longer have the "
        "event.",
        "{n}例先发生竞争事件；其不作删失处理，但此后不可能再发生研究事件。",
    ),
    "comparison.caution@survival": (
        "{n_variables} variables were compared by whether the event was seen during follow-up, "
        "without adjustment for the number of comparisons or for the length of follow-up; the "
        "regressions below take time into account.",
        "共比较{n_variables}个变量，按随访期内是否观察到事件分组，未对多重比较及随访时间长短作校正；"
        "下文回归分析已考虑时间。",
    ),
    # curves
    "survival.incidence": (
        "The estimated cumulative incidence of {outcome} was {values}.",
        "“{outcome}”的累积发生率估计为{values}。",
    ),
    "survival.at": ("{risk} at {horizon} {unit}", "{horizon}{unit}时{risk}"),
    "survival.kaplan_meier": (
        "It is one minus the Kaplan-Meier estimate; patients whose follow-up ended without the "
        "event are censored.",
        "即1减Kaplan-Meier估计；随访结束仍未发生事件者作删失处理。",
    ),
    "survival.aalen_johansen": (
        "It is the Aalen-Johansen estimate: who had the competing event can no longer have the "
        "event, and one minus Kaplan-Meier would be too high.",
        "采用Aalen-Johansen估计：发生竞争事件者此后不可能再发生该事件；若用1减Kaplan-Meier则会高估。",
    ),
    "survival.tests": (
        "Table {table} compares the groups by {test}; the tests are not adjusted for one another.",
        "表{table}以{test}比较各组；各检验之间未作校正。",
    ),
    # model
    "univariable.screened@cox": (
        "Each of {n_candidates} candidates was related to {outcome} by a Cox model of its own "
        "(Table {table}).",
        "对{n_candidates}个候选因子分别与“{outcome}”作单因素Cox回归（表{table}）。",
    ),
    "univariable.screened@fine-gray": (
        "Each of {n_candidates} candidates was related to {outcome} by a Fine-Gray model "
        "of its own "
        "(Table {table}).",
        "对{n_candidates}个候选因子分别与“{outcome}”作单因素Fine-Gray回归（表{table}）。",
    ),
    "multivariable.intercept_only@survival": (
        "No candidate was selected. The model gives every patient the same risk and cannot tell "
        "patients apart.",
        "没有候选因子入选。模型对每位患者给出相同的风险，不能区分患者。",
    ),
    "multivariable.equation@survival": (
        "The linear predictor, and the baseline cumulative hazard H0 at each horizon, from which "
        "risk = 1 - exp(-H0 exp(linear predictor)), are:",
        "线性预测值及各时间点的基线累积风险H0如下，风险 = 1 - exp(-H0 exp(线性预测值))：",
    ),
    "term@cox": ("{label} (HR {ratio}, {p})", "{label}（HR {ratio}，{p}）"),
    "term.ci@cox": (
        "{label} (HR {ratio}, 95\u00a0%\u00a0CI {interval}, {p})",
        "{label}（HR {ratio}，95% CI {interval}，{p}）",
    ),
    "term@fine-gray": ("{label} (SHR {ratio}, {p})", "{label}（SHR {ratio}，{p}）"),
    "term.ci@fine-gray": (
        "{label} (SHR {ratio}, 95\u00a0%\u00a0CI {interval}, {p})",
        "{label}（SHR {ratio}，95% CI {interval}，{p}）",
    ),
    "hazards.held": (
        "The test of scaled Schoenfeld residuals gave no reason to doubt proportional hazards "
        "({p} for all terms together; Table {table}); with few events such a test finds little.",
        "Schoenfeld残差检验未提示违反比例风险假定（各项联合{p}；表{table}）；但事件数较少时检验效能有限。",
    ),
    "hazards.violated": (
        "The hazard ratio of {terms} seems to change over time (scaled Schoenfeld residuals, Table "
        "{table}): what is told is an average over follow-up.",
        "{terms}的风险比似随时间变化（标化Schoenfeld残差检验，表{table}）：所列为随访期内的平均值。",
    ),
    "hazards.violated_together": (
        "The test of scaled Schoenfeld residuals speaks against proportional hazards for all terms "
        "together ({p}; Table {table}), though for no single one: what is told is an average over "
        "follow-up.",
        "标化Schoenfeld残差检验提示各项联合不满足比例风险假定（{p}；表{table}），但无单独显著的一项："
        "所列风险比为随访期内的平均值。",
    ),
    "nomogram.no_risk@survival": (
        "No nomogram is drawn: the model has strata with a baseline hazard each, so that one total "
        "of points would mean several risks.",
        "未绘制列线图：模型各层有各自的基线风险，同一总分对应多个风险值。",
    ),
    "nomogram.example@survival": (
        "An invented example: a patient with {values} has {points} points in total and an "
        "estimated "
        "risk of {risk} by {horizon} {unit}.",
        "虚构示例：某患者{values}，总分{points}分，{horizon}{unit}内的估计风险为{risk}。",
    ),
    # performance
    "discrimination.auc@fine-gray": (
        "In the patients from whom the model was made, the C-index, in which a patient with the "
        "competing event never has the event (Wolbers), was {auc}. This apparent value flatters "
        "the model.",
        "在建模人群中，C指数（Wolbers法，发生竞争事件者视为永不发生研究事件）为{auc}。该表观值会高估模型表现。",
    ),
    "discrimination.auc@survival": (
        "In the patients from whom the model was made, Harrell's C-index was {auc}. This apparent "
        "value flatters the model.",
        "在建模人群中，Harrell C指数为{auc}。该表观值会高估模型表现。",
    ),
    "discrimination.uno": (
        "Uno's C-index, which does not depend on the censoring, was {c}.",
        "不受删失分布影响的Uno C指数为{c}。",
    ),
    "discrimination.horizons": (
        "Table {table} gives the area under the time-dependent ROC curve and the Brier "
        "score at each "
        "horizon, with censoring handled by weights.",
        "表{table}列出各时间点的时间依赖ROC曲线下面积与Brier评分（以逆概率加权处理删失）。",
    ),
    "discrimination.entered": (
        "Patients came under observation late, so how many have the event by a horizon is not "
        "that of the patients at hand: AUC, Brier score, calibration curve and net benefit at "
        "the horizons are not given.",
        "部分患者延迟进入观察，所观察的患者并不代表时间零点的全部患者，"
        "故不给出各时间点的AUC、Brier评分、校准曲线与净获益。",
    ),
    "decision.entered": (
        "Net benefit is not given, since patients came under observation late.",
        "因部分患者延迟进入观察，不给出净获益。",
    ),
    "validation.separated@survival": (
        "{n} of the resamples had no finite maximum-likelihood estimate. They are kept for the "
        "C-index, Dxy and the measures at the horizons, whose limits exist; R², slope, "
        "observed/expected, D, U, Q and g are summarised over the others and are therefore too "
        "favourable.",
        "{n}次抽样不存在有限的极大似然估计。C指数、Dxy与各时间点指标的极限存在，故予保留；"
        "R²、斜率、观察/预期比、D、U、Q与g仅对其余抽样汇总，因而偏于乐观。",
    ),
    "calibration.survival": (
        "Calibration at a horizon compares predicted risk with the risk observed by then, "
        "estimated "
        "from the censored data.",
        "时间点校准比较预测风险与由删失数据估计的该时间点观察风险。",
    ),
    "smoother.cox": (
        "Cox regression on a restricted cubic spline (3 knots) of log(-log(1 - risk))",
        "基于log(-log(1-风险))限制性立方样条（3个节点）的Cox回归",
    ),
    "smoother.fine-gray": (
        "Fine-Gray regression on a restricted cubic spline (3 knots) of log(-log(1 - risk))",
        "基于log(-log(1-风险))限制性立方样条（3个节点）的Fine-Gray回归",
    ),
    "smoother.loess": (
        "loess (degree 2, span 0.75, direct)",
        "loess（二次，跨度0.75，直接计算）",
    ),
    "smoother.lowess": (
        "lowess (span 2/3, no robustness iterations)",
        "lowess（跨度2/3，无稳健迭代）",
    ),
    "smoother.spline": (
        "restricted cubic spline ({knots} knots) of the log-odds",
        "基于对数比值的限制性立方样条（{knots}个节点）",
    ),
    "calibration.slope_only": (
        "After correction for optimism the calibration slope was {slope}, with its 95 % range over "
        "the resamples; a slope below 1 means that predicted risks are too extreme.",
        "乐观校正后校准斜率为{slope}（括号内为各次抽样的95%范围）；斜率小于1说明预测风险过于极端。",
    ),
    "decision.survival": (
        "Net benefit at {horizon} {unit}, with the observed risk of those treated "
        "estimated from the "
        "censored data:",
        "{horizon}{unit}时的净获益（干预者的观察风险由删失数据估计）：",
    ),
    # the event at time zero
    "beside": ("The same outcome without time", "不计时间的同一结局"),
    "beside.text": (
        "The protocol asks for this model because the event is present or absent at time zero: it "
        "does not happen during follow-up, and the time to it is the time at which it was found. A "
        "Cox model of such an event relates the predictors to when it was found, if at all. Its "
        "hazard ratios come near odds ratios only as far as all patients were examined alike, and "
        "its curve describes the schedule of examinations. The logistic model below asks what the "
        "data can answer: who has the event.",
        "方案要求此模型，因为该事件在时间零点即已存在或不存在，并非在随访中发生；所谓时间是其被发现的时间。"
        "对此类事件建立Cox模型，反映的是预测因子与何时被发现（如被发现）的关系；"
        "仅当所有患者检查方式一致时其风险比才接近比值比，其曲线描述的是检查安排。"
        "下面的logistic模型回答数据所能回答的问题：谁发生了该事件。",
    ),
    "beside.censored": (
        "{n} patients whose follow-up ended without the event count as free of it here.",
        "{n}例随访结束未见事件的患者在此视为未发生。",
    ),
    "beside.performance": (
        "Its C-index was {apparent} apparent and {corrected} after correction for optimism "
        "({resamples} resamples).",
        "其C指数表观值为{apparent}，乐观校正后为{corrected}（抽样{resamples}次）。",
    ),
    "caption.logistic": (
        "Logistic regression of the same outcome",
        "同一结局的logistic回归",
    ),
    # closing
    "limits.association@survival": (
        "Hazard ratios describe association. Changing a predictor need not change the risk.",
        "风险比描述关联；改变某一预测因子未必改变风险。",
    ),
    "limits.horizon": (
        "The model predicts up to {horizon} {unit}, where follow-up ends; beyond that it refuses.",
        "模型仅可预测至随访末（{horizon}{unit}）；超出范围不予预测。",
    ),
    # captions
    "caption.univariable@cox": ("Univariable Cox regression", "单因素Cox回归"),
    "caption.univariable@fine-gray": ("Univariable Fine-Gray regression", "单因素Fine-Gray回归"),
    "caption.multivariable@cox": ("Multivariable Cox regression", "多因素Cox回归"),
    "caption.multivariable@fine-gray": (
        "Multivariable Fine-Gray regression",
        "多因素Fine-Gray回归",
    ),
    "caption.incidence": ("Cumulative incidence at the horizons", "各时间点的累积发生率"),
    "caption.group_tests": ("Cumulative incidence by group", "各组累积发生率"),
    "caption.hazards": ("Test of proportional hazards", "比例风险假定检验"),
    "caption.horizons": (
        "Performance at the horizons, apparent and corrected for optimism",
        "各时间点的模型表现：表观与乐观校正",
    ),
    "figure.kaplan_meier": (
        "Patients without the event over time (Kaplan-Meier), with 95 % intervals and numbers at "
        "risk.",
        "未发生事件的患者比例（Kaplan-Meier），含95%区间与风险人数。",
    ),
    "figure.kaplan_meier@fine-gray": (
        "Patients without the event over time (one minus the Aalen-Johansen estimate), with 95 % "
        "intervals and numbers at risk.",
        "未发生事件的患者比例（1减Aalen-Johansen估计），含95%区间与风险人数。",
    ),
    "figure.kaplan_meier_thirds": (
        "The same by thirds of the predicted risk (apparent).",
        "按预测风险三分位分组（表观）。",
    ),
    "figure.incidence": (
        "Cumulative incidence of the event and of the competing event (Aalen-Johansen).",
        "事件与竞争事件的累积发生率（Aalen-Johansen）。",
    ),
    "figure.schoenfeld": (
        "Scaled Schoenfeld residuals, smoothed where the events have enough distinct times: a "
        "level line means a constant hazard ratio.",
        "标化Schoenfeld残差（事件时间足够多时附平滑曲线）：水平线表示风险比恒定。",
    ),
    "figure.over_time": (
        "Time-dependent AUC and Brier score over follow-up (apparent).",
        "随访期内的时间依赖AUC与Brier评分（表观）。",
    ),
    "figure.forest@cox": (
        "Hazard ratios of the multivariable model with 95 % intervals.",
        "多因素模型的风险比及95%区间。",
    ),
    "figure.forest@fine-gray": (
        "Subdistribution hazard ratios of the multivariable model with 95 % intervals.",
        "多因素模型的次分布风险比及95%区间。",
    ),
    "figure.calibration_at": (
        "Calibration at {horizon} {unit}: observed against predicted risk, apparent and "
        "bias-corrected, above the distribution of predicted risks.",
        "{horizon}{unit}时的校准曲线：观察风险与预测风险（表观与偏倚校正），下方为预测风险分布。",
    ),
    "figure.decision_at": (
        "Decision curve at {horizon} {unit}: net benefit of the model, of treating all and of "
        "treating none.",
        "{horizon}{unit}时的决策曲线：模型、全部干预与均不干预的净获益。",
    ),
    "note.regression@cox": (
        "B and SE on the log-hazard scale; HR, hazard ratio.",
        "B与SE为对数风险尺度；HR：风险比。",
    ),
    "note.regression@fine-gray": (
        "B and SE on the log scale; SHR, subdistribution hazard ratio: it says how the cumulative "
        "incidence differs, not how fast events happen.",
        "B与SE为对数尺度；SHR：次分布风险比，反映累积发生率的差异而非事件发生的快慢。",
    ),
    "note.hazards": (
        "Score test of scaled Schoenfeld residuals against {transform} (Grambsch and Therneau).",
        "标化Schoenfeld残差对{transform}的计分检验（Grambsch与Therneau）。",
    ),
    "note.median_beyond": (
        "Median time: when half of such patients have had the event; where fewer than half have "
        "had it by {end}, it is not known.",
        "中位时间：半数此类患者发生事件的时间；至{end}仍不足半数者，中位时间未知。",
    ),
    "note.horizons": (
        "Corrected = apparent - optimism. AUC and Brier weighted by the inverse probability of "
        "censoring.",
        "校正=表观-乐观度。AUC与Brier评分以逆删失概率加权。",
    ),
    "note.group_tests": (
        "Cumulative incidence at {horizon}. Groups with patients only; variables as compared "
        "above.",
        "累积发生率为{horizon}时的估计。仅列有患者的组。",
    ),
}
