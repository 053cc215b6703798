# Pooling of studies: metafor, with its searches run to the last digit.
source("scripts/common.R")
suppressPackageStartupMessages({library(metafor); library(metadat)})
tight <- function(yi) list(threshold = 1e-12 * var(yi), maxiter = 100000, tol = 1e-14, tau2.max = 1e10)
METHODS <- c("REML", "DL", "PM", "ML", "HE", "SJ")

simulated <- function(k, tau, draw, low = 0.1, high = 0.6) {
  set.seed(draw)
  s <- exp(runif(k, log(low), log(high)))
  list(yi = 0.4 + rnorm(k, 0, tau) + rnorm(k, 0, s), sei = s)
}
bcg <- escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
pain <- list(xi = c(14L, 18L, 61L, 37L), ni = c(150L, 120L, 1120L, 268L))
plo <- function(d) { e <- escalc(measure = "PLO", xi = d$xi, ni = d$ni); list(yi = c(e$yi), sei = sqrt(c(e$vi))) }
same <- simulated(6, 0, 11); same$yi <- 0.2 + (same$yi - 0.4) / 10
sets <- list(
  bcg = list(yi = c(bcg$yi), sei = sqrt(c(bcg$vi))), pain = plo(pain),
  two = simulated(2, 0.5, 1), three = simulated(3, 0.4, 2), five = simulated(5, 0.6, 3), thirteen = simulated(13, 0.3, 4),
  forty_eight = simulated(48, 0.25, 5), homogeneous = same, two_alike = list(yi = c(0.30, 0.32), sei = c(0.2, 0.3)),
  one_large = simulated(7, 0.3, 6, 0.001, 1), huge_spread = {d <- simulated(8, 1, 7); list(yi = d$yi * 1e4, sei = d$sei)},
  tiny_unit = {d <- simulated(9, 0.4, 8); list(yi = d$yi * 1e-3, sei = d$sei * 1e-3)})

numbers <- function(r, level = 95) {
  random <- r$method != "FE"
  p <- predict(r, level = level); z <- predict(r, level = level, pi.type = "riley")
  ci <- if (random) confint(r, level = level, control = list(tol = 1e-14, tau2.max = 1e12))$random
  list(estimate = c(r$beta), std_error = r$se, conf_low = p$ci.lb, conf_high = p$ci.ub, statistic = r$zval, p_value = r$pval,
       tau2 = r$tau2, tau2_std_error = if (random) r$se.tau2 else NA, tau2_low = if (random) ci[1, 2] else NA,
       tau2_high = if (random) ci[1, 3] else NA, i2 = r$I2, i2_low = if (random) ci[3, 2] else NA, i2_high = if (random) ci[3, 3] else NA,
       h2 = r$H2, q = r$QE, q_df = r$k - 1L, q_p_value = r$QEp,
       prediction_low = if (random) p$pi.lb else NA, prediction_high = if (random) p$pi.ub else NA,
       riley_low = if (random && r$k > 2) z$pi.lb else NA, riley_high = if (random && r$k > 2) z$pi.ub else NA,
       weights = I(unname(weights(r))))
}
pooled <- list()
for (name in names(sets)) for (method in c(METHODS, "FE")) for (test in if (method == "FE") "z" else c("knha", "z")) {
  d <- sets[[name]]
  level <- if (name == "five") 90 else 95
  r <- suppressWarnings(rma(d$yi, sei = d$sei, method = method, test = test, level = level, control = tight(d$yi)))
  pooled <- c(pooled, list(c(list(set = name, method = method, test = test, level = level / 100), numbers(r, level))))
}


# Proportions: the binomial-normal model with a search to the last digits; glmer by default stops at about 1e-5.
LAST <- list(glmerCtrl = list(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.02, rhoend = 1e-9, maxfun = 1e5), tolPwrss = 1e-12))
set.seed(21)
counts <- list(pain = pain,
  rare = list(xi = c(0L, 3L, 1L, 0L, 7L, 2L, 0L), ni = c(40L, 210L, 95L, 60L, 150L, 300L, 25L)),
  alike = list(xi = c(0L, 0L, 1L, 0L, 2L), ni = c(20L, 30L, 25L, 40L, 50L)),
  full = list(xi = c(10L, 17L, 19L, 5L), ni = c(10L, 20L, 20L, 9L)),
  many = {n <- as.integer(round(exp(runif(24, 3, 7)))); list(xi = rbinom(24, n, plogis(rnorm(24, -3, 0.7))), ni = n)},
  two = list(xi = c(4L, 30L), ni = c(100L, 120L)))
