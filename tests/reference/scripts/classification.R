# Classification at thresholds: shares by prop.test and binom.test, likelihood ratios and square-and-add
# by their formulas, rows of patients by survey; by a horizon with weights from the censoring curve,
# whose standard errors come from the derivative by the weight of each patient.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(survey)})
z <- qnorm(0.975)

share <- function(a, n) {
  if (n == 0) return(list(estimate = NA, wilson = c(NA, NA), exact = c(NA, NA)))
  list(estimate = a / n, wilson = suppressWarnings(prop.test(a, n, correct = FALSE)$conf.int)[1:2], exact = binom.test(a, n)$conf.int[1:2])
}
ratio <- function(a, n, b, m) {
  error <- sqrt(1 / a - 1 / n + 1 / b - 1 / m)
  list(estimate = (a / n) / (b / m), limits = exp(log((a / n) / (b / m)) + c(-1, 1) * z * error))
}
added <- function(s, p, how, weights) {
  value <- weights[1] * s$estimate + weights[2] * p$estimate
  l <- weights * c(s$estimate - s[[how]][1], p$estimate - p[[how]][1]); u <- weights * c(s[[how]][2] - s$estimate, p[[how]][2] - p$estimate)
  c(value, value - sqrt(sum(l^2)), value + sqrt(sum(u^2)))
}
at <- function(y, p, t, prevalence) {
  tp <- sum(p >= t & y == 1); fp <- sum(p >= t & y == 0); fn <- sum(p < t & y == 1); tn <- sum(p < t & y == 0)
  s <- share(tp, tp + fn); q <- share(tn, tn + fp)
  list(threshold = t, counts = as.integer(c(tp, fp, fn, tn)), sensitivity = s, specificity = q, ppv = share(tp, tp + fp), npv = share(tn, tn + fn),
       accuracy = share(tp + tn, length(y)), flagged = share(tp + fp, length(y)),
       youden = list(wilson = added(s, q, "wilson", c(1, 1)) - 1, exact = added(s, q, "exact", c(1, 1)) - 1),
       accuracy_population = added(s, q, "wilson", c(prevalence, 1 - prevalence)),
       flagged_population = added(s, share(fp, tn + fp), "wilson", c(prevalence, 1 - prevalence)),
       lr_positive = ratio(tp, tp + fn, fp, tn + fp), lr_negative = ratio(fn, tp + fn, tn, tn + fp))
}
pt <- pima(); te <- pima("pima_te"); pv <- pvp()
case <- function(y, p, thresholds) list(event = as.integer(y), risk = p, prevalence = 0.05, rows = lapply(sort(thresholds), function(t) at(y, p, t, 0.05)))
cases <- list(
  pima = case(te$type == "Yes", unname(predict(tight(type ~ npreg + glu + bp + bmi + ped + age, pt), te, type = "response")), c(0.1, 0.3, 0.5)),
  pvp = { f <- unname(fitted(tight(pain ~ cleft + fascia + muscle + cement, pv))); case(pv$pain, f, c(0.1, sort(unique(f))[8], 0.3)) })

# Vertebrae within patients.
cl <- read_frame("clusters", LEVELS$clusters)
f <- unname(fitted(tight(leak ~ age + height_loss_pct + grade, cl)))
cut <- unname(quantile(f, 0.7))
cl$y <- cl$leak; cl$up <- as.integer(f >= cut); cl$right <- as.integer(cl$y == cl$up)
design <- svydesign(ids = ~patient, weights = ~1, data = cl)
mean_se <- function(d, v) { m <- svymean(v, d); c(unname(coef(m)), unname(SE(m))) }
whole <- svytotal(~I(up * y) + y + I((1 - up) * (1 - y)) + I(1 - y), design)
names(whole) <- c("w1", "w2", "w3", "w4")
contrast <- function(e) { m <- svycontrast(whole, e); c(unname(coef(m)), unname(SE(m))) }
clustered <- list(event = cl$y, risk = f, patient = cl$patient, threshold = cut,
  sensitivity = mean_se(subset(design, y == 1), ~up), specificity = 1 - mean_se(subset(design, y == 0), ~up),
  ppv = mean_se(subset(design, up == 1), ~y), npv = 1 - mean_se(subset(design, up == 0), ~y),
  accuracy = mean_se(design, ~right), flagged = mean_se(design, ~up),
  youden = contrast(quote(w1 / w2 + w3 / w4 - 1)), log_lr_positive = contrast(quote(log(w1 / w2) - log(1 - w3 / w4))),
  log_lr_negative = contrast(quote(log(1 - w1 / w2) - log(w3 / w4))))
clustered$specificity[2] <- 1 - clustered$specificity[2]; clustered$npv[2] <- 1 - clustered$npv[2]

# By a horizon; no two times are tied.
values <- function(time, status, up, h, w) {
  censored <- survfit(Surv(time, status == 0) ~ 1, weights = w)
  g <- stepfun(censored$time, c(1, censored$surv))
  fate <- ifelse(time <= h & status != 0, 1 / g(time - 1e-9), ifelse(time > h, 1 / g(h), 0)) * w
  case <- time <= h & status == 1; n <- sum(w)
  se <- sum((fate * up)[case]) / sum(fate[case]); sp <- sum((fate * !up)[!case]) / sum(fate[!case])
  c(sensitivity = se, specificity = sp, ppv = sum((fate * up)[case]) / sum(w * up), npv = sum((fate * !up)[!case]) / sum(w * !up),
    accuracy = (sum((fate * up)[case]) + sum((fate * !up)[!case])) / n, youden = se + sp - 1,
    log_lr_positive = log(se / (1 - sp)), log_lr_negative = log((1 - se) / sp))
}
followed <- function(time, status, risk, h, t) {
  up <- risk >= t; n <- length(time); one <- rep(1, n); step <- 1e-4
  slope <- vapply(seq_len(n), function(i) {
    v <- function(s) values(time, status, up, h, replace(one, i, 1 + s))
    (8 * (v(step) - v(-step)) - (v(2 * step) - v(-2 * step))) / (12 * step)
  }, numeric(8))
  list(time = time, status = as.integer(status), risk = risk, horizon = h, threshold = t, estimate = named(values(time, status, up, h, one)),
       std_error = named(sqrt(rowSums(slope^2) * n / (n - 1))))
}
lung <- read_frame("lung"); mgus2 <- read_frame("mgus2"); mgus2 <- mgus2[seq(1, nrow(mgus2), 4), ]
ecog <- ifelse(is.na(lung$ph.ecog), 1, lung$ph.ecog)
timed <- list(
  lung = followed(lung$time + seq_len(nrow(lung)) / 1000, lung$status - 1, 1 - exp(-0.7 * exp(0.3 * (lung$sex == 1) + 0.45 * (ecog - 1))), 365.5, 0.5),
  mgus2 = followed(mgus2$months + seq_len(nrow(mgus2)) / 1e5, mgus2$status, plogis(-3.5 + 0.6 * ifelse(is.na(mgus2$mspike), 1.2, mgus2$mspike)), 120.5, 0.08))
write_reference("classification", list(cases = cases, clustered = clustered, timed = timed), c("survey", "survival"))
