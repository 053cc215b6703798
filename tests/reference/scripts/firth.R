# Firth's penalised likelihood: estimates of brglm2, tests and profile limits by maximising the
# penalised likelihood itself; FLIC and FLAC; Cox regression with Jeffreys' penalty.
source("scripts/common.R")
source("scripts/firth_parts.R")
suppressPackageStartupMessages({library(brglm2); library(survival)})

profile_of <- function(X, y, full, level = 0.95) {
  se <- sqrt(diag(solve(full$info, tol = 0)))
  drop_to <- qchisq(level, 1) / 2
  t(sapply(seq_len(ncol(X)), function(j) {
    free <- seq_len(ncol(X)) != j
    tangent <- drop(solve(full$info[free, free], full$info[free, j], tol = 0))
    f <- function(v) {
      b <- full$b
      b[free] <- b[free] - tangent * (v - b[j])
      b[j] <- v
      penalised(X, y, free, b)$value - full$value + drop_to
    }
    out <- function(sign) {
      far <- full$b[j] + sign * 2 * se[j]
      while (f(far) > 0) far <- full$b[j] + 2 * (far - full$b[j])
      uniroot(f, sort(c(full$b[j], far)), tol = 1e-12 * se[j])$root
    }
    c(out(-1), out(1))
  }))
}

logistic_case <- function(id, file, event, formula, r_formula, data, levels = list()) {
  fit <- firth_glm(r_formula, data)
  X <- unname(model.matrix(fit))
  y <- fit$y
  full <- penalised(X, y, rep(TRUE, ncol(X)))
  stopifnot(max(abs(full$b - coef(fit))) < 1e-7 * max(1, abs(full$b)))
  free <- seq_len(ncol(X)) == 1
  null <- penalised(X, y, free)
  assign <- attr(model.matrix(fit), "assign")
  limits <- profile_of(X, y, full)
  alone <- sapply(seq_len(ncol(X)), function(j) 2 * (full$value - penalised(X, y, seq_len(ncol(X)) != j)$value))
  joint <- sapply(seq_len(max(assign)), function(k) 2 * (full$value - penalised(X, y, assign != k)$value))
  rest <- drop(X %*% full$b) - full$b[1]
  flic <- unname(coef(glm(y ~ 1, binomial, offset = rest, control = glm.control(epsilon = 1e-15, maxit = 100))))
  p <- plogis(rest + flic)
  flic_vcov <- solve(crossprod(X * sqrt(p * (1 - p))), tol = 0)
  n <- length(y)
  XX <- cbind(rbind(X, X, X), rep(c(0, 1, 1), each = n))
  flac <- suppressWarnings(glm.fit(XX, c(y, y, 1 - y), weights = c(rep(1, n), full$h / 2, full$h / 2), family = binomial(),
                                   control = glm.control(epsilon = 1e-15, maxit = 100)))
  w <- flac$weights
  flac_vcov <- solve(crossprod(XX * sqrt(w)), tol = 0)[seq_len(ncol(X)), seq_len(ncol(X))]
  list(id = id, data = file, event = event, formula = formula, categories = levels, columns = I(colnames(model.matrix(fit))),
       coef = I(full$b), brglm2 = I(unname(coef(fit))), vcov = unname(solve(full$info, tol = 0)), brglm2_vcov = unname(vcov(fit)),
       log_likelihood = as.numeric(logLik(fit)), penalised = full$value, lr_statistic = 2 * (full$value - null$value),
       lr = I(alone), p_value = I(pchisq(alone, 1, lower.tail = FALSE)), term_lr = I(joint),
       conf_low = I(limits[, 1]), conf_high = I(limits[, 2]), flic = flic, flic_vcov = flic_vcov,
       flac = I(unname(flac$coefficients)), flac_vcov = flac_vcov)
}

cox_case <- function(id, file, time, event, formula, r_formula, data, ties, levels = list()) {
  X <- model.matrix(r_formula, data)[, -1, drop = FALSE]
  columns <- colnames(X)
  spread <- apply(X, 2, sd)
  Z <- unname(scale(X))
  whole <- function(b) cox_value(Z, data[[time]], data[[event]] == 1, b, ties)
  full <- cox_maximum(whole, rep(0, ncol(X)))
  v <- suppressWarnings(coxph(Surv(data[[time]], data[[event]] == 1) ~ Z, init = full$b, ties = ties,
                              control = coxph.control(iter.max = 0)))$var
  held <- function(j, at, start) {
    cox_maximum(function(b) { all <- numeric(ncol(X)); all[-j] <- b; all[j] <- at; whole(all) }, start[-j])
  }
  lr <- sapply(seq_len(ncol(X)), function(j) 2 * (full$value - held(j, 0, full$b)$value))
  limits <- t(sapply(seq_len(ncol(X)), function(j) {
    out <- function(sign) {
      # outwards by half a standard error, each step from the one before
      near <- full$b[j]
      from <- full$b
      f <- function(at) held(j, at, from)$value - full$value + qchisq(0.95, 1) / 2
      repeat {
        far <- near + sign * 0.5 * sqrt(v[j, j])
        if (f(far) < 0) break
        from[-j] <- held(j, far, from)$b
        near <- far
      }
      uniroot(f, sort(c(near, far)), tol = 1e-10 * sqrt(v[j, j]))$root
    }
    c(out(-1), out(1)) / spread[j]
  }))
  list(id = id, data = file, event = paste0("Surv(", time, ", ", event, " == 1)"), formula = formula, ties = ties,
       categories = levels, columns = I(columns), coef = I(unname(full$b / spread)),
       vcov = unname(v / outer(spread, spread)), penalised = full$value + sum(log(spread)),
       lr_statistic = 2 * (full$value - whole(rep(0, ncol(X)))), lr = I(lr),
       conf_low = I(limits[, 1]), conf_high = I(limits[, 2]))
}

pv <- pvp()
sm <- read_frame("small", LEVELS$small)
pt <- pima()
se <- read_frame("separated", LEVELS$separated)
logistic <- list(
  logistic_case("pvp", "pvp", "pain == 1",
                "C(cleft, ref=\"no\") + C(fascia, ref=\"no\") + C(muscle) + C(cement, ref=\"Spongy\")",
                pain ~ cleft + fascia + muscle + cement, pv, LEVELS$pvp),
  logistic_case("pima", "pima_tr", "type == \"Yes\"", "npreg + glu + bmi + ped", type ~ npreg + glu + bmi + ped, pt),
  logistic_case("small", "small", "event == 1", "x + tied", event ~ x + tied, sm),
  logistic_case("separated", "separated", "event == 1", "drain + C(grade) + age + wide",
                event ~ drain + grade + age + wide, se, LEVELS$separated))
names(logistic) <- vapply(logistic, function(x) x$id, "")
ve <- read_frame("veteran")
cox <- list(
  cox_case("separated", "separated", "time", "event", "C(grade) + age", ~ grade + age, se, "efron", LEVELS$separated),
  cox_case("veteran_efron", "veteran", "time", "status", "karno + age + diagtime", ~ karno + age + diagtime, ve, "efron"),
  cox_case("veteran_breslow", "veteran", "time", "status", "karno + age", ~ karno + age, ve, "breslow"))
names(cox) <- vapply(cox, function(x) x$id, "")

write_reference("firth", list(logistic = logistic, cox = cox), c("brglm2", "survival"))
