# Cox models: coefficients, tests, robust and clustered errors, baseline, residuals, cox.zph.
# coxph stops at a relative change of 1e-9 of the likelihood; here it goes on to 1e-13.
source("scripts/common.R")
suppressPackageStartupMessages({
  library(survival)
})
limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)

veteran <- read_frame("veteran")
lung <- read_frame("lung")
rotterdam <- read_frame("rotterdam", LEVELS$rotterdam)
gbsg <- read_frame("gbsg")
colon <- read_frame("colon")

# Late entry and case weights that have nothing random in them.
veteran$entry <- veteran$time * ((seq_len(nrow(veteran)) * 7) %% 10) / 14
veteran$load <- 0.5 + ((seq_len(nrow(veteran)) * 3) %% 8) / 4
lung$dead <- lung$status == 2
lung$load <- 1 + (seq_len(nrow(lung)) %% 3)
rotterdam$months <- ceiling(rotterdam$dtime / 30.4375)   # heavy ties

bare <- function(x) unname(as.vector(x))

describe <- function(fit, data, formula, zph = TRUE) {
  s <- summary(fit)
  robust <- !is.null(fit$naive.var)
  out <- list(
    formula = formula,
    n = fit$n, n_events = fit$nevent,
    terms = I(names(coef(fit))),
    beta = I(bare(coef(fit))),
    std_error = I(bare(sqrt(diag(vcov(fit))))),
    naive_std_error = I(bare(sqrt(diag(if (robust) fit$naive.var else vcov(fit))))),
    covariance = unname(vcov(fit)),
    log_likelihood = fit$loglik[2], null_log_likelihood = fit$loglik[1],
    lr = unname(s$logtest[1]), wald = unname(fit$wald.test), score = unname(s$sctest[1]),
    aic = AIC(fit), bic = BIC(fit),
    c_index = unname(fit$concordance["concordance"])
  )
  if (zph) {
    out$zph <- lapply(c(km = "km", rank = "rank", identity = "identity", log = "log"), function(tr) {
      z <- cox.zph(fit, transform = tr)
      z1 <- cox.zph(fit, transform = tr, terms = FALSE)
      k <- 10   # and the rest of a group of ties
      while (z$time[k + 1] == z$time[k]) k <- k + 1
      list(statistic = I(bare(z$table[, 1])), df = I(bare(z$table[, 2])),
           by_column = I(bare(z1$table[, 1])),
           x = I(bare(z$x[1:k])), time = I(bare(z$time[1:k])), y = unname(z$y[1:k, , drop = FALSE]))
    })
  }
  take <- c(1:8, nrow(data) - 0:4)
  take <- take[take <= fit$n]
  out$residuals <- list(
    rows = I(take - 1L),
    martingale = I(bare(residuals(fit, "martingale"))[take]),
    deviance = I(bare(residuals(fit, "deviance"))[take]),
    score = unname(as.matrix(residuals(fit, "score")))[take, , drop = FALSE],
    dfbeta = unname(as.matrix(residuals(fit, "dfbeta")))[take, , drop = FALSE],
    schoenfeld = unname(as.matrix(residuals(fit, "schoenfeld")))[1:8, , drop = FALSE],
    scaled_schoenfeld = unname(as.matrix(residuals(fit, "scaledsch")))[1:8, , drop = FALSE]
  )
  out
}

# Survival of two patients with the interval on the log(-log) scale, at chosen times.
curve <- function(fit, rows, times, data) {
  lapply(rows, function(i) {
    sf <- survfit(fit, newdata = data[i, ], conf.type = "log-log")
    s <- summary(sf, times = times, extend = TRUE)
    list(row = i - 1L, times = I(times), survival = I(bare(s$surv)), cumulative_hazard = I(bare(s$cumhaz)),
         std_error = I(bare(s$std.err)),
         conf_low = I(bare(s$lower)), conf_high = I(bare(s$upper)))
  })
}

cases <- list()
add <- function(name, data_name, ours, fit, data, times, extra = list(), zph = TRUE) {
  out <- describe(fit, data, ours, zph)
  out$data <- data_name
  out$curves <- curve(fit, c(1, 30), times, data)
  cases[[name]] <<- c(out, extra)
}

