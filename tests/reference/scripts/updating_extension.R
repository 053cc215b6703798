# New predictors beside an old model (Steyerberg et al. 2004; Vergouwe et al. 2017): estimates, tests, errors, shrinkage.
source("scripts/common.R")
suppressPackageStartupMessages({library(numDeriv); library(survival)})

run <- function(X, y, offset = NULL) {
  glm.fit(X, y, offset = offset, family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100))
}
ll <- function(eta, y) sum(y * eta - ifelse(eta > 0, eta + log1p(exp(-eta)), log1p(exp(eta))))
p_of <- function(x, df) ifelse(df > 0, pchisq(x, df, lower.tail = FALSE), NA)

# Intercept, slope and new coefficients beside the old linear predictor, which is an offset, too.
beside <- function(theta, X, Z, y) {
  lp <- drop(X %*% theta)
  m <- unname(coef(run(cbind(1, lp, Z), y, lp))) + c(0, 1, rep(0, ncol(Z)))
  c(m[2] * theta + c(m[1], theta[-1] * 0), m[-(1:2)])
}

extending <- function(old, added, before, after) {
  y <- as.numeric(after$type == "Yes")
  fit <- tight(as.formula(paste("type == 'Yes' ~", old)), before)
  X <- model.matrix(as.formula(paste("~", old)), after)
  Z <- model.matrix(as.formula(paste("~", added)), after)[, -1, drop = FALSE]
  theta <- unname(coef(fit)); lp <- drop(X %*% theta); W <- cbind(X, Z)
  recal <- run(cbind(1, lp), y); ab <- unname(coef(recal))
  both <- run(cbind(1, lp, Z), y, lp)
  fits <- list(list(linear.predictors = lp), run(cbind(rep(1, length(y))), y, lp), recal, both, run(X, y), run(W, y))
  loglik <- sapply(fits, function(f) ll(f$linear.predictors, y))
  df <- c(0, 1, 2, 2 + ncol(Z), ncol(X), ncol(W))
  left <- ncol(W) - df; gain <- 2 * (loglik - loglik[1]); lost <- 2 * (loglik[6] - loglik)
  p_left <- p_of(lost, left)
  steps <- which(is.na(p_left[1:5]) | p_left[1:5] >= 0.05)
  extended <- beside(theta, X, Z, y)
  J <- jacobian(beside, theta, X = X, Z = Z, y = y)
  P <- plogis(both$linear.predictors); U <- cbind(1, lp, Z)
  D <- rbind(cbind(c(1, theta[-1] * 0), theta, matrix(0, length(theta), ncol(Z))),
             cbind(matrix(0, ncol(Z), 2), diag(ncol(Z))))
  near <- c(ab[2] * theta + c(ab[1], theta[-1] * 0), rep(0, ncol(Z)))
  shrunk <- function(full, place) {
    s <- max(1 - (df[place] - 2) / (2 * (loglik[place] - loglik[3])), 0)
    w <- near + s * (full - near)
    c(s, unname(coef(run(cbind(rep(1, length(y))), y, drop(W[, -1] %*% w[-1])))), w[-1])
  }
  whole <- unname(coef(fits[[6]]))
  list(n = length(y), n_events = as.integer(sum(y)), original = theta, log_likelihood = loglik, df = as.integer(df),
       df_left = as.integer(left), lr_original = gain, lr_left = lost, p_left = p_left,
       chosen = c("none", "in-the-large", "recalibration", "extension", "revision", "revised-extension")[c(steps, 6)[1]],
       extension = extended, extension_covariance = unname(J %*% vcov(fit) %*% t(J) + D %*% solve(crossprod(U, P * (1 - P) * U)) %*% t(D)),
       revised = whole, revised_covariance = unname(solve(crossprod(W, fits[[6]]$fitted.values * (1 - fits[[6]]$fitted.values) * W))),
       shrunken_extension = shrunk(extended, 4), shrunken_revised = shrunk(whole, 6))
}

