# Risks by a horizon: AUC and Brier score by riskRegression, net benefit and calibration plainly
# with survfit, prodlim and coxph.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(riskRegression); library(prodlim); library(Hmisc)})

rotterdam <- read_frame("rotterdam")
gbsg <- read_frame("gbsg")
lung <- read_frame("lung")
mgus2 <- read_frame("mgus2")

# Developed on the Rotterdam patients, judged on the German ones.
developed <- coxph(Surv(rtime, recur) ~ age + pmin(nodes, 20) + grade, rotterdam)
risk_gbsg <- function(h) 1 - exp(-predict(developed, transform(gbsg, rtime = h, recur = 0), type = "expected"))
lung_lp <- 0.0301 * (lung$age - 60) + 0.3 * (lung$sex == 1) + ifelse(is.na(lung$ph.ecog), 1, lung$ph.ecog) * 0.2
lung_risk <- function(h) 1 - exp(-(h / 500)^1.1 * exp(lung_lp))

sets <- list(
  # no two times are tied: the standard errors are the same to the last digit
  lung = list(time = lung$time + seq_len(nrow(lung)) / 1000, status = lung$status - 1, horizons = c(200.5, 365.5, 600.5),
              risk = cbind(lung_risk(200.5), lung_risk(365.5), lung_risk(600.5))),
  lung_tied = list(time = ceiling(lung$time / 61), status = lung$status - 1, horizons = c(3.5, 6.5),
                   risk = cbind(lung_risk(3.5 * 61), lung_risk(6.5 * 61))),
  gbsg = list(time = gbsg$rfstime, status = gbsg$status, horizons = c(365.5, 1095.5, 1825.5),
              risk = cbind(risk_gbsg(365.5), risk_gbsg(1095.5), risk_gbsg(1825.5))),
  # months tied by the hundred, three states
  mgus2 = list(time = mgus2$months + seq_len(nrow(mgus2)) / 1e5, status = mgus2$status, horizons = c(60.5, 120.5),
               risk = outer(plogis(-4 + 0.5 * ifelse(is.na(mgus2$mspike), 1.2, mgus2$mspike)), c(0.7, 1.3))))

score <- function(set) {
  d <- data.frame(time = set$time, status = set$status)
  found <- lapply(seq_along(set$horizons), function(k) {
    s <- Score(list(model = matrix(set$risk[, k], ncol = 1)), formula = Hist(time, status) ~ 1, data = d, cause = 1,
               times = set$horizons[k], metrics = c("auc", "brier"), null.model = TRUE, se.fit = TRUE, conf.int = 0.95)
    a <- as.data.frame(s$AUC$score); b <- as.data.frame(s$Brier$score)
    c(auc = a$AUC, auc_se = a$se, null = b$Brier[1], null_se = b$se[1], brier = b$Brier[2], brier_se = b$se[2])
  })
  as.data.frame(do.call(rbind, found))
}

incidence <- function(time, status, h) {
  if (any(status == 2)) {
    fit <- prodlim(Hist(time, status) ~ 1, data = data.frame(time = time, status = status))
    as.numeric(predict(fit, times = h, cause = 1, type = "cuminc"))
  } else 1 - summary(survfit(Surv(time, status) ~ 1), times = h)$surv
}
benefit <- function(set, k, thresholds) {
  r <- set$risk[, k]
  net <- function(p) vapply(thresholds, function(t) {
    in_group <- p >= t
    if (!any(in_group)) return(0)
    f <- incidence(set$time[in_group], set$status[in_group], set$horizons[k])
    mean(in_group) * (f - (1 - f) * t / (1 - t))
  }, 0)
  list(horizon = set$horizons[k], threshold = thresholds, model = net(r), all = net(rep(1, length(r))))
}

# Austin, Harrell and van Klaveren: Cox regression on a spline of the complementary log-log.
smooth <- function(set, k) {
  h <- set$horizons[k]; r <- set$risk[, k]
  x <- log(-log(1 - r))
  knots <- unname(quantile(x, c(0.1, 0.5, 0.9)))
  basis <- rcspline.eval(x, knots, inclx = TRUE)
  if (any(set$status == 2)) {
    d <- data.frame(id = seq_along(x), time = set$time, status = factor(set$status), b1 = basis[, 1], b2 = basis[, 2])
    w <- finegray(Surv(time, status) ~ ., data = d, etype = 1)
    fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ b1 + b2, weights = fgwt, data = w, ties = "breslow",
                 control = coxph.control(eps = 1e-14, toler.inf = 1e-9, toler.chol = 1e-15, iter.max = 50))
  } else {
    d <- data.frame(time = set$time, status = set$status, b1 = basis[, 1], b2 = basis[, 2])
    fit <- coxph(Surv(time, status) ~ b1 + b2, d, control = coxph.control(eps = 1e-14, toler.inf = 1e-9, toler.chol = 1e-15, iter.max = 50))
  }
  hazard <- basehaz(fit, centered = FALSE)
  level <- max(hazard$hazard[hazard$time <= h])
  observed <- 1 - exp(-level * exp(as.numeric(basis %*% coef(fit))))
  gap <- abs(observed - r)
  at <- unname(quantile(r, c(0.05, 0.25, 0.5, 0.75, 0.95)))
  curve <- 1 - exp(-level * exp(as.numeric(rcspline.eval(log(-log(1 - at)), knots, inclx = TRUE) %*% coef(fit))))
  out <- list(horizon = h, ici = mean(gap), e50 = median(gap), e90 = unname(quantile(gap, 0.9)), emax = max(gap),
              at = at, curve = curve, observed = incidence(set$time, set$status, h), expected = mean(r))
  if (!any(set$status == 2)) {
    slope <- coxph(Surv(set$time, set$status) ~ x, control = coxph.control(eps = 1e-14, toler.inf = 1e-9, toler.chol = 1e-15))
    low <- as.data.frame(summary(survfit(fit, newdata = data.frame(b1 = rcspline.eval(log(-log(1 - at)), knots, inclx = TRUE)[, 1],
                         b2 = rcspline.eval(log(-log(1 - at)), knots, inclx = TRUE)[, 2]), conf.type = "log-log"), times = h)[c("lower", "upper")])
    out <- c(out, list(slope = unname(coef(slope)), slope_se = sqrt(slope$var[1, 1]),
                       curve_low = 1 - unname(unlist(low[grep("upper", names(low))])),
                       curve_high = 1 - unname(unlist(low[grep("lower", names(low))]))))
    cut <- cut(r, unique(quantile(r, seq(0, 1, 0.2))), include.lowest = TRUE)
    groups <- lapply(levels(cut), function(g) {
      s <- summary(survfit(Surv(set$time, set$status) ~ 1, subset = cut == g, conf.type = "log-log"), times = h)
      c(predicted = mean(r[cut == g]), n = sum(cut == g), observed = 1 - s$surv, conf_low = 1 - s$upper, conf_high = 1 - s$lower)
    })
    out$groups <- as.data.frame(do.call(rbind, groups))
  }
  out
}

cases <- lapply(sets, function(set) {
  list(time = set$time, status = set$status, risk = set$risk, horizon = set$horizons, score = score(set),
       decision = lapply(seq_along(set$horizons), function(k) benefit(set, k, c(0.02, 0.05, 0.1, 0.2, 0.3, 0.4))),
       calibration = lapply(seq_along(set$horizons), function(k) smooth(set, k)))
})
write_reference("horizons", list(cases = cases), c("survival", "riskRegression", "prodlim", "Hmisc"))
