# Simple bootstrap, .632, .632+, repeated cross-validation and leave-one-out of Cox models on stored resamples
# and folds, by coxph and the formulas written out: censoring weights of Graf et al. 1999, the .632+ of Efron and
# Tibshirani 1997 with the error without information of Gerds and Schumacher 2007.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
OVERALL <- c("c_index", "dxy", "r2", "slope", "d", "u", "q", "g")
TIMED <- c("auc", "brier", "brier_scaled", "observed_expected", "slope")

fit <- function(d, x) {
  f <- suppressWarnings(coxph(as.formula(paste("Surv(time, event) ~", paste(x, collapse = " + "), "+ strata(stratum)")),
                              data = d, control = limits))
  stopifnot(max(abs(f$linear.predictors)) < 15)
  f
}
# Linear predictors from covariates of zero, and risks by the horizon with the stratum's own baseline.
score <- function(f, d, x, horizon) {
  lp <- drop(as.matrix(d[, x]) %*% coef(f))
  base <- basehaz(f, centered = FALSE)
  own <- if (is.null(base$strata)) rep("all", nrow(base)) else sub(".*=", "", base$strata)
  of <- if (is.null(base$strata)) rep("all", nrow(d)) else as.character(d$stratum)
  hazard <- sapply(of, function(s) max(0, base$hazard[own == s & base$time <= horizon]))
  list(lp = lp, risk = 1 - exp(-hazard * exp(lp)))
}
pairs_of <- function(lp, d) {
  n <- concordance(Surv(time, event) ~ lp + strata(stratum), data = cbind(d, lp = lp), reverse = TRUE)$count
  if (is.matrix(n)) n <- colSums(n)
  n <- n[c("concordant", "discordant", "tied.x")]
  c(n[[1]] + n[[3]] / 2, sum(n))
}
gini <- function(x) { n <- length(x); sum(abs(outer(x, x, "-"))) / (n * (n - 1)) }
indexes <- function(lp, d, own = FALSE) {
  p <- pairs_of(lp, d)
  area <- p[1] / p[2]
  d$lp <- lp
  f <- suppressWarnings(coxph(Surv(time, event) ~ lp + strata(stratum), data = d, control = limits))
  at_one <- coxph(Surv(time, event) ~ lp + strata(stratum), data = d, init = 1,
                  control = coxph.control(iter.max = 0))$loglik[2]
  best <- if (own) at_one else f$loglik[2]
  whole <- -2 * f$loglik[1]
  gain <- 2 * best + whole
  loss <- if (own) -2 else -2 * (at_one - best)
  slope <- if (own) 1 else unname(coef(f))
  n <- nrow(d)
  setNames(c(area, 2 * area - 1, (1 - exp(-gain / n)) / (1 - exp(-whole / n)), slope, (gain - 1) / whole, loss / whole,
             (gain - 1 - loss) / whole, abs(slope) * gini(lp)), OVERALL)
}
# Who stands for whom at the horizon; an event precedes a censoring of the same time.
stands_for <- function(d, horizon) {
  free <- function(t) {
    u <- sort(unique(d$time[d$event == 0 & d$time < t]))
    prod(1 - vapply(u, function(s) {
      sum(d$time == s & d$event == 0) / (sum(d$time >= s) - sum(d$time == s & d$event == 1))
    }, 0))
  }
  later <- d$time > horizon | (d$time == horizon & d$event == 0)
  known <- later | d$event == 1
  weight <- ifelse(later, 1 / free(horizon), 0)
  weight[known & !later] <- vapply(d$time[known & !later], function(t) 1 / free(t), 0)
  weight
}
concordant_at <- function(risk, case, w) {
  control <- !case
  gap <- outer(risk[case], risk[control], "-")
  gap[abs(gap) < 1e-12] <- 0
  ww <- outer(w[case], w[control])
  c(sum(ww * (sign(gap) + 1) / 2), sum(ww))
}
at_horizon <- function(lp, risk, d, horizon) {
  w <- stands_for(d, horizon)
  case <- d$event == 1 & d$time <= horizon
  p <- concordant_at(risk, case, w)
  n <- nrow(d)
  brier <- sum(w * (case - risk)^2) / n
  observed <- sum(w * case) / n
  null <- sum(w * (case - observed)^2) / n
  early <- data.frame(time = pmin(d$time, horizon), event = as.integer(case), lp = lp)
  slope <- unname(coef(suppressWarnings(coxph(Surv(time, event) ~ lp, data = early, control = limits))))
  setNames(c(p[1] / p[2], brier, 1 - brier / null, observed / mean(risk), slope), TIMED)
}

