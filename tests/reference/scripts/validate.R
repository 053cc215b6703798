# Harrell's optimism bootstrap on stored resamples, step by step, and as rms computes it.
#
# Two passes over the same resamples. The first calls lrm.fit exactly as rms::validate and
# rms::calibrate do, and must give their numbers to the last digit: it proves that indices, measures
# and averages are understood. The second iterates every fit to the end (rms stops when the deviance
# changes by less than 0.025), and is the reference.
source("scripts/common.R")
suppressPackageStartupMessages({library(rms)})

# Fit with intercept first; converged tells whether a finite estimate exists.
fit_tight <- function(X, y, maxit = 100, epsilon = 1e-14) {
  f <- suppressWarnings(glm.fit(cbind(1, X), y, family = binomial(),
                                control = glm.control(epsilon = epsilon, maxit = maxit)))
  list(b = unname(f$coefficients), deviance = f$deviance, eta = unname(f$linear.predictors))
}
null_deviance <- function(y) {
  m <- mean(y)
  -2 * length(y) * (m * log(m) + (1 - m) * log(1 - m))
}
nagelkerke <- function(deviance, y) {
  d0 <- null_deviance(y)
  (1 - exp((deviance - d0) / length(y))) / (1 - exp(-d0 / length(y)))
}
dxy <- function(lp, y) unname(somers2(lp, y)["Dxy"])
brier <- function(lp, y) mean((y - plogis(lp))^2)

loess_indices <- function(y, p) {
  fit <- suppressWarnings(loess(y ~ p, degree = 2, span = 0.75,
                                control = loess.control(surface = "direct", statistics = "approximate")))
  e <- abs(suppressWarnings(predict(fit, data.frame(p = p))) - p)
  c(ici = mean(e), e50 = median(e), e90 = quantile(e, 0.9, names = FALSE), emax = max(e))
}

curve_at <- function(lp, y, predy) {
  smooth <- lowess(plogis(lp), y, iter = 0)
  approx(smooth, xout = predy, ties = function(x) x[1])$y
}

measures_rms <- function(X, y, f, train, evalfit) {
  lp <- matxv(X, f$coefficients)
  if (evalfit) return(c(dxy = dxy(lp[train], y[train]), r2 = unname(f$stats["R2"]), intercept = 0, slope = 1,
                        brier = brier(lp[train], y[train])))
  refit <- lrm.fit(lp, y, tol = 1e-13)
  c(dxy = dxy(lp, y), r2 = unname(refit$stats["R2"]), intercept = unname(refit$coefficients[1]),
    slope = unname(refit$coefficients[2]), brier = brier(lp, y))
}

# The direction in which a separated fit runs away: one more Newton step moves it by that much.
runaway <- function(X, y) {
  a <- fit_tight(X, y, 24, 1e-300)$b
  b <- fit_tight(X, y, 25, 1e-300)$b
  round(b - a, 3)
}

# Measures of a separated resample at the limit. `d` is 0 for patients whose linear predictor stays
# finite and not 0 for the others (here one group without events, which sinks to minus infinity).
# Risk is 0 in that group; ranks put it below everyone, and inside it the finite part decides; the
# refit on the linear predictor tends to the refit on the group alone, since the group has events in
# the original sample.
separated_limit <- function(X, y, train) {
  d <- drop(cbind(1, X) %*% runaway(X[train, , drop = FALSE], y[train]))
  stopifnot(all(d %in% c(0, min(d))), min(d) < 0)
  sunk <- d < 0
  stopifnot(sum(y[train][sunk[train]]) == 0, sum(y[sunk]) > 0)
  kept <- train[!sunk[train]]
  # Columns that still vary among the others, made independent.
  Q <- cbind(1, X[kept, , drop = FALSE])
  q <- qr(Q)
  use <- sort(q$pivot[seq_len(q$rank)])
  f <- suppressWarnings(glm.fit(Q[, use], y[kept], family = binomial(),
                                control = glm.control(epsilon = 1e-14, maxit = 100)))
  b <- rep(0, ncol(Q)); b[use] <- f$coefficients
  lp <- drop(cbind(1, X) %*% b)
  rank_lp <- lp - ifelse(sunk, 1e4, 0)
  risk <- ifelse(sunk, 0, plogis(lp))
  group <- suppressWarnings(glm.fit(cbind(1, sunk), y, family = binomial(),
                                    control = glm.control(epsilon = 1e-14, maxit = 100)))
  list(training = c(dxy = dxy(rank_lp[train], y[train]), r2 = nagelkerke(f$deviance, y[train]),
                    brier = mean((y - risk)[train]^2)),
       test = c(dxy = dxy(rank_lp, y), r2 = nagelkerke(group$deviance, y), brier = mean((y - risk)^2)),
       deviance = f$deviance, risk = risk, n_sunk = sum(sunk))
}

