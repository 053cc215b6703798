# Explained variation of given risks by its formulas; of time to the event by survival::royston and rms.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival)})
r2 <- function(y, p) {
  n <- length(y); own <- sum(ifelse(y == 1, log(p), log(1 - p))); null <- sum(dbinom(y, 1, mean(y), log = TRUE))
  list(nagelkerke = (1 - exp(2 * (null - own) / n)) / (1 - exp(2 * null / n)), cox_snell = 1 - exp(2 * (null - own) / n),
       mcfadden = 1 - own / null, tjur = mean(p[y == 1]) - mean(p[y == 0]))
}
tested <- function(y, p, groups) {
  cut <- droplevels(cut(p, unique(quantile(p, seq(0, 1, length.out = groups + 1))), include.lowest = TRUE))
  o <- tapply(y, cut, sum); e <- tapply(p, cut, sum); n <- tapply(y, cut, length)
  s <- sum((o - e)^2 / (e * (1 - e / n)))
  list(n = as.integer(n), observed = as.integer(o), expected = as.numeric(e), statistic = s, p_new = pchisq(s, length(n), lower.tail = FALSE),
       p_fitted = pchisq(s, length(n) - 2, lower.tail = FALSE))
}
pt <- pima(); te <- pima("pima_te"); pv <- pvp()
f_pt <- tight(type ~ npreg + glu + bp + skin + bmi + ped + age, pt)
case <- function(y, p) list(event = as.integer(y), risk = p, r2 = r2(y, p), test = tested(y, p, 10))
cases <- list(pima = case(as.integer(te$type == "Yes"), unname(predict(f_pt, te, type = "response"))),
              pvp = case(pv$pain, unname(fitted(tight(pain ~ cleft + fascia + muscle, pv)))))

control <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
timed <- function(formula, data) {
  fit <- coxph(formula, data, control = control, x = TRUE)
  s <- royston(fit); y <- fit$y
  # royston does not iterate to the end: its model of the scores again
  z <- qnorm((rank(fit$linear.predictors, ties.method = "first") - 3 / 8) / (length(y) + 1 / 4)) / sqrt(8 / pi)
  z <- ave(z, fit$linear.predictors)
  again <- coxph(y ~ z, control = control)
  n <- fit$n; null <- fit$loglik[1]; own <- fit$loglik[2]
  list(time = as.numeric(y[, 1]), event = as.integer(y[, 2]), linear = unname(fit$linear.predictors), royston = named(s),
       d = unname(coef(again)), d_se = sqrt(again$var[1, 1]),
       nagelkerke = (1 - exp(2 * (null - own) / n)) / (1 - exp(2 * null / n)))
}
lung <- read_frame("lung"); lung <- lung[!is.na(lung$ph.ecog), ]
timed <- list(lung = timed(Surv(time, status) ~ age + sex + ph.ecog, lung), lung_tied = timed(Surv(time, status) ~ ph.ecog, lung),
              veteran = timed(Surv(time, status) ~ karno + age, read_frame("veteran")))
write_reference("variation", list(cases = cases, timed = timed), "survival")
