# Cox models pooled over imputations that are given with them: mice's rules, mitml's tests, survival's tests and C.
source("scripts/common.R")
suppressPackageStartupMessages({library(mice); library(mitml); library(survival)})

rotterdam <- read_frame("rotterdam", LEVELS$rotterdam)
rotterdam <- rotterdam[rotterdam$pid %% 6 == 0, c("age", "meno", "size", "nodes", "er", "hormon", "rtime", "recur")]
row <- seq_len(nrow(rotterdam))
# What is missing goes with the row's number and with what is known of the patient.
rotterdam$nodes[row %% 5 == 0] <- NA
rotterdam$er[row %% 7 == 1 & rotterdam$meno == 1] <- NA
rotterdam$size[row %% 6 == 2] <- NA
gap <- rotterdam[c("nodes", "er", "size")]
rotterdam$entry <- rotterdam$rtime * (row %% 4) / 10
rotterdam$hazard <- nelsonaalen(rotterdam, rtime, recur)
chained <- mice(rotterdam[c("age", "meno", "size", "nodes", "er", "hormon", "recur", "hazard")], m = 6, maxit = 5,
                seed = 20210430, printFlag = FALSE)
filled <- lapply(setNames(names(gap), names(gap)), function(name) list(
  rows = I(which(is.na(gap[[name]]))),
  values = unname(sapply(chained$imp[[name]], function(v) if (is.factor(v)) as.integer(v) - 1L else as.numeric(v)))))
tables <- lapply(1:6, function(i) cbind(complete(chained, i), rotterdam[c("rtime", "entry")]))
tight_cox <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
fit_all <- function(right, left = "Surv(rtime, recur)", ties = "efron") {
  formula <- as.formula(paste(left, "~", right))
  lapply(tables, function(d) eval(bquote(coxph(.(formula), d, control = tight_cox, ties = .(ties), x = TRUE))))
}
pooled <- function(fits) {
  p <- pool(as.mira(fits))
  s <- summary(p, conf.int = TRUE)
  list(estimate = I(p$pooled$estimate), std_error = I(s$std.error), df = I(p$pooled$df), p_value = I(s$p.value),
       conf_low = I(s[["2.5 %"]]), conf_high = I(s[["97.5 %"]]), fmi = I(p$pooled$fmi), df_complete = p$pooled$dfcom[1])
}
test <- function(full, small, ...) as.list(setNames(
  as.numeric(testModels(as.mitml.result(full), as.mitml.result(small), ...)$test), c("statistic", "df1", "df2", "p_value", "riv")))
FULL <- "age + size + nodes + sqrt(nodes) + hormon + er + age:hormon"
full <- fit_all(FULL)
df_complete <- full[[1]]$nevent - length(coef(full[[1]]))
without <- list(
  size = "age + nodes + sqrt(nodes) + hormon + er + age:hormon",
  nodes = "age + size + hormon + er + age:hormon",
  `nodes nonlinear` = "age + size + nodes + hormon + er + age:hormon",
  `age:hormon` = "age + size + nodes + sqrt(nodes) + hormon + er",
  age = "size + nodes + sqrt(nodes) + hormon + er")
tests <- lapply(without, function(right) {
  small <- fit_all(right)
  list(d1 = test(full, small, method = "D1", df.com = df_complete), d2 = test(full, small, method = "D2"))
})
# D3 of Meng and Rubin, written out: mitml has it for other models only.
plain <- fit_all("age + size + nodes + hormon")
small <- fit_all("age + nodes + hormon")
means <- function(fits) rowMeans(sapply(fits, coef))
at <- function(fits, beta) mapply(function(fit, d) {
  held <- coxph(formula(fit), d, init = beta, control = coxph.control(iter.max = 0))
  held$loglik[2]
}, fits, tables)
own <- 2 * (sapply(plain, function(f) f$loglik[2]) - sapply(small, function(f) f$loglik[2]))
at_means <- mean(2 * (at(plain, means(plain)) - at(small, means(small))))
m <- 6; k <- 2; t <- k * (m - 1)
riv <- (m + 1) / (k * (m - 1)) * (mean(own) - at_means)
statistic <- at_means / (k * (1 + riv))
df2 <- 4 + (t - 4) * (1 + (1 - 2 / t) / riv)^2
d3 <- list(statistic = statistic, df2 = df2, p_value = pf(statistic, k, df2, lower.tail = FALSE))

# C of the pooled coefficients in each table, pooled as a logit.
beta <- means(plain)
shares <- function(...) {
  found <- lapply(seq_along(tables), function(i) {
    d <- tables[[i]]
    d$score <- drop(plain[[i]]$x %*% beta)
    own <- concordance(Surv(rtime, recur) ~ score, d, reverse = TRUE, ...)
    c(own$concordance, sqrt(own$var))
  })
  found <- do.call(rbind, found)
  one <- pool.scalar(qlogis(found[, 1]), (found[, 2] / (found[, 1] * (1 - found[, 1])))^2, n = nrow(rotterdam), k = 1)
  list(estimate = plogis(one$qbar), conf_low = plogis(one$qbar - qt(0.975, one$df) * sqrt(one$t)),
       conf_high = plogis(one$qbar + qt(0.975, one$df) * sqrt(one$t)))
}
horizons <- c(730, 1826)
hazard <- rowMeans(mapply(function(fit, d) {
  held <- coxph(formula(fit), d, init = beta, control = coxph.control(iter.max = 0), model = TRUE, x = TRUE)
  base <- basehaz(held, centered = FALSE)
  sapply(horizons, function(h) max(0, base$hazard[base$time <= h]))
}, plain, tables))

zph <- lapply(plain, function(f) cox.zph(f, transform = "km")$table)
d2_of <- function(statistics, k) {  # Li, Meng, Raghunathan and Rubin
  r <- (1 + 1 / m) * var(sqrt(statistics))
  found <- (mean(statistics) / k - (m + 1) / (m - 1) * r) / (1 + r)
  c(max(0, found), pf(max(0, found), k, k^(-3 / m) * (m - 1) * (1 + 1 / r)^2, lower.tail = FALSE))
}
proportional <- t(sapply(seq_len(nrow(zph[[1]])), function(i)
  d2_of(sapply(zph, function(z) z[i, "chisq"]), zph[[1]][i, "df"])))

missingness <- lapply(gap, function(v) {
  found <- survdiff(Surv(rtime, recur) ~ is.na(v), rotterdam)
  lengths <- summary(survfit(Surv(rtime, 1 - recur) ~ is.na(v), rotterdam))$table[, "median"]
  list(n_missing = sum(is.na(v)), n_missing_event = sum(is.na(v) & rotterdam$recur == 1),
       p_value = pchisq(found$chisq, 1, lower.tail = FALSE), follow_up_known = lengths[[1]], follow_up_missing = lengths[[2]])
})
write_reference("imputation_cox", list(
  filled = filled, full = c(list(terms = FULL), pooled(full)), tests = tests,
  plain = pooled(plain), d3_size = d3, harrell = shares(), uno = shares(timewt = "n/G2", ymax = 1826),
  baseline = list(horizons = I(horizons), hazard = I(hazard)),
  proportional = list(term = I(rownames(zph[[1]])), statistic = I(proportional[, 1]), p_value = I(proportional[, 2])),
  breslow = pooled(fit_all("age + size + nodes", ties = "breslow")),
  strata = pooled(fit_all("age + nodes + strata(meno)")),
  entry = pooled(fit_all("age + nodes", left = "Surv(entry, rtime, recur)")),
  missingness = missingness), c("mice", "mitml", "survival"))