v <- veteran
add("veteran_efron", "veteran", "Surv(time, status) ~ karno + age + C(celltype) + trt",
    coxph(Surv(time, status) ~ karno + age + factor(celltype) + trt, v, control = limits), v, c(30, 100, 400))
add("veteran_breslow", "veteran", "Surv(time, status) ~ karno + age + C(celltype) + trt",
    coxph(Surv(time, status) ~ karno + age + factor(celltype) + trt, v, ties = "breslow", control = limits), v, c(30, 100, 400),
    list(ties = "breslow"))
add("veteran_strata", "veteran", "Surv(time, status) ~ karno + age + strata(celltype)",
    coxph(Surv(time, status) ~ karno + age + strata(celltype), v, control = limits), v, c(30, 100, 150))
add("veteran_weights", "veteran", "Surv(time, status) ~ karno + age + trt",
    coxph(Surv(time, status) ~ karno + age + trt, v, weights = load, control = limits), v, c(30, 100, 400),
    list(weights = I(v$load)))
add("veteran_weights_breslow_model", "veteran", "Surv(time, status) ~ karno + age + trt",
    coxph(Surv(time, status) ~ karno + age + trt, v, weights = load, ties = "breslow", robust = FALSE, control = limits), v,
    c(30, 100, 400), list(weights = I(v$load), ties = "breslow", robust = FALSE))
add("veteran_late", "veteran", "Surv(entry, time, status) ~ karno + age + trt",
    coxph(Surv(entry, time, status) ~ karno + age + trt, v, control = limits), v, c(30, 100, 400), list(entry = I(v$entry)))
add("veteran_late_strata", "veteran", "Surv(entry, time, status) ~ karno + age + strata(trt)",
    coxph(Surv(entry, time, status) ~ karno + age + strata(trt), v, ties = "breslow", control = limits), v, c(30, 100, 150),
    list(entry = I(v$entry), ties = "breslow"))
add("veteran_robust", "veteran", "Surv(time, status) ~ karno + age + trt",
    coxph(Surv(time, status) ~ karno + age + trt, v, robust = TRUE, control = limits), v, c(30, 100, 400), list(robust = TRUE))
l <- lung[complete.cases(lung[, c("inst", "age", "sex", "ph.ecog")]), ]
add("lung_cluster", "lung", "Surv(time, status == 2) ~ age + sex + `ph.ecog`",
    coxph(Surv(time, dead) ~ age + sex + ph.ecog, l, cluster = inst, control = limits), l, c(100, 365, 700),
    list(cluster = "inst"))
add("lung_weights", "lung", "Surv(time, status == 2) ~ age + sex + `ph.ecog`",
    coxph(Surv(time, dead) ~ age + sex + ph.ecog, l, weights = load, control = limits), l, c(100, 365, 700),
    list(weights = I(l$load)))
r <- rotterdam
add("rotterdam_ties", "rotterdam", "Surv(months, death) ~ age + nodes + C(size, ref=\"<=20\") + C(grade) + hormon",
    coxph(Surv(months, death) ~ age + nodes + size + factor(grade) + hormon, r, control = limits), r, c(12, 60, 120),
    list(months = TRUE))
add("gbsg", "gbsg", "Surv(rfstime, status) ~ age + log(nodes) + C(grade) + hormon + meno",
    coxph(Surv(rfstime, status) ~ age + log(nodes) + factor(grade) + hormon + meno, gbsg, control = limits), gbsg, c(365, 1000, 2000))

# Two events a patient, each with a baseline hazard of its own (Wei, Lin and Weissfeld 1989).
add("colon_marginal", "colon", "Surv(time, status) ~ C(rx, ref=\"Obs\") + age + nodes + surg + strata(etype)",
    coxph(Surv(time, status) ~ rx + age + nodes + surg + strata(etype),
          within(colon, rx <- factor(rx, c("Obs", "Lev", "Lev+5FU"))), cluster = id, control = limits),
    within(colon, rx <- factor(rx, c("Obs", "Lev", "Lev+5FU"))), c(365, 1000, 2000), list(cluster = "id"))

write_reference("cox", cases, "survival")
