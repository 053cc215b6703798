# Maxima of penalised likelihoods, for the scripts about Firth's method.

firth_glm <- function(formula, data) {
  environment(formula) <- environment()
  glm(formula, binomial, data, method = "brglmFit", type = "AS_mean", epsilon = 1e-13, maxit = 1000, slowit = 0.5)
}

# Modified scores by Fisher scoring, coefficients of `fixed` held at `at`; the penalty is that of all columns.
penalised <- function(X, y, free, b = rep(0, ncol(X))) {
  value <- function(b) {
    eta <- drop(X %*% b)
    w <- plogis(eta) * plogis(-eta)
    sum(y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE)) +
      0.5 * determinant(crossprod(X * sqrt(w)))$modulus[1]
  }
  for (i in 1:2000) {
    p <- plogis(drop(X %*% b))
    w <- p * (1 - p)
    info <- crossprod(X * sqrt(w))
    h <- w * rowSums((X %*% solve(info, tol = 0)) * X)
    u <- drop(crossprod(X, y - p + h * (0.5 - p)))[free]
    step <- if (any(free)) drop(solve(info[free, free, drop = FALSE], u, tol = 0)) else numeric()
    here <- value(b)
    scale <- 1
    repeat {
      new <- b
      new[free] <- b[free] + scale * step
      if (value(new) >= here - 1e-12 * abs(here) || scale < 1e-6) break
      scale <- scale / 2
    }
    b <- new
    if (sum(step * u) < 1e-26) break
  }
  list(b = b, value = value(b), h = h, info = info)
}

# The partial likelihood and its information are those of survival, its maximum with Jeffreys' penalty is sought by
# Newton steps with numerical derivatives; columns are scaled meanwhile.
cox_value <- function(X, time, event, b, ties) {
  tryCatch({
    f <- suppressWarnings(coxph(Surv(time, event) ~ X, init = b, ties = ties, control = coxph.control(iter.max = 0)))
    f$loglik[2] - 0.5 * determinant(f$var)$modulus[1]
  }, error = function(e) -1e10)
}

cox_maximum <- function(value, b, h = 2e-3) {
  p <- length(b)
  if (p == 0) return(list(b = b, value = value(b)))
  e <- function(i, size = h) replace(numeric(p), i, size)
  for (k in 1:60) {
    g <- sapply(seq_len(p), function(i) {
      (8 * (value(b + e(i)) - value(b - e(i))) - (value(b + e(i, 2 * h)) - value(b - e(i, 2 * h)))) / (12 * h)
    })
    H <- matrix(0, p, p)
    here <- value(b)
    for (i in seq_len(p)) for (j in seq_len(i)) {
      H[i, j] <- H[j, i] <- if (i == j) (value(b + e(i)) - 2 * here + value(b - e(i))) / h^2 else
        (value(b + e(i) + e(j)) - value(b + e(i) - e(j)) - value(b - e(i) + e(j)) + value(b - e(i) - e(j))) / (4 * h^2)
    }
    step <- -drop(solve(H, g))
    size <- 1
    while (value(b + size * step) < here - 1e-10 && size > 1e-4) size <- size / 2
    b <- b + size * step
    if (max(abs(step)) < 1e-10) break
  }
  list(b = b, value = value(b))
}
