# Rubin's rules and pooled tests of mice and mitml, on imputations that are given with them.
source("scripts/common.R")
suppressPackageStartupMessages({library(mice); library(mitml); library(survival)})

pooled_tests <- function(fits, nulls, df_complete) {
  one <- function(...) as.list(setNames(
    as.numeric(testModels(fits, nulls, ...)$test), c("statistic", "df1", "df2", "p_value", "riv")))
  list(d1 = one(method = "D1"), d1_small = one(method = "D1", df.com = df_complete),
       d2_wald = one(method = "D2"), d2_likelihood = one(method = "D2", use = "likelihood"))
}
table_of <- function(p) {
  s <- summary(p, conf.int = TRUE)
  own <- p$pooled
  list(estimate = I(own$estimate), within = I(own$ubar), between = I(own$b), total = I(own$t),
       riv = I(own$riv), lambda = I(own$lambda), fmi = I(own$fmi), df = I(own$df),
       p_value = I(s$p.value), conf_low = I(s[["2.5 %"]]), conf_high = I(s[["97.5 %"]]))
}

pima <- read_frame("pima_missing", list(type = c("No", "Yes")))
imputed <- mice(pima, m = 5, maxit = 5, seed = 20210430, printFlag = FALSE)
filled <- lapply(imputed$imp[c("bp", "skin", "bmi")], function(v)
  list(rows = I(as.integer(rownames(v))), values = unname(as.matrix(v))))
whole <- lapply(1:5, function(i) complete(imputed, i))
fit <- function(formula, by = tighter) lapply(whole, function(d) by(formula, d))
# glm's covariance is that of the step before the last; a fit that starts at its end has the right one.
tighter <- function(formula, data) {
  environment(formula) <- environment()
  from <- coef(tight(formula, data))
  glm(formula, family = binomial, data = data, start = from, control = glm.control(epsilon = 1e-14))
}
full <- fit(type ~ npreg + glu + bp + skin + bmi + ped + age)
small <- fit(type ~ npreg + glu + ped + age)
df_complete <- nrow(pima) - 8
logistic <- c(table_of(pool(as.mira(full))), list(
  table_df = I(pool(as.mira(full))$pooled$dfcom),
  tests = pooled_tests(as.mitml.result(full), as.mitml.result(small), df_complete)))
# mice lets the intercept move where it evaluates the likelihood at the means; its deviances are kept.
d3 <- D3(as.mira(fit(type ~ npreg + glu + bp + skin + bmi + ped + age, tight)),
         as.mira(fit(type ~ npreg + glu + ped + age, tight)))
logistic$tests$d3 <- c(setNames(as.list(as.numeric(d3$result)), c("statistic", "df1", "df2", "p_value", "riv")),
  list(ratios = I(d3$deviances$dev0.M - d3$deviances$dev1.M), at_means = mean(d3$deviances$dev0.L - d3$deviances$dev1.L)))
one <- testModels(as.mitml.result(full), as.mitml.result(fit(type ~ npreg + glu + bp + skin + ped + age)), method = "D1")
logistic$tests$d1_single <- as.list(setNames(as.numeric(one$test), c("statistic", "df1", "df2", "p_value", "riv")))
lung <- read_frame("lung")[, c("time", "status", "age", "sex", "ph.ecog", "wt.loss", "meal.cal")]
lung$event <- as.integer(lung$status == 2)
lung$hazard <- nelsonaalen(lung, time, event)
chained <- mice(lung, m = 5, maxit = 5, seed = 7, printFlag = FALSE)
filled_lung <- lapply(chained$imp[c("ph.ecog", "wt.loss", "meal.cal")], function(v)
  list(rows = I(as.integer(rownames(v))), values = unname(as.matrix(v))))
tight_cox <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
fits <- lapply(1:5, function(i) coxph(Surv(time, event) ~ age + sex + ph.ecog + wt.loss + meal.cal,
                                      complete(chained, i), control = tight_cox))
cox <- c(table_of(pool(as.mira(fits))), list(dfcom = pool(as.mira(fits))$pooled$dfcom[1],
  hazard = I(summary(survfit(Surv(time, event) ~ 1, lung, ctype = 1), times = sort(unique(lung$time)))$cumhaz[
    match(lung$time, sort(unique(lung$time)))])))

# Categories: the regressions that chained equations draw from, fitted to the end.
groups <- read_frame("pima_groups")
groups$bmi_group <- factor(groups$bmi_group, levels = LEVELS$pima_groups$bmi_group)
nominal <- nnet::multinom(bmi_group ~ npreg + glu + age, groups, reltol = 1e-15, abstol = 0, maxit = 5000, trace = FALSE, Hess = TRUE)
ranked <- MASS::polr(bmi_group ~ npreg + glu + age, groups, Hess = TRUE, control = list(reltol = 1e-15, maxit = 5000))
categories <- list(
  polytomous = list(estimate = unname(coef(nominal)), log_likelihood = as.numeric(logLik(nominal)), std_error = unname(summary(nominal)$standard.errors)),
  ordered = list(beta = I(unname(coef(ranked))), zeta = I(unname(ranked$zeta)), log_likelihood = as.numeric(logLik(ranked))))
write_reference("imputation", list(filled = filled, logistic = logistic, filled_lung = filled_lung, cox = cox, categories = categories), c("mice", "mitml", "survival", "nnet", "MASS"))
