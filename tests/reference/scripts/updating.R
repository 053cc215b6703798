# Updating a logistic model in new patients: the methods and the tests between them (Vergouwe et al. 2017).
source("scripts/common.R")
suppressPackageStartupMessages({library(numDeriv); library(survival)})

PIMA <- type == "Yes" ~ npreg + glu + bp + skin + bmi + ped + age
GROUPS <- type == "Yes" ~ glu + age_group + parous

ll <- function(eta, y) sum(y * eta - ifelse(eta > 0, eta + log1p(exp(-eta)), log1p(exp(eta))))
run <- function(X, y, offset = NULL) {
  glm.fit(X, y, offset = offset, family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100))
}

# Whole coefficients after an update, as a function of those before: their Jacobian carries the errors along.
in_the_large <- function(theta, X, y) theta + c(coef(run(cbind(rep(1, length(y))), y, drop(X %*% theta))), theta[-1] * 0)
recalibrated <- function(theta, X, y) {
  ab <- coef(run(cbind(1, drop(X %*% theta)), y))
  ab[2] * theta + c(ab[1], theta[-1] * 0)
}

carried <- function(update, theta, V, X, y, Z, eta) {
  J <- jacobian(update, theta, X = X, y = y)
  p <- plogis(eta)
  own <- solve(crossprod(Z, p * (1 - p) * Z))
  K <- if (ncol(Z) == 1) cbind(c(1, theta[-1] * 0)) else cbind(c(1, theta[-1] * 0), theta)
  unname(J %*% V %*% t(J) + K %*% own %*% t(K))
}

updating <- function(theta, V, formula, data) {
  X <- model.matrix(formula, data)
  y <- as.numeric(model.response(model.frame(formula, data)))
  theta <- unname(theta)
  lp <- drop(X %*% theta)
  one <- cbind(rep(1, length(y)))
  large <- run(one, y, lp)
  recal <- run(cbind(1, lp), y)
  revised <- tight(formula, data)
  loglik <- c(ll(lp, y), ll(large$linear.predictors, y), ll(recal$linear.predictors, y), as.numeric(logLik(revised)))
  df <- c(0, 1, 2, length(theta))
  left <- length(theta) - df
  gain <- 2 * (loglik - loglik[1]); lost <- 2 * (loglik[4] - loglik)
  p_original <- pchisq(gain, df, lower.tail = FALSE); p_original[1] <- NA
  p_revision <- pchisq(lost, left, lower.tail = FALSE); p_revision[left == 0] <- NA
  steps <- which(!(p_revision[1:3] < 0.05))
  list(original = I(theta), covariance = if (!is.null(V)) unname(V), n = length(y), n_events = as.integer(sum(y)),
       log_likelihood = loglik, df = df, df_left = left, lr_original = gain, p_original = p_original,
       lr_revision = lost, p_revision = p_revision,
       chosen = c("none", "in-the-large", "recalibration", "revision")[if (length(steps)) steps[1] else 4],
       intercept = unname(coef(large)), recalibration = unname(coef(recal)), revision = unname(coef(revised)),
       revision_covariance = unname(vcov(revised)),
       large_covariance = if (!is.null(V)) carried(in_the_large, theta, V, X, y, one, large$linear.predictors),
       recalibration_covariance =
         if (!is.null(V)) carried(recalibrated, theta, V, X, y, cbind(1, lp), recal$linear.predictors))
}

# A Cox model: the slope of its linear predictor, and the baseline for coefficients that are known.
TIGHT <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
updating_cox <- function(old, new, horizons) {
  AGE <- Surv(rfstime, status) ~ age + nodes + pgr
  before <- coxph(AGE, old, control = TIGHT)
  theta <- unname(coef(before)); X <- model.matrix(AGE, new)[, -1]
  slope <- function(theta) {
    new$lp <- drop(X %*% theta)
    unname(coef(coxph(Surv(rfstime, status) ~ lp, new, control = TIGHT)))
  }
  new$lp <- drop(X %*% theta)
  b <- slope(theta)
  fixed <- function(beta) suppressWarnings(coxph(AGE, new, init = beta, control = coxph.control(iter.max = 0)))
  hazard <- function(beta) {
    zero <- as.data.frame(as.list(setNames(rep(0, 3), c("age", "nodes", "pgr"))))
    summary(survfit(fixed(beta), newdata = zero), times = horizons)$cumhaz
  }
  fit <- coxph(Surv(rfstime, status) ~ lp, new, control = TIGHT)
  J <- jacobian(function(theta) slope(theta) * theta, theta)
  list(horizons = I(horizons), original = theta, n = nrow(new), n_events = as.integer(sum(new$status)),
       slope = b, at_one = fixed(theta)$loglik[2], log_likelihood = fit$loglik[2],
       baseline = as.numeric(hazard(theta)), recalibrated = as.numeric(hazard(b * theta)),
       covariance = unname(J %*% vcov(before) %*% t(J) + c(vcov(fit)) * theta %*% t(theta)))
}

tr <- pima(); te <- pima("pima_te")
fit <- tight(PIMA, tr)
groups <- read_frame("pima_groups", LEVELS$pima_groups)
first <- tight(GROUPS, groups[1:110, ])
single <- tight(type == "Yes" ~ glu, tr)
stretched <- coef(fit) * 2; shifted <- coef(fit) - c(1, rep(0, 7))
turned <- coef(fit) * c(1, -1, 1, -1, -1, 1, -1, 1)

gbsg <- read_frame("gbsg")

write_reference("updating", list(
  pima = updating(coef(fit), vcov(fit), PIMA, te),
  older = updating(coef(fit), vcov(fit), PIMA, te[te$age >= 30, ]),
  groups = updating(coef(first), vcov(first), GROUPS, groups[111:200, ]),
  single = updating(coef(single), vcov(single), type == "Yes" ~ glu, te),
  shifted = updating(shifted, NULL, PIMA, te),
  stretched = updating(stretched, NULL, PIMA, te),
  turned = updating(turned, NULL, PIMA, te),
  cox = updating_cox(gbsg[1:350, ], gbsg[351:686, ], c(365, 730, 1825))
), c("numDeriv", "survival"))
