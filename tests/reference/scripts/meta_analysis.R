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

write_reference("meta_analysis", list(sets = lapply(sets, function(d) list(estimates = I(d$yi), std_errors = I(d$sei))), pooled = pooled),
                c("metafor", "metadat"))
