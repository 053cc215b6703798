"""Texts of ridge, lasso and elastic net: key, English, Chinese."""

# Chinese punctuation is meant, so the rule against look-alike characters is off here.

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "estimator.ridge": ("ridge", "岭回归"),
    "estimator.lasso": ("the lasso", "Lasso"),
    "estimator.elastic_net": ("the elastic net", "弹性网络"),
    "measure.cv.deviance": ("deviance", "偏差"),
    "measure.cv.auc": ("AUC", "AUC"),
    "spread": ("2.5th to 97.5th percentile", "2.5至97.5百分位数"),
    "kept_in": ("Kept in resamples (%)", "抽样中保留比例（%）"),
    "rule": ("Rule", "规则"),
    "rule.min": ("best mean", "均值最优"),
    "rule.1se": ("largest penalty within one standard error", "一倍标准误内的最大惩罚"),
    "rule.min, 1se": (
        "best mean, and largest penalty within one standard error",
        "均值最优，亦为一倍标准误内的最大惩罚",
    ),
    "rule.aic_c": ("corrected AIC", "校正AIC"),
    "rule.aic": ("AIC", "AIC"),
    "rule.bic": ("BIC", "BIC"),
    "penalty": ("Penalty (λ)", "惩罚参数（λ）"),
    "nonzero": ("Coefficients", "非零系数"),
    "cv_mean": ("Cross-validated mean", "交叉验证均值"),
    "shrunken": ("B, shrunken", "收缩后B"),
    "or_shrunken": ("OR, shrunken", "收缩后OR"),
    # uniform shrinkage
    "or_shrunken@cox": ("HR, shrunken", "收缩后HR"),
    "shrinkage.told@cox": (
        "All coefficients were shrunken by the factor {factor} (Table {table}). Equation, "
        "nomogram, curves of AUC and Brier score and calculator are those of the shrunken model, "
        "which has no interval. Its discrimination is the same; the validation below is that of "
        "the model before the shrinkage.",
        "全部系数乘以收缩因子{factor}（表{table}）。公式、列线图、AUC与Brier曲线及计算器均为收缩后的模型，"
        "该模型不附区间。其区分度不变；下文验证为收缩前的结果。",
    ),
    "note.shrinkage@cox": (
        "Coefficients times {factor}; the baseline hazard is estimated anew.",
        "系数乘以{factor}；基线风险重新估计。",
    ),
    "shrinkage.told": (
        "All coefficients were shrunken by the factor {factor} (Table {table}). Equation, "
        "nomogram, classification and calculator are those of the shrunken model. Its "
        "discrimination is the same; calibration and net benefit below are those before the "
        "shrinkage.",
        "全部系数乘以收缩因子{factor}（表{table}）。公式、列线图、分类与计算器均为收缩后的模型。"
        "其区分度不变；下文校准与净获益为收缩前的结果。",
    ),
    "shrinkage.none": (
        "The data asked for no shrinkage: the factor would be {factor}, and was held to 1.",
        "数据不要求收缩：因子为{factor}，取1。",
    ),
    "caption.shrinkage": ("Coefficients before and after shrinkage", "收缩前后的系数"),
    "note.shrinkage": (
        "Coefficients times {factor}; the constant is fitted anew, so that the mean risk is the "
        "observed one.",
        "系数乘以{factor}；常数项重新估计，使平均风险等于观察值。",
    ),
    # methods and results
    "penalised.opening": (
        "With a penalty of {penalty}, {estimator} kept {kept} of {candidates} candidates "
        "(Table {table}).",
        "惩罚参数为{penalty}时，{estimator}在{candidates}个候选因子中保留{kept}个（表{table}）。",
    ),
    "penalised.ridge": (
        "With a penalty of {penalty}, {estimator} shrank the coefficients of all {candidates} "
        "candidates (Table {table}).",
        "惩罚参数为{penalty}时，{estimator}收缩了全部{candidates}个候选因子的系数（表{table}）。",
    ),
    "penalised.caution": (
        "The coefficients are biased towards zero on purpose. The percentiles show how much the "
        "procedure varies from resample to resample; they are no confidence intervals. A "
        "candidate that was left out may still matter: of predictors that say much the same, a "
        "penalty keeps one, and other patients would often keep another.",
        "系数被有意向零收缩。百分位数反映该过程在各次抽样间的变异，并非置信区间。被剔除的候选因子仍可能有意义："
        "对信息相近的预测因子，惩罚只保留其一，换一批患者往往保留另一个。",
    ),
    # tables
    "caption.penalised": ("Shrunken coefficients, logistic regression", "收缩后的logistic回归系数"),
    "caption.penalised@cox": ("Shrunken coefficients, Cox regression", "收缩后的Cox回归系数"),
    "caption.cross_validation": ("Penalties found by cross-validation", "交叉验证确定的惩罚参数"),
    "note.penalised": (
        "B on the log scale, shrunken. Percentiles of B over the bootstrap resamples, in each of "
        "which the whole procedure was repeated: its spread, not a confidence interval.",
        "B为对数尺度的收缩系数。百分位数取自重复整个过程的自助抽样，表示其变异，并非置信区间。",
    ),
    "note.zero_level": (
        "A level with B of 0 is treated like the reference level.",
        "B为0的水平视同参考水平。",
    ),
    "note.cross_validation": (
        "Mean {measure} over the folds ± its standard error. Coefficients: those that are not "
        "zero.",
        "各折{measure}均值±标准误。系数：非零者。",
    ),
    # figures
    "figure.path": (
        "Coefficients for one standard deviation as the penalty falls; those in the model are "
        "dark and named.",
        "惩罚递减时每一标准差的系数；模型所含者以深色标出并命名。",
    ),
    "figure.cross_validation": (
        "Cross-validation: mean over the folds at each penalty with one standard error each way; "
        "above, the number of coefficients that are not zero.",
        "交叉验证：各惩罚参数下各折均值及一倍标准误；上方为非零系数个数。",
    ),
}
