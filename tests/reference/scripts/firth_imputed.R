# Firth's estimates in tables that were completed several times: Rubin's rules by mice on the estimates of brglm2,
# and the combination of likelihood profiles (CLIP): the mean over the tables of the distribution function of each
# profile's signed root, solved for its quantiles.
source("scripts/common.R")
source("scripts/firth_parts.R")
suppressPackageStartupMessages({library(brglm2); library(survival); library(mice)})

# Limits and P value of one coefficient; each profile gives its signed root at a value.
clip <- function(profiles, middle, error) {
  whole <- function(v) mean(vapply(profiles, function(f) pnorm(f(v)), 0))
  limit <- function(z) {
    f <- function(v) qnorm(whole(v)) - z
    far <- middle + sign(z) * 2 * error
    while (sign(z) * f(far) < 0) far <- middle + 2 * (far - middle)
    uniroot(f, sort(c(middle, far)), tol = 1e-12 * error)$root
  }
  below <- whole(0)
  c(limit(qnorm(0.025)), limit(qnorm(0.975)), 2 * min(below, 1 - below))
}

root_of <- function(v, at, gain) sign(v - at) * sqrt(max(2 * gain, 0))

penalised_profile <- function(X, y, full, j) function(v) {
  free <- seq_len(ncol(X)) != j
  b <- full$b
  b[free] <- b[free] - drop(solve(full$info[free, free], full$info[free, j], tol = 0)) * (v - b[j])
  b[j] <- v
  root_of(v, full$b[j], full$value - penalised(X, y, free, b)$value)
}

# FLAC: patients and pseudo-patients, told apart by a last column, without a penalty.
augmented <- function(X, y, full) {
  n <- length(y)
  list(X = unname(cbind(rbind(X, X, X), rep(c(0, 1, 1), each = n))), y = c(y, y, 1 - y), w = c(rep(1, n), full$h / 2, full$h / 2))
}
augmented_fit <- function(a, columns, offset = NULL) suppressWarnings(glm.fit(
  a$X[, columns, drop = FALSE], a$y, weights = a$w, offset = offset, family = binomial(), control = glm.control(epsilon = 1e-15, maxit = 200)))
weighted_likelihood <- function(a, eta) sum(a$w * (a$y * plogis(eta, log.p = TRUE) + (1 - a$y) * plogis(-eta, log.p = TRUE)))
augmented_profile <- function(a, whole, j) function(v) {
  own <- augmented_fit(a, -j, a$X[, j] * v)
  root_of(v, whole$coefficients[j], weighted_likelihood(a, whole$linear.predictors) - weighted_likelihood(a, own$linear.predictors))
}

pooled <- function(estimates, covariances, df) {
  p <- nrow(estimates)
  own <- lapply(seq_len(p), function(j) pool.scalar(estimates[j, ], sapply(covariances, function(v) v[j, j]), n = df + 1, k = 1))
  list(estimate = I(sapply(own, function(o) o$qbar)), total = I(sapply(own, function(o) o$t)), df = I(sapply(own, function(o) o$df)))
}

with_limits <- function(found, profiles) {
  limits <- sapply(seq_along(profiles), function(j) clip(profiles[[j]], found$estimate[j], sqrt(found$total[j])))
  c(found, list(conf_low = I(limits[1, ]), conf_high = I(limits[2, ]), p_value = I(limits[3, ])))
}

logistic_case <- function(id, file, event, formula, r_formula, tables, levels = list(), flac = FALSE) {
  fits <- lapply(tables, function(d) firth_glm(r_formula, d))
  X <- lapply(fits, function(f) unname(model.matrix(f)))
  y <- lapply(fits, function(f) unname(f$y))
  p <- ncol(X[[1]])
  m <- seq_along(tables)
  full <- lapply(m, function(k) penalised(X[[k]], y[[k]], rep(TRUE, p)))
  stopifnot(all(sapply(m, function(k) max(abs(full[[k]]$b - coef(fits[[k]])))) < 1e-7 * max(1, abs(sapply(full, function(f) f$b)))))
  df <- nrow(X[[1]]) - p
  own <- pooled(sapply(full, function(f) f$b), lapply(full, function(f) solve(f$info, tol = 0)), df)
  found <- with_limits(own, lapply(seq_len(p), function(j) lapply(m, function(k) penalised_profile(X[[k]], y[[k]], full[[k]], j))))
  flic <- sapply(m, function(k) {
    rest <- drop(X[[k]] %*% full[[k]]$b) - full[[k]]$b[1]
    unname(coef(glm(y[[k]] ~ 1, binomial, offset = rest, control = glm.control(epsilon = 1e-15, maxit = 100))))
  })
  moved <- lapply(m, function(k) {
    risk <- plogis(drop(X[[k]] %*% full[[k]]$b) - full[[k]]$b[1] + flic[k])
    solve(crossprod(X[[k]] * sqrt(risk * (1 - risk))), tol = 0)
  })
  estimates <- rbind(flic, sapply(full, function(f) f$b)[-1, , drop = FALSE])
  result <- list(id = id, data = file, event = event, formula = formula, categories = levels, uncorrected = found,
                 flic = pooled(unname(estimates), moved, df))
  if (flac) {
    a <- lapply(m, function(k) augmented(X[[k]], y[[k]], full[[k]]))
    whole <- lapply(a, function(each) augmented_fit(each, seq_len(p + 1)))
    v <- lapply(m, function(k) solve(crossprod(a[[k]]$X * sqrt(whole[[k]]$weights)), tol = 0)[seq_len(p), seq_len(p)])
    own <- pooled(sapply(whole, function(f) unname(f$coefficients[seq_len(p)])), v, df)
    result$flac <- with_limits(own, lapply(seq_len(p), function(j) lapply(m, function(k) augmented_profile(a[[k]], whole[[k]], j))))
  }
  result
}

