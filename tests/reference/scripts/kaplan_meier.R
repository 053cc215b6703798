# Survival curves, the log-rank test and concordance, by the survival package.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

lung <- read_frame("lung"); lung$event <- as.integer(lung$status == 2)
veteran <- read_frame("veteran"); veteran$event <- veteran$status
gbsg <- read_frame("gbsg"); gbsg$time <- gbsg$rfstime; gbsg$event <- gbsg$status
rotterdam <- read_frame("rotterdam"); rotterdam$time <- rotterdam$rtime; rotterdam$event <- rotterdam$recur
# Few distinct times: many ties, among them events and censorings at one time.
lung$month <- ceiling(lung$time / 61)
# Late entry: whoever is followed for longer than his age less 39 years in weeks enters then.
lung$entry <- ifelse((lung$age - 39) * 7 < lung$time, (lung$age - 39) * 7, 0)
frames <- list(lung = lung, veteran = veteran, gbsg = gbsg, rotterdam = rotterdam)

curve <- function(data, time, group = NULL, weights = NULL, conf_type = "log-log", entry = NULL, times = NULL) {
  d <- frames[[data]]
  y <- if (is.null(entry)) Surv(d[[time]], d$event) else Surv(d[[entry]], d[[time]], d$event)
  g <- if (is.null(group)) rep(1, nrow(d)) else d[[group]]
  w <- if (is.null(weights)) rep(1, nrow(d)) else rep_len(weights, nrow(d))
  fit <- survfit(y ~ g, weights = w, conf.type = conf_type)
  s <- summary(fit, censored = TRUE)
  at <- summary(fit, times = times)
  one <- is.null(fit$strata)
  label <- function(x) if (one) rep("all", length(x$time)) else sub("g=", "", as.character(x$strata))
  q <- quantile(fit, 0.5)
  rmean <- survival:::survmean(fit, rmean = max(times))$matrix
  rmean <- if (one) t(rmean) else rmean
  list(data = data, time = time, group = group, weights = weights, entry = entry, conf_type = conf_type,
       curve = data.frame(group = label(s), time = s$time, n_risk = as.double(s$n.risk), n_event = as.double(s$n.event),
                          survival = s$surv, std_error = s$std.err, conf_low = s$lower, conf_high = s$upper),
       at = data.frame(group = label(at), time = at$time, n_risk = as.double(at$n.risk), survival = at$surv,
                       std_error = at$std.err, conf_low = at$lower, conf_high = at$upper),
       median = I(as.double(q$quantile)), median_low = I(as.double(q$lower)), median_high = I(as.double(q$upper)),
       horizon = max(times), restricted_mean = I(unname(rmean[, 5])), restricted_mean_error = I(unname(rmean[, 6])))
}

curves <- list(
  lung = curve("lung", "time", times = c(5, 100, 365, 700)),
  lung_log = curve("lung", "time", conf_type = "log", times = c(100, 365)),
  lung_plain = curve("lung", "time", conf_type = "plain", times = c(100, 365)),
  lung_by_sex = curve("lung", "time", group = "sex", times = c(100, 365, 700)),
  lung_tied = curve("lung", "month", group = "sex", times = c(3, 4, 10)),
  lung_frequencies = curve("lung", "time", weights = c(1, 2, 0.0 + 3), times = c(100, 365)),
  lung_weighted = curve("lung", "time", weights = c(0.5, 1.25, 2.1), group = "sex", times = c(100, 365)),
  lung_weighted_entry = curve("lung", "time", weights = c(0.5, 1.25, 2.1), entry = "entry", times = c(100, 365)),
  lung_entry = curve("lung", "time", entry = "entry", times = c(100, 365)),
  veteran = curve("veteran", "time", group = "celltype", times = c(30, 90, 180)),
  gbsg = curve("gbsg", "time", group = "grade", times = c(365, 1825)))

ranks <- function(data, group, time = "time", strata = NULL, rho = 0) {
  d <- frames[[data]]
  d <- d[!is.na(d[[group]]), ]
  f <- if (is.null(strata)) as.formula(sprintf("Surv(%s, event) ~ %s", time, group)) else
    as.formula(sprintf("Surv(%s, event) ~ %s + strata(%s)", time, group, strata))
  test <- survdiff(f, d, rho = rho)
  per_group <- function(x) I(as.double(if (is.matrix(x)) rowSums(x) else x))
  list(data = data, time = time, group = group, strata = strata, rho = rho, statistic = test$chisq,
       df = length(test$n) - 1L, p_value = pchisq(test$chisq, length(test$n) - 1, lower.tail = FALSE),
       observed = per_group(test$obs), expected = per_group(test$exp))
}
tests <- list(
  lung_sex = ranks("lung", "sex"), lung_ecog = ranks("lung", "ph.ecog"),
  lung_strata = ranks("lung", "ph.ecog", strata = "sex"), lung_tied = ranks("lung", "sex", time = "month"),
  lung_rho = ranks("lung", "sex", rho = 1), lung_rho_strata = ranks("lung", "ph.ecog", strata = "sex", rho = 0.5),
  veteran = ranks("veteran", "celltype"), veteran_strata = ranks("veteran", "celltype", strata = "prior"),
  gbsg = ranks("gbsg", "grade"), rotterdam = ranks("rotterdam", "size"))

pairs <- function(data, score, time = "time", kind = "harrell", tau = NULL, strata = NULL, weights = NULL, entry = NULL) {
  d <- frames[[data]]
  y <- if (is.null(entry)) Surv(d[[time]], d$event) else Surv(d[[entry]], d[[time]], d$event)
  w <- if (is.null(weights)) rep(1, nrow(d)) else rep_len(weights, nrow(d))
  s <- if (is.null(strata)) rep(1, nrow(d)) else d[[strata]]
  fit <- survival:::concordancefit(y, d[[score]], s, w, ymax = tau, reverse = TRUE, keepstrata = FALSE,
                                   timewt = if (kind == "uno") "n/G2" else "n")
  list(data = data, score = score, time = time, kind = kind, tau = tau, strata = strata, weights = weights, entry = entry,
       estimate = unname(fit$concordance), variance = fit$var, count = I(unname(fit$count)))
}
concordances <- list(
  lung = pairs("lung", "age"), lung_tied = pairs("lung", "age", time = "month"),
  lung_strata = pairs("lung", "age", strata = "sex"), lung_weights = pairs("lung", "age", weights = c(1, 2, 0.5)),
  lung_entry = pairs("lung", "age", entry = "entry"),
  lung_entry_tied = pairs("lung", "age", entry = "entry", weights = c(1, 2, 0.5), strata = "sex"),
  lung_uno = pairs("lung", "age", kind = "uno"), lung_uno_tied = pairs("lung", "age", time = "month", kind = "uno"),
  lung_uno_tau = pairs("lung", "age", kind = "uno", tau = 500, weights = c(0.5, 1, 1.5)),
  lung_uno_strata = pairs("lung", "age", kind = "uno", strata = "sex"),
  lung_tau = pairs("lung", "age", tau = 365),
  veteran = pairs("veteran", "karno"), gbsg = pairs("gbsg", "nodes"), gbsg_uno = pairs("gbsg", "nodes", kind = "uno", tau = 1825),
  rotterdam = pairs("rotterdam", "nodes"), rotterdam_uno = pairs("rotterdam", "nodes", kind = "uno", tau = 3650))

write_reference("kaplan_meier", list(curves = curves, tests = tests, concordances = concordances,
                                     lung_entry = lung$entry, lung_month = lung$month), "survival")
