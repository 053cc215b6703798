# Simple bootstrap, .632, .632+, repeated cross-validation and leave-one-out of logistic models on stored
# resamples and folds, by glm and the formulas of Efron and Tibshirani 1997 written out.
source("scripts/common.R")

MEASURES <- c("c_index", "dxy", "r2", "intercept", "slope", "brier")

concordant <- function(lp, y) {
  d <- outer(lp[y == 1], lp[y == 0], "-")
  d[abs(d) < 1e-9] <- 0
  c(sum((sign(d) + 1) / 2), length(d))
}
fit <- function(X, y) {
  f <- suppressWarnings(glm.fit(cbind(1, X), y, family = binomial(),
                                control = glm.control(epsilon = 1e-14, maxit = 100)))
  stopifnot(f$converged, max(abs(f$linear.predictors)) < 15)
  unname(f$coefficients)
}
nagelkerke <- function(eta, y) {
  n <- length(y); m <- mean(y)
  l0 <- n * (m * log(m) + (1 - m) * log(1 - m))
  l1 <- sum(y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE))
  (1 - exp(-2 * (l1 - l0) / n)) / (1 - exp(2 * l0 / n))
}
# Of the outcome regressed on the linear predictor, as rms::validate.
elsewhere <- function(lp, y) {
  p <- concordant(lp, y); area <- p[1] / p[2]
  b <- fit(matrix(lp), y)
  setNames(c(area, 2 * area - 1, nagelkerke(b[1] + b[2] * lp, y), b, mean((y - plogis(lp))^2)), MEASURES)
}

study <- function(file, event, formula, data, seed, folds, repeats, B) {
  y <- as.integer(eval(parse(text = event), data))
  X <- model.matrix(formula[-2], data)[, -1, drop = FALSE]
  n <- length(y)
  lp_of <- function(rows) drop(cbind(1, X) %*% fit(X[rows, , drop = FALSE], y[rows]))
  set.seed(seed)
  index <- t(replicate(B, sample(n, replace = TRUE)))
  fold <- t(replicate(repeats, {
    order <- c(sample(which(y == 1)), sample(which(y == 0)))
    f <- integer(n); f[order] <- (seq_len(n) - 1L) %% folds
    f
  }))
  storage.mode(fold) <- "integer"

  whole <- lp_of(seq_len(n))
  apparent <- elsewhere(whole, y)
  apparent[c("intercept", "slope")] <- c(0, 1)

  original <- out <- matrix(NA, B, length(MEASURES), dimnames = list(NULL, MEASURES))
  for (k in seq_len(B)) {
    lp <- lp_of(index[k, ])
    left <- setdiff(seq_len(n), index[k, ])
    original[k, ] <- elsewhere(lp, y)
    out[k, ] <- elsewhere(lp[left], y[left])
  }
  test <- colMeans(out)
  m <- mean(y)
  nothing <- setNames(c(0.5, 0, 0, qlogis(m), 0, mean(outer(y, plogis(whole), "-")^2)), MEASURES)
  # As errors, the smaller the better; Efron and Tibshirani, equations 27 to 32.
  sign <- ifelse(nothing > apparent, 1, -1)
  err <- sign * apparent; err1 <- sign * test; gamma <- sign * nothing
  err1_capped <- pmin(err1, gamma)
  rate <- ifelse(err1_capped > err & gamma > err, (err1_capped - err) / (gamma - err), 0)
  err632 <- 0.368 * err + 0.632 * err1
  plus <- 0.368 * err + 0.632 * err1_capped
  plus <- plus + (err1_capped - err) * 0.368 * 0.632 * rate / (1 - 0.368 * rate)

  crossed <- t(sapply(seq_len(repeats), function(r) {
    lp <- numeric(n); pairs <- c(0, 0)
    for (f in seq_len(folds) - 1L) {
      inside <- fold[r, ] == f
      lp[inside] <- lp_of(which(!inside))[inside]
      if (length(unique(y[inside])) == 2) pairs <- pairs + concordant(lp[inside], y[inside])
    }
    found <- elsewhere(lp, y)
    found["c_index"] <- pairs[1] / pairs[2]
    found["dxy"] <- 2 * found["c_index"] - 1
    found
  }))
  one <- elsewhere(sapply(seq_len(n), function(i) lp_of(seq_len(n)[-i])[i]), y)
  list(data = file, event = event, formula = paste(deparse(formula), collapse = " "), seed = seed,
       index = index - 1L, folds = fold, apparent = named(apparent), no_information = named(nothing),
       original = as.data.frame(original), left_out = as.data.frame(out),
       simple = named(colMeans(original)), e632 = named(sign * err632), plus = named(sign * plus),
       rate = named(rate), crossed = as.data.frame(crossed), cross_validation = named(colMeans(crossed)),
       leave_one_out = named(one))
}

write_reference("schemes", list(
  index_note = "index holds 0-based row numbers, one resample a row; folds count from 0, one repeat a row",
  studies = list(
    pima = study("pima_tr", "type == \"Yes\"", type ~ npreg + glu + bp + skin + bmi + ped + age, pima(), 21, 10, 3, 20),
    noise = study("pima_noise", "type == \"Yes\"", type ~ bp + skin + noise1 + noise2 + noise3 + noise4,
                  read_frame("pima_noise", LEVELS$pima), 22, 5, 4, 20),
    groups = study("pima_groups", "type == \"Yes\"", type ~ age_group + parous, read_frame("pima_groups", LEVELS$pima_groups), 23, 7, 3, 20))))
