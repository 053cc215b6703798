# Reclassification: Hmisc::improveProb of risks (continuous NRI, IDI) and of categories; by a horizon
# by hand, with Kaplan-Meier or prodlim among those who move, and weights from the censoring curve.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(Hmisc); library(prodlim)})

improved <- function(old, new, y) {
  f <- improveProb(old, new, y)
  list(nri = f$nri, nri_se = f$se.nri, nri_events = f$nri.ev, nri_events_se = f$se.nri.ev,
       nri_others = f$nri.ne, nri_others_se = f$se.nri.ne, idi = f$idi, idi_se = f$se.idi,
       idi_events = f$improveSens, idi_others = f$improveSpec)
}
place <- function(p, thresholds) findInterval(p, thresholds) / (length(thresholds) + 1)
benefit <- function(y, p, t) vapply(t, function(t) mean((p >= t) * ifelse(y == 1, 1, -t / (1 - t))), 0)

case <- function(y, old, new, thresholds) {
  a <- place(old, thresholds); b <- place(new, thresholds)
  list(event = as.integer(y), old = old, new = new, thresholds = I(thresholds), continuous = improved(old, new, y),
       categories = improved(a, b, y), counts = as.matrix(unclass(table(factor(a, levels = 0:length(thresholds) / (length(thresholds) + 1)),
                                                              factor(b, levels = 0:length(thresholds) / (length(thresholds) + 1))))),
       benefit_old = I(benefit(y, old, thresholds)), benefit_new = I(benefit(y, new, thresholds)))
}

pt <- pima(); te <- pima("pima_te"); pv <- pvp()
risk <- function(formula) unname(predict(tight(formula, pt), te, type = "response"))
pain <- function(formula) unname(fitted(tight(formula, pv)))
cases <- list(
  pima = case(te$type == "Yes", risk(type ~ bmi + age), risk(type ~ bmi + age + glu), c(0.1, 0.3, 0.6)),
  pima_noise = case(te$type == "Yes", risk(type ~ glu + bmi), risk(type ~ glu + bmi + skin), 0.3),
  # few covariate patterns: most risks are tied
  pvp = case(pv$pain == 1, pain(pain ~ cleft), pain(pain ~ cleft + fascia + muscle), c(0.1, 0.2)))

incidence <- function(time, status, h) {
  if (any(status == 2)) {
    fit <- prodlim(Hist(time, status) ~ 1, data = data.frame(time = time, status = status))
    as.numeric(predict(fit, times = h, cause = 1, type = "cuminc"))
  } else 1 - summary(survfit(Surv(time, status) ~ 1), times = h)$surv
}
prospective <- function(moved, time, status, h) {
  f <- incidence(time, status, h)
  part <- function(sign) {
    inside <- moved == sign
    if (!any(inside)) return(c(0, 0))
    g <- incidence(time[inside], status[inside], h)
    mean(inside) * c(g, 1 - g)
  }
  up <- part(1); down <- part(-1)
  events <- (up[1] - down[1]) / f; others <- (down[2] - up[2]) / (1 - f)
  c(events + others, events, others)
}
followed <- function(time, status, old, new, h, thresholds) {
  # no time is tied: the censoring curve just before each patient's time
  censored <- survfit(Surv(time, status == 0) ~ 1)
  g <- stepfun(censored$time, c(1, censored$surv))
  weight <- ifelse(time <= h & status != 0, 1 / g(time - 1e-9), ifelse(time > h, 1 / g(h), 0))
  cases <- time <= h & status == 1
  d <- new - old
  events <- sum((weight * d)[cases]) / sum(weight[cases]); others <- sum((weight * d)[!cases]) / sum(weight[!cases])
  list(time = time, status = as.integer(status), old = old, new = new, horizon = h, thresholds = I(thresholds),
       nri = prospective(sign(place(new, thresholds) - place(old, thresholds)), time, status, h),
       nri_continuous = prospective(sign(new - old), time, status, h), idi = c(events - others, events, -others))
}
lung <- read_frame("lung"); mgus2 <- read_frame("mgus2")
lung_risk <- function(lp) 1 - exp(-(365.5 / 500)^1.1 * exp(lp))
ecog <- ifelse(is.na(lung$ph.ecog), 1, lung$ph.ecog)
spike <- ifelse(is.na(mgus2$mspike), 1.2, mgus2$mspike)
timed <- list(
  lung = followed(lung$time + seq_len(nrow(lung)) / 1000, lung$status - 1, lung_risk(0.3 * (lung$sex == 1)),
                  lung_risk(0.3 * (lung$sex == 1) + 0.45 * (ecog - 1)), 365.5, c(0.45, 0.6)),
  mgus2 = followed(mgus2$months + seq_len(nrow(mgus2)) / 1e5, mgus2$status, plogis(-3.2 + 0.2 * spike), plogis(-4 + 0.9 * spike), 120.5, c(0.05, 0.1)))
write_reference("reclassification", list(cases = cases, timed = timed), c("Hmisc", "survival", "prodlim"))