mixed <- lapply(names(counts), function(name) {
  d <- counts[[name]]
  one <- function(control) suppressWarnings(rma.glmm(measure = "PLO", xi = d$xi, ni = d$ni, control = control))
  r <- one(LAST); p <- predict(r); usual <- one(list())
  list(set = name, events = I(d$xi), sizes = I(d$ni), estimate = c(r$beta), std_error = r$se, conf_low = p$ci.lb, conf_high = p$ci.ub,
       statistic = r$zval, p_value = r$pval, tau2 = r$tau2, i2 = r$I2, h2 = r$H2, q = r$QE.LRT, q_df = r$QE.df, q_p_value = r$QEp.LRT,
       prediction_low = p$pi.lb, prediction_high = p$pi.ub,
       default = list(estimate = c(usual$beta), std_error = usual$se, tau2 = usual$tau2))
})
sized <- function(e) list(estimates = I(c(e$yi)), std_errors = I(sqrt(c(e$vi))))
shares <- lapply(counts, function(d) sized(escalc(measure = "PLO", xi = d$xi, ni = d$ni)))
tables <- list(a = c(dat.bcg$tpos[1:6], 0L, 5L, 0L), n = c((dat.bcg$tpos + dat.bcg$tneg)[1:6], 30L, 5L, 20L),
               c = c(dat.bcg$cpos[1:6], 4L, 2L, 0L), m = c((dat.bcg$cpos + dat.bcg$cneg)[1:6], 28L, 9L, 22L))
odds <- c(lapply(tables, I), sized(escalc(measure = "OR", ai = tables$a, n1i = tables$n, ci = tables$c, n2i = tables$m)))

# One study left out at a time, and one added at a time.
row <- function(r) list(k = r$k, estimate = c(r$beta), std_error = r$se, conf_low = r$ci.lb, conf_high = r$ci.ub, p_value = r$pval,
                        tau2 = r$tau2, i2 = r$I2, h2 = r$H2, q = r$QE, q_p_value = r$QEp)
fit <- function(d, keep, method = "REML", test = "knha") rma(d$yi[keep], sei = d$sei[keep], method = method, test = test, control = tight(d$yi))
left <- list()
for (name in c("bcg", "five", "three")) for (method in c("REML", "DL")) {
  d <- sets[[name]]
  left <- c(left, list(list(set = name, method = method,
    omitted = lapply(seq_along(d$yi), function(i) row(fit(d, -i, method))),
    first = lapply(2:length(d$yi), function(i) row(fit(d, 1:i, method))))))
}

# Moderators: latitude and year of dat.bcg, and its kind of allocation.
d <- sets$bcg
mods <- list(ablat = ~ ablat, both = ~ ablat + year, alloc = ~ alloc, mixed = ~ ablat + alloc)
regressions <- list()
for (name in names(mods)) for (method in c("REML", "DL", "PM", "FE")) for (test in if (method == "FE") "z" else c("knha", "z")) {
  r <- rma(d$yi, sei = d$sei, mods = mods[[name]], data = dat.bcg, method = method, test = test, control = tight(d$yi))
  ci <- if (method != "FE") confint(r, control = list(tol = 1e-14, tau2.max = 1e12))$random
  regressions <- c(regressions, list(list(mods = name, method = method, test = test, terms = I(rownames(r$beta)), estimate = I(c(r$beta)),
    std_error = I(r$se), statistic = I(r$zval), p_value = I(r$pval), conf_low = I(r$ci.lb), conf_high = I(r$ci.ub), tau2 = r$tau2,
    tau2_std_error = if (method == "FE") NA else r$se.tau2, tau2_low = if (method == "FE") NA else ci[1, 2],
    tau2_high = if (method == "FE") NA else ci[1, 3], i2 = r$I2, h2 = r$H2, r2 = r$R2, qe = r$QE, qe_df = r$k - r$p,
    qe_p_value = r$QEp, qm = r$QM, qm_df = r$QMdf[1], qm_df2 = r$QMdf[2], qm_p_value = r$QMp)))
}

# Subgroups with a tau2 each; between them the Wald test of their estimates.
groups <- dat.bcg$alloc
subgroups <- lapply(c("knha", "z"), function(test) {
  parts <- lapply(sort(unique(groups)), function(g) fit(d, groups == g, test = test))
  between <- rma(sapply(parts, function(r) c(r$beta)), sei = sapply(parts, function(r) r$se), method = "FE")
  list(test = test, groups = I(sort(unique(groups))), parts = lapply(parts, row), q = between$QE, q_df = between$k - 1L, q_p_value = between$QEp)
})

# Egger's test, classical and with a random effect.
egger <- list()
for (name in c("bcg", "thirteen", "three", "forty_eight", "pain")) {
  e <- sets[[name]]
  t1 <- regtest(e$yi, sei = e$sei, model = "lm")
  t2 <- regtest(rma(e$yi, sei = e$sei, control = tight(e$yi)), model = "rma")
  t3 <- regtest(rma(e$yi, sei = e$sei, test = "knha", control = tight(e$yi)), model = "rma")
  one <- function(t, kind) list(set = name, kind = kind, statistic = c(t$zval), p_value = c(t$pval), df = if (is.null(t$dfs)) NA else t$dfs,
    limit = c(t$est), limit_low = c(t$ci.lb), limit_high = c(t$ci.ub))
  egger <- c(egger, list(one(t1, "lm"), one(t2, "rma-z"), one(t3, "rma-knha")))
}

write_reference("meta_analysis", list(
  sets = lapply(sets, function(d) list(estimates = I(d$yi), std_errors = I(d$sei))), pooled = pooled, mixed = mixed, shares = shares,
  odds = odds, left = left, bcg = list(ablat = I(dat.bcg$ablat), year = I(dat.bcg$year), alloc = I(dat.bcg$alloc)),
  regressions = regressions, subgroups = subgroups, egger = egger), c("metafor", "metadat", "lme4"))