study <- function(id, file, event, formula, data, seed, B = 40, loess_resamples = 10) {
  fit <- lrm(formula, data, x = TRUE, y = TRUE)
  X <- fit$x
  y <- if (is.factor(fit$y)) as.integer(fit$y) - 1L else as.integer(fit$y)
  n <- length(y)
  set.seed(seed)
  index <- t(replicate(B, sample(n, replace = TRUE)))

  # First pass: as rms.
  set.seed(seed)
  official <- validate(fit, B = B)
  set.seed(seed)
  official_curve <- calibrate(fit, B = B)
  predy_rms <- official_curve[, "predy"]
  apparent <- measures_rms(X, y, fit, seq_len(n), TRUE)
  cal0 <- curve_at(fit$linear.predictors, y, predy_rms)
  training <- test <- matrix(NA_real_, B, 5, dimnames = list(NULL, names(apparent)))
  opt_curve <- matrix(NA_real_, B, length(predy_rms))
  # validate's fits need a pivot above 1e-7 and twelve steps, calibrate's 1e-13
  for (k in seq_len(B)) {
    i <- index[k, ]
    f <- lrm.fit(X[i, ], y[i], maxit = 12, tol = 1e-7)
    if (!isTRUE(f$fail)) {
      training[k, ] <- measures_rms(X, y, f, i, TRUE)
      test[k, ] <- measures_rms(X, y, f, i, FALSE)
    }
    g <- lrm.fit(X[i, ], y[i], tol = 1e-13)
    if (!isTRUE(g$fail)) {
      lp <- matxv(X, g$coefficients)
      opt_curve[k, ] <- curve_at(lp[i], y[i], predy_rms) - curve_at(lp, y, predy_rms)
    }
  }
  mine <- cbind(training = colMeans(training, na.rm = TRUE), test = colMeans(test, na.rm = TRUE))
  rows <- c("Dxy", "R2", "Intercept", "Slope", "B")
  gap <- max(abs(mine - official[rows, c("training", "test")]))
  corrected <- cal0 - colMeans(opt_curve, na.rm = TRUE)
  gap_curve <- max(abs(corrected - official_curve[, "calibrated.corrected"]), na.rm = TRUE)
  stopifnot(gap < 1e-12, gap_curve < 1e-12)
  cat(id, "reproduces rms within", gap, gap_curve, "\n")

  # Second pass: converged.
  whole <- fit_tight(X, y)
  p <- plogis(whole$eta)
  sorted <- sort(p)
  predy <- seq(sorted[5], sorted[n - 4], length = 50)
  cal <- curve_at(whole$eta, y, predy)
  names5 <- c("dxy", "r2", "intercept", "slope", "brier")
  tr <- te <- matrix(NA_real_, B, 5, dimnames = list(NULL, names5))
  coefs <- matrix(NA_real_, B, ncol(X) + 1)
  curve_tr <- curve_te <- matrix(NA_real_, B, 50)
  separated <- logical(B)
  limits <- list()
  li_tr <- li_te <- matrix(NA_real_, loess_resamples, 4, dimnames = list(NULL, c("ici", "e50", "e90", "emax")))
  for (k in seq_len(B)) {
    i <- index[k, ]
    f <- fit_tight(X[i, , drop = FALSE], y[i])
    separated[k] <- max(abs(f$eta)) > 15 && any(runaway(X[i, ], y[i]) != 0)
    if (separated[k]) {
      l <- separated_limit(X, y, i)
      for (m in c("dxy", "r2", "brier")) {tr[k, m] <- l$training[m]; te[k, m] <- l$test[m]}
      # The curve has a limit too: the sunk group stands at risk 0.
      lp <- qlogis(l$risk)
      limits[[length(limits) + 1]] <- list(resample = k - 1L, deviance = l$deviance, n_at_risk_zero = l$n_sunk)
    } else {
      lp <- drop(cbind(1, X) %*% f$b)
      coefs[k, ] <- f$b
      r <- fit_tight(matrix(lp), y)
      tr[k, ] <- c(dxy(lp[i], y[i]), nagelkerke(f$deviance, y[i]), 0, 1, brier(lp[i], y[i]))
      te[k, ] <- c(dxy(lp, y), nagelkerke(r$deviance, y), r$b[1], r$b[2], brier(lp, y))
    }
    curve_tr[k, ] <- curve_at(lp[i], y[i], predy)
    curve_te[k, ] <- curve_at(lp, y, predy)
    if (k <= loess_resamples) {
      pk <- plogis(lp)
      li_tr[k, ] <- loess_indices(y[i], pk[i])
      li_te[k, ] <- loess_indices(y, pk)
    }
  }
  app <- c(dxy = dxy(whole$eta, y), r2 = nagelkerke(whole$deviance, y), intercept = 0, slope = 1,
           brier = brier(whole$eta, y))
  optimism <- colMeans(tr - te, na.rm = TRUE)
  corrected <- app - optimism
  grid <- seq(0, 1, 5e-4)
  emax_linear <- max(abs(grid - plogis(corrected["intercept"] + corrected["slope"] * qlogis(grid))), na.rm = TRUE)
  both <- !is.na(curve_tr) & !is.na(curve_te)
  curve_optimism <- colSums(ifelse(both, curve_tr - curve_te, 0)) / colSums(both)
  # Without the separated resamples
  fin <- !separated
  both_f <- both & fin
  curve_optimism_f <- colSums(ifelse(both_f, curve_tr - curve_te, 0)) / colSums(both_f)
  list(id = id, data = file, event = event, formula = paste(deparse(formula), collapse = " "),
       columns = c("(Intercept)", colnames(X)), seed = seed, resamples = B, n = n, index = index - 1L,
       separated = I(which(separated) - 1L), separated_limits = limits,
       coef = whole$b, resample_coef = coefs,
       apparent = named(app), training = as.data.frame(tr), test = as.data.frame(te),
       mean_training = named(colMeans(tr, na.rm = TRUE)), mean_test = named(colMeans(te, na.rm = TRUE)),
       optimism = named(optimism), corrected = named(corrected),
       finite_only = list(optimism = named(colMeans((tr - te)[fin, ])),
                          corrected = named(app - colMeans((tr - te)[fin, ]))),
       n_resamples = as.list(colSums(!is.na(tr + te))), emax_linear = emax_linear,
       curve = list(predy = predy, apparent = cal, optimism = curve_optimism, corrected = cal - curve_optimism,
                    n = as.integer(colSums(both)), optimism_finite_only = curve_optimism_f,
                    corrected_finite_only = cal - curve_optimism_f, n_finite_only = as.integer(colSums(both_f)),
                    training = curve_tr, test = curve_te),
       loess = list(note = paste("first", loess_resamples, "resamples; risk 0 for the sunk group of a separated one"),
                    apparent = named(loess_indices(y, p)), training = as.data.frame(li_tr),
                    test = as.data.frame(li_te)),
       rms = list(note = "rms::validate and rms::calibrate themselves, lrm.fit stopping at eps = 0.025",
                  rows = rownames(official), columns = colnames(official), table = unclass(official)[, ],
                  calibrate = list(predy = unname(predy_rms), original = unname(official_curve[, "calibrated.orig"]),
                                   corrected = unname(official_curve[, "calibrated.corrected"]),
                                   n = as.integer(official_curve[, "n"]))))
}

pv <- pvp(); pt <- pima()
studies <- list(
  pvp = study("pvp", "pvp", "pain == 1", pain ~ cleft + fascia + muscle + cement, pv, 40),
  pima = study("pima", "pima_tr", "type == \"Yes\"", type ~ npreg + glu + bp + skin + bmi + ped + age, pt, 11))
write_reference("validate", list(
  index_note = "index holds 0-based row numbers, one resample a row; separated lists 0-based resamples",
  studies = studies), c("rms", "Hmisc"))
