"""Methods of the model: selection, estimation, intervals, assumptions, sampling."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # one candidate at a time
    "methods.single": (
        "Each candidate was first related to the outcome by a logistic regression of its own.",
        "首先对各候选因子分别作单因素logistic回归。",
    ),
    "methods.single@cox": (
        "Each candidate was first related to the outcome by a Cox regression of its own.",
        "首先对各候选因子分别作单因素Cox回归。",
    ),
    "methods.single@fine-gray": (
        "Each candidate was first related to the outcome by a Fine-Gray regression of its own.",
        "首先对各候选因子分别作单因素Fine-Gray回归。",
    ),
    "methods.single@conditional": (
        "Each candidate was first related to the outcome by a conditional logistic regression of "
        "its own.",
        "首先对各候选因子分别作单因素条件logistic回归。",
    ),
    # selection
    "methods.prespecified": (
        "All candidate predictors, fixed before the analysis, entered the model.",
        "分析前确定的全部候选因子均进入模型。",
    ),
    "methods.prespecified_penalised": (
        "All candidate predictors, fixed before the analysis, entered the penalised fit, which "
        "can take some out again by a coefficient of zero.",
        "分析前确定的全部候选因子均进入惩罚拟合，其中系数为零者即被剔除。",
    ),
    "methods.univariable.lr": (
        "Those with {alpha} in the likelihood-ratio test of that regression entered the "
        "multivariable model.",
        "单因素回归似然比检验{alpha}者进入多因素模型。",
    ),
    "methods.univariable.comparison": (
        "Those with {alpha} in the comparison of the groups entered the multivariable model.",
        "组间比较{alpha}者进入多因素模型。",
    ),
    "methods.univariable.pooled": (
        "Those with {alpha} in the pooled test (D1) of that regression entered the "
        "multivariable model.",
        "单因素回归合并检验（D1）{alpha}者进入多因素模型。",
    ),
    "methods.backward.p": (
        "Predictors were chosen by backward elimination, refitted at each step, until every one "
        "had {alpha} in the likelihood-ratio test.",
        "采用向后逐步剔除法选择预测因子，每步重新拟合，直至各因子似然比检验{alpha}。",
    ),
    "methods.backward.pooled": (
        "Predictors were chosen by backward elimination, refitted at each step, until every one "
        "had {alpha} in the pooled test (D1).",
        "采用向后逐步剔除法选择预测因子，每步重新拟合，直至各因子合并检验（D1）{alpha}。",
    ),
    "methods.backward.criterion": (
        "Predictors were chosen by backward elimination, refitted at each step, by the "
        "{criterion}.",
        "采用向后逐步剔除法选择预测因子，每步重新拟合，准则为{criterion}。",
    ),
    "methods.backward.approximate_p": (
        "Predictors were chosen by backward elimination with Wald tests from the covariance "
        "matrix of the model of all candidates, without refits, until every one had {alpha}.",
        "采用向后逐步剔除法选择预测因子：以全部候选因子模型的协方差矩阵作Wald检验，不重新拟合，"
        "直至各因子{alpha}。",
    ),
    "methods.backward.approximate_criterion": (
        "Predictors were chosen by backward elimination by the {criterion} of Wald statistics "
        "from the covariance matrix of the model of all candidates, without refits.",
        "采用向后逐步剔除法选择预测因子："
        "以全部候选因子模型的协方差矩阵计算Wald统计量的{criterion}，不重新拟合。",
    ),
    "methods.lasso.cv": (
        "Predictors were chosen by the lasso [@friedman2010], its penalty found by {folds}-fold "
        "cross-validation ({rule}; seed {seed}), and fitted anew without a penalty.",
        "采用lasso选择预测因子[@friedman2010]，惩罚参数由{folds}折交叉验证确定（{rule}；"
        "随机种子{seed}），"
        "再以无惩罚模型重新拟合。",
    ),
    "methods.lasso.given": (
        "Predictors were chosen by the lasso [@friedman2010] with a penalty fixed beforehand at "
        "{penalty}, and fitted anew without a penalty.",
        "采用lasso选择预测因子[@friedman2010]，惩罚参数预先定为{penalty}，再以无惩罚模型重新拟合。",
    ),
    "methods.stability": (
        "Predictors were chosen by stability selection [@shah2013]: those among the {per_half} "
        "first chosen by {learner} in a share of at least {threshold} of {halves} random halves "
        "of the patients, fitted anew in all of them.",
        "采用稳定性选择[@shah2013]：在{halves}个随机半样本中，"
        "由{learner}选入前{per_half}位的比例不低于{threshold}者入选，"
        "再以全部患者重新拟合。",
    ),
    "methods.learner.lasso": ("the lasso", "lasso"),
    "methods.learner.univariable": ("univariable tests", "单因素检验"),
    # estimation
    "methods.ml": (
        "A logistic regression model was fitted by maximum likelihood.",
        "采用极大似然法拟合logistic回归模型。",
    ),
    "methods.ml@conditional": (
        "A conditional logistic regression model was fitted by maximum likelihood, exact where a "
        "set has several cases [@gail1981].",
        "采用极大似然法拟合条件logistic回归模型，一组多例病例时用精确似然[@gail1981]。",
    ),
    "methods.ml@cox": (
        "A Cox proportional hazards model [@cox1972] was fitted by maximum partial likelihood "
        "(ties after {ties}).",
        "采用极大偏似然法拟合Cox比例风险模型[@cox1972]（同时事件的处理：{ties}法）。",
    ),
    "methods.ml@fine-gray": (
        "A Fine-Gray model of the cumulative incidence [@fine1999] was fitted, the competing "
        "event being: {rule}.",
        "采用Fine-Gray模型[@fine1999]拟合累积发生率，竞争事件为：{rule}。",
    ),
    "methods.firth": (
        "A logistic regression model was fitted by Firth's penalised likelihood [@firth1993,"
        "heinze2002], which keeps estimates finite where patients are separated and removes "
        "their first-order bias.",
        "采用Firth惩罚似然[@firth1993,heinze2002]拟合logistic回归模型：存在分离时估计仍有限，"
        "并消除一阶偏倚。",
    ),
    "methods.firth@cox": (
        "A Cox proportional hazards model [@cox1972] (ties after {ties}) was fitted by Firth's "
        "penalised partial likelihood [@heinze2001], which keeps estimates finite where the "
        "likelihood is monotone and removes their first-order bias.",
        "采用Firth惩罚偏似然[@heinze2001]拟合Cox比例风险模型[@cox1972]（同时事件的处理：{ties}法）："
        "似然单调时估计仍有限，并消除一阶偏倚。",
    ),
    "methods.firth@conditional": (
        "A conditional logistic regression model [@gail1981] was fitted by Firth's penalised "
        "likelihood [@firth1993,heinze2002], which keeps estimates finite where cases are "
        "separated from controls inside the sets and removes their first-order bias.",
        "采用Firth惩罚似然[@firth1993,heinze2002]拟合条件logistic回归模型[@gail1981]："
        "组内病例与对照分离时估计仍有限，并消除一阶偏倚。",
    ),
    "methods.auto": (
        "This estimator was taken, as the protocol asks, because the data are separated or events "
        "are few.",
        "按方案，因数据存在分离或事件过少而采用该估计方法。",
    ),
    "methods.mean_risk_flic": (
        "The intercept was then estimated anew, so that the mean risk is the prevalence (FLIC) "
        "[@puhr2017].",
        "随后重新估计截距，使平均风险等于患病率（FLIC）[@puhr2017]。",
    ),
    "methods.mean_risk_flac": (
        "An added covariate makes the mean risk the prevalence (FLAC) [@puhr2017].",
        "通过附加协变量使平均风险等于患病率（FLAC）[@puhr2017]。",
    ),
    "methods.mean_risk_uncorrected": (
        "The mean risk was not corrected, and lies nearer to one half than the prevalence.",
        "未校正平均风险，其比患病率更接近二分之一。",
    ),
    "methods.penalised": (
        "A logistic regression model was fitted by {estimator}: maximum likelihood less a penalty "
        "on the coefficients, each measured in standard deviations of its column{mix}, as glmnet "
        "does [@friedman2010]. {found} Shrunken coefficients have no standard errors or P values.",
        "采用{estimator}拟合logistic回归模型：极大似然减去系数惩罚，系数以各列标准差计{mix}，"
        "同glmnet"
        "[@friedman2010]。{found}收缩后的系数没有标准误和P值。",
    ),
    "methods.penalised@cox": (
        "A Cox proportional hazards model [@cox1972] was fitted by {estimator}: maximum partial "
        "likelihood (ties after {ties}) less a penalty on the coefficients, each measured in "
        "standard deviations of its column{mix}, as glmnet does [@simon2011]. {found} Shrunken "
        "coefficients have no standard errors or P values.",
        "采用{estimator}拟合Cox比例风险模型[@cox1972]：极大偏似然（同时事件的处理：{ties}法）减去系数惩罚，"
        "系数以各列标准差计{mix}，同glmnet[@simon2011]。{found}收缩后的系数没有标准误和P值。",
    ),
    "methods.mix": (" (mix of absolute values and squares {mix})", "（绝对值与平方的混合比{mix}）"),
    "methods.penalty_given": (
        "The penalty was fixed beforehand at {penalty}.",
        "惩罚参数预先定为{penalty}。",
    ),
    "methods.penalty_found": (
        "The penalty was found by {folds}-fold cross-validation of the {measure} ({rule}; seed "
        "{seed}, events spread evenly over the folds), and found anew in every resample.",
        "惩罚参数由{folds}折交叉验证（{measure}；{rule}；随机种子{seed}，事件均匀分配至各折）确定，"
        "并在每次抽样中重新确定。",
    ),
    "methods.penalty_criterion": (
        "The penalty is that of the best {rule}, with effective degrees of freedom, as "
        "rms::pentrace chooses it, and was chosen anew in every resample.",
        "惩罚参数按最优{rule}（有效自由度）选取，同rms::pentrace，并在每次抽样中重新选取。",
    ),
    "methods.penalty_found@folds": (
        "The penalty was found by {folds}-fold cross-validation of the {measure} ({rule}; seed "
        "{seed}, events spread evenly over the folds), and found anew in every model.",
        "惩罚参数由{folds}折交叉验证（{measure}；{rule}；随机种子{seed}，事件均匀分配至各折）确定，"
        "并在每个模型中重新确定。",
    ),
    "methods.penalty_criterion@folds": (
        "The penalty is that of the best {rule}, with effective degrees of freedom, as "
        "rms::pentrace chooses it, and was chosen anew in every model.",
        "惩罚参数按最优{rule}（有效自由度）选取，同rms::pentrace，并在每个模型中重新选取。",
    ),
    "methods.never_penalised": (
        "Known beforehand and never penalised: {names}.",
        "预先确定、不加惩罚的候选因子：{names}。",
    ),
    "methods.penalty_factors": (
        "The penalty was multiplied for {names}; penalty factors were rescaled to a mean of 1.",
        "以下候选因子的惩罚乘以各自的系数：{names}；惩罚系数按均值1重新标定。",
    ),
    "methods.shrinkage_bootstrap": (
        "All coefficients were then multiplied by the calibration slope that the bootstrap expects "
        "in new patients, and the intercept was fitted anew.",
        "随后将全部系数乘以自助法估计的新患者校准斜率，并重新估计截距。",
    ),
    "methods.shrinkage_none": (
        "All coefficients would then have been multiplied by a shrinkage factor, but the one "
        "estimated was no less than 1, so they were left as they were.",
        "原拟将全部系数乘以收缩因子，但其估计值不小于1，故系数保持不变。",
    ),
    "methods.shrinkage_heuristic": (
        "All coefficients were then multiplied by van Houwelingen and le Cessie's heuristic "
        "factor [@houwelingen1990], and the intercept was fitted anew.",
        "随后将全部系数乘以van Houwelingen与le Cessie的启发式收缩因子[@houwelingen1990]，"
        "并重新估计截距。",
    ),
    "methods.shrinkage_bootstrap@cox": (
        "All coefficients were then multiplied by the slope that the bootstrap expects in new "
        "patients, and the baseline hazard was estimated anew.",
        "随后将全部系数乘以自助法估计的新患者校准斜率，并重新估计基线风险。",
    ),
    "methods.shrinkage_heuristic@cox": (
        "All coefficients were then multiplied by van Houwelingen and le Cessie's heuristic "
        "factor [@houwelingen1990], and the baseline hazard was estimated anew.",
        "随后将全部系数乘以van Houwelingen与le Cessie的启发式收缩因子[@houwelingen1990]，"
        "并重新估计基线风险。",
    ),
    # tests and intervals of coefficients
    "methods.wald": (
        "P values and 95\u00a0% intervals of coefficients are Wald's.",
        "系数的P值与95%置信区间采用Wald法。",
    ),
    "methods.profile": (
        "The 95\u00a0% intervals of coefficients are those of the profile likelihood, P values "
        "Wald's.",
        "系数的95%置信区间采用剖面似然法，P值采用Wald法。",
    ),
    "methods.profile_firth": (
        "P values of coefficients are those of penalised likelihood ratios, 95\u00a0% intervals "
        "those of the profile penalised likelihood.",
        "系数的P值来自惩罚似然比检验，95%置信区间来自剖面惩罚似然。",
    ),
    "methods.profile_pooled": (
        "P values and 95\u00a0% intervals of single coefficients combine the profile penalised "
        "likelihoods of the completed tables (CLIP) [@heinze2013].",
        "单个系数的P值与95%置信区间由各插补表的剖面惩罚似然合并求得（CLIP）[@heinze2013]。",
    ),
    "methods.clustered": (
        "Vertebrae of one patient resemble each other: standard errors of the regressions are "
        "robust to it (sandwich estimator, clustered by patient), so is the interval of the "
        "C-index "
        "[@obuchowski1997], and whole patients were resampled. The comparison of the groups and "
        "the intervals at thresholds take vertebrae for independent.",
        "同一患者的椎体并非独立：回归标准误采用按患者聚类的稳健（夹心）估计，"
        "C指数区间亦考虑聚类[@obuchowski1997]，"
        "并以患者为单位抽样。组间比较与各阈值处的区间则将椎体视为独立。",
    ),
    "methods.clustered@survival": (
        "Vertebrae of one patient resemble each other: standard errors of the regressions are "
        "robust to it (sandwich estimator, clustered by patient), and whole patients were "
        "resampled. The comparison of the groups takes vertebrae for independent.",
        "同一患者的椎体并非独立：回归标准误采用按患者聚类的稳健（夹心）估计，并以患者为单位抽样。"
        "组间比较则将椎体视为独立。",
    ),
    "methods.strata": (
        "Each stratum of {variables} had a baseline hazard of its own, and Harrell's C-index "
        "compares patients inside their stratum.",
        "按{variables}分层，各层有各自的基线风险；Harrell C指数仅在层内比较患者。",
    ),
    "methods.hazards": (
        "Proportional hazards were tested by scaled Schoenfeld residuals against {transform} "
        "[@grambsch1994].",
        "以标化Schoenfeld残差对{transform}的检验评估比例风险假定[@grambsch1994]。",
    ),
    "methods.beside": (
        "Since the event has no time of its own, a logistic model of its presence was fitted and "
        "validated beside the Cox model.",
        "因该事件本身没有发生时间，另拟合并验证其有无的logistic模型，与Cox模型并列。",
    ),
    "methods.sampling": (
        "Controls were sampled. The intercept was corrected for a prevalence of {prevalence} "
        "[@king2001]{variance}; observed shares were moved to the population by the odds of "
        "sampling, and means over patients weighted. Predictive values carry logit intervals "
        "[@mercaldo2007]. Intervals of performance take the prevalence for known.",
        "对照为抽样所得。截距按患病率{prevalence}校正[@king2001]{variance}；"
        "观察比例按抽样比值换算至源人群，对患者的平均采用加权。预测值给出logit区间[@mercaldo2007]。"
        "模型表现的区间将患病率视为已知。",
    ),
    "methods.sampling_variance": (
        ", its variance as for a case-control sample [@prentice1979]",
        "，其方差按病例对照样本计算[@prentice1979]",
    ),
}