# As errors, the smaller the better; Efron and Tibshirani, equations 27 to 32.
efron <- function(apparent, test, nothing) {
  sign <- ifelse(nothing > apparent, 1, -1)
  err <- sign * apparent; err1 <- sign * test; gamma <- sign * nothing
  capped <- ifelse(nothing == apparent, err1, pmin(err1, gamma))
  rate <- ifelse(capped > err & gamma > err, (capped - err) / (gamma - err), 0)
  plus <- 0.368 * err + 0.632 * capped + (capped - err) * 0.368 * 0.632 * rate / (1 - 0.368 * rate)
  list(e632 = named(0.368 * apparent + 0.632 * test), plus = named(sign * plus))
}

study <- function(data, formula, d, x, horizon, seed, folds, repeats, B) {
  n <- nrow(d)
  set.seed(seed)
  index <- t(replicate(B, sample(n, replace = TRUE)))
  fold <- t(replicate(repeats, {
    order <- c(sample(which(d$event == 1)), sample(which(d$event == 0)))
    f <- integer(n); f[order] <- (seq_len(n) - 1L) %% folds
    f
  }))
  storage.mode(fold) <- "integer"
  whole <- score(fit(d, x), d, x, horizon)
  apparent <- list(overall = indexes(whole$lp, d, own = TRUE), timed = at_horizon(whole$lp, whole$risk, d, horizon))

  one <- function(k) {
    s <- score(fit(d[index[k, ], ], x), d, x, horizon)
    left <- setdiff(seq_len(n), index[k, ])
    list(original = list(overall = indexes(s$lp, d), timed = at_horizon(s$lp, s$risk, d, horizon)),
         out = list(overall = indexes(s$lp[left], d[left, ]),
                    timed = at_horizon(s$lp[left], s$risk[left], d[left, ], horizon)))
  }
  drawn <- lapply(seq_len(B), one)
  mean_of <- function(side, part) rowMeans(sapply(drawn, function(r) r[[side]][[part]]))
  w <- stands_for(d, horizon)
  case <- d$event == 1 & d$time <= horizon
  observed <- sum(w * case) / n
  brier <- mean(colSums(w * outer(as.numeric(case), whole$risk, "-")^2) / n)
  nothing <- list(overall = c(0.5, 0, 0, 0, 0, NA, NA, 0),
                  timed = c(0.5, brier, 1 - brier / (observed * (1 - observed)), apparent$timed[["observed_expected"]], 0))
  names(nothing$overall) <- OVERALL; names(nothing$timed) <- TIMED

  scored <- function(f) {  # linear predictors and risks by models without each fold
    lp <- risk <- numeric(n); p <- c(0, 0); q <- c(0, 0)
    for (k in unique(f)) {
      inside <- f == k
      s <- score(fit(d[!inside, ], x), d, x, horizon)
      lp[inside] <- (s$lp - mean(s$lp))[inside]; risk[inside] <- s$risk[inside]
      if (sum(inside) > 1) p <- p + pairs_of(s$lp[inside], d[inside, ])
      if (any(case[inside]) && any(!case[inside])) q <- q + concordant_at(s$risk[inside], case[inside], w[inside])
    }
    overall <- indexes(lp, d); timed <- at_horizon(lp, risk, d, horizon)
    if (p[2] > 0) overall[c("c_index", "dxy")] <- c(p[1] / p[2], 2 * p[1] / p[2] - 1)
    if (q[2] > 0) timed["auc"] <- q[1] / q[2]
    list(overall = overall, timed = timed)
  }
  crossed <- lapply(seq_len(repeats), function(r) scored(fold[r, ]))
  alone <- scored(seq_len(n))
  part <- function(which) {
    test <- mean_of("out", which)
    repeated <- t(sapply(crossed, `[[`, which))
    c(list(apparent = named(apparent[[which]]), no_information = named(nothing[[which]]),
           simple = named(mean_of("original", which)), left_out = named(test)),
      efron(apparent[[which]], test, nothing[[which]]),
      list(crossed = as.data.frame(repeated), leave_one_out = named(alone[[which]])))
  }
  list(data = data, formula = formula, horizon = horizon, index = index - 1L, folds = fold,
       overall = part("overall"), timed = part("timed"))
}

veteran <- read_frame("veteran")
lung <- read_frame("lung")
lung <- lung[complete.cases(lung[, c("age", "sex", "ph.ecog")]), ]
write_reference("schemes_cox", list(
  index_note = "index holds 0-based row numbers, one resample a row; folds count from 0, one repeat a row",
  studies = list(
    veteran = study("veteran", "Surv(time, status) ~ karno + age + diagtime",
                    data.frame(time = veteran$time, event = veteran$status, stratum = "all",
                               veteran[, c("karno", "age", "diagtime")]),
                    c("karno", "age", "diagtime"), 90, 31, 8, 3, 12),
    lung = study("lung", "Surv(time, status == 2) ~ age + `ph.ecog` + strata(sex)",
                 data.frame(time = lung$time, event = as.integer(lung$status == 2), stratum = lung$sex,
                            lung[, c("age", "ph.ecog")]),
                 c("age", "ph.ecog"), 365, 32, 5, 2, 12))), "survival")