TIGHT <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
extending_cox <- function(old, added, before, after, horizons) {
  first <- coxph(as.formula(paste("Surv(rfstime, status) ~", old)), before, control = TIGHT)
  y <- Surv(after$rfstime, after$status)
  X <- model.matrix(as.formula(paste("~", old)), after)[, -1]; Z <- model.matrix(as.formula(paste("~", added)), after)[, -1, drop = FALSE]
  theta <- unname(coef(first)); W <- unname(cbind(X, Z))
  update <- function(theta) {
    lp <- drop(X %*% theta)
    m <- unname(coef(coxph(y ~ lp + Z + offset(lp), control = TIGHT)))
    c((1 + m[1]) * theta, m[-1])
  }
  lp <- drop(X %*% theta)
  both <- coxph(y ~ lp + Z + offset(lp), control = TIGHT)
  recal <- coxph(y ~ lp, control = TIGHT)
  revised <- coxph(y ~ X, control = TIGHT); whole <- coxph(y ~ W, control = TIGHT)
  loglik <- c(both$loglik[1], recal$loglik[2], both$loglik[2], revised$loglik[2], whole$loglik[2])
  df <- c(0, 1, 1 + ncol(Z), ncol(X), ncol(W)); left <- ncol(W) - df; lost <- 2 * (loglik[5] - loglik)
  p_left <- p_of(lost, left); steps <- which(p_left[1:4] >= 0.05)
  hazard <- function(beta) {
    fixed <- suppressWarnings(coxph(y ~ W, init = beta, control = coxph.control(iter.max = 0)))
    base <- survfit(fixed, newdata = list(W = matrix(0, 1, ncol(W))))
    summary(base, times = horizons)$cumhaz[1:length(horizons)]
  }
  J <- jacobian(update, theta)
  D <- rbind(cbind(theta, matrix(0, length(theta), ncol(Z))), cbind(rep(0, ncol(Z)), diag(ncol(Z))))
  extended <- update(theta); near <- c(unname(coef(recal)) * theta, rep(0, ncol(Z)))
  s <- max(1 - (ncol(W) - 1) / (2 * (loglik[5] - loglik[2])), 0)
  list(horizons = I(horizons), n = nrow(after), n_events = as.integer(sum(after$status)), log_likelihood = loglik,
       df = as.integer(df), df_left = as.integer(left), lr_left = lost, p_left = p_left,
       chosen = c("baseline", "recalibration", "extension", "revision", "revised-extension")[c(steps, 5)[1]],
       extension = extended, extension_covariance = unname(J %*% vcov(first) %*% t(J) + D %*% vcov(both) %*% t(D)),
       extension_hazard = hazard(extended), revision = unname(coef(revised)), revision_covariance = unname(vcov(revised)),
       revised = unname(coef(whole)), revised_hazard = hazard(unname(coef(whole))),
       shrunken_revised = c(s, near + s * (unname(coef(whole)) - near)))
}

tr <- pima(); te <- pima("pima_te")
groups <- read_frame("pima_groups", LEVELS$pima_groups)
gbsg <- read_frame("gbsg")
write_reference("updating_extension", list(
  pima = extending("npreg + bp", "glu + ped", tr, te),
  turned = extending("glu + bmi", "age", transform(tr, glu = bmi * 4, bmi = glu / 4), te),
  idle = extending("npreg + glu + bmi + ped", "skin", tr, te),
  groups = extending("glu", "age_group + parous", groups[1:110, ], groups[111:200, ]),
  cox = extending_cox("age + size", "nodes + pgr", gbsg[1:350, ], gbsg[351:686, ], c(365, 730, 1825)),
  cox_idle = extending_cox("nodes + pgr", "age", gbsg[1:350, ], gbsg[351:686, ], c(365, 730))
), c("numDeriv", "survival"))