cox_case <- function(id, file, event, formula, r_formula, tables, time, status) {
  m <- seq_along(tables)
  X <- lapply(tables, function(d) unname(model.matrix(r_formula, d)[, -1, drop = FALSE]))
  spread <- lapply(X, function(x) apply(x, 2, sd))
  value <- lapply(m, function(k) function(b) cox_value(scale(X[[k]]), tables[[k]][[time]], tables[[k]][[status]] == 1, b, "efron"))
  p <- ncol(X[[1]])
  full <- lapply(value, function(f) cox_maximum(f, rep(0, p)))
  v <- lapply(m, function(k) suppressWarnings(coxph(
    Surv(tables[[k]][[time]], tables[[k]][[status]] == 1) ~ scale(X[[k]]), init = full[[k]]$b, control = coxph.control(iter.max = 0)))$var)
  own <- pooled(sapply(m, function(k) full[[k]]$b / spread[[k]]), lapply(m, function(k) v[[k]] / outer(spread[[k]], spread[[k]])),
                nrow(X[[1]]) - p)
  profile <- function(k, j) {
    # from the maximum of the value before, since a far one is not found in one go
    from <- full[[k]]$b
    function(at) {
      own <- at * spread[[k]][j]
      near <- from[j]
      for (here in seq(near, own, length.out = 2 + ceiling(abs(own - near) / (0.5 * sqrt(v[[k]][j, j]))))[-1]) {
        held <- cox_maximum(function(b) { all <- numeric(p); all[-j] <- b; all[j] <- here; value[[k]](all) }, from[-j])
        from[-j] <<- held$b
        from[j] <<- here
      }
      root_of(own, full[[k]]$b[j], full[[k]]$value - held$value)
    }
  }
  found <- with_limits(own, lapply(seq_len(p), function(j) lapply(m, function(k) profile(k, j))))
  c(list(id = id, data = file, event = event, formula = formula), found)
}

set.seed(20130613)
pima <- read_frame("pima_missing", list(type = c("No", "Yes")))
separated <- read_frame("separated", LEVELS$separated)
# Among six patients with a drain all have the event; the second's is not known, and those of three others are not.
unknown <- list(drain = c(2L, 10L, 34L, 50L), age = c(5L, 11L, 28L, 40L, 52L))
drain <- cbind(c(1, 0, 0, 0), c(0, 0, 1, 0), c(1, 0, 0, 0), c(1, 1, 0, 0), c(0, 0, 0, 0))
stopifnot(separated$event[unknown$drain[-1]] == 0)
filled <- list(drain = list(rows = I(unknown$drain - 1L), values = drain),
               age = list(rows = I(unknown$age - 1L), values = matrix(sample(separated$age[-unknown$age], 25, TRUE), 5)))
tables <- lapply(1:5, function(k) {
  for (name in names(filled)) separated[[name]][filled[[name]]$rows + 1L] <- filled[[name]]$values[, k]
  separated
})
imputed <- mice(pima, m = 5, maxit = 5, seed = 20210430, printFlag = FALSE)
whole <- lapply(1:5, function(i) complete(imputed, i))
pima_filled <- lapply(imputed$imp[c("bp", "skin", "bmi")], function(v)
  list(rows = I(as.integer(rownames(v)) - 1L), values = unname(as.matrix(v))))
logistic <- list(
  pima = logistic_case("pima", "pima_missing", "type == \"Yes\"", "npreg + glu + bp + skin + bmi + ped + age",
                       type ~ npreg + glu + bp + skin + bmi + ped + age, whole),
  separated = logistic_case("separated", "separated", "event == 1", "drain + C(grade) + age", event ~ drain + grade + age,
                            tables, LEVELS$separated),
  some = logistic_case("some", "separated", "event == 1", "drain + age", event ~ drain + age, tables, flac = TRUE))
cox <- cox_case("separated", "separated", "Surv(time, event == 1)", "drain + age", ~ drain + age, tables, "time", "event")
write_reference("firth_imputed", list(filled = list(pima = pima_filled, separated = filled), logistic = logistic, cox = cox),
                c("mice", "brglm2", "survival"))
