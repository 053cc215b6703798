# Every centre by a model of the others, by glm, pROC and survival; the centres pooled by metafor.
source("scripts/common.R")
suppressPackageStartupMessages({library(pROC); library(metafor); library(survival); library(cmprsk)
  library(riskRegression); library(prodlim)})
last <- function(yi) list(threshold = 1e-12 * var(yi), maxiter = 100000, tol = 1e-14, tau2.max = 1e10)

# Values on the scale of pooling; a row whose error is not known, or whose value is infinite, is left out.
pooled <- function(yi, sei, back) {
  use <- is.finite(yi) & is.finite(sei) & sei > 0
  yi <- yi[use]; sei <- sei[use]
  r <- rma(yi, sei = sei, method = "REML", test = "knha", control = last(yi))
  p <- predict(r); ci <- confint(r, control = list(tol = 1e-14, tau2.max = 1e12))$random
  bound <- c(-0.2, 0.4)
  below <- pt((bound - c(r$beta)) / sqrt(r$se^2 + r$tau2), length(yi) - 1)
  list(k = length(yi), scaled = c(r$beta), std_error = r$se, estimate = back(c(r$beta)), conf_low = back(r$ci.lb),
       conf_high = back(r$ci.ub), prediction_low = back(p$pi.lb), prediction_high = back(p$pi.ub), tau2 = r$tau2,
       tau2_low = ci[1, 2], tau2_high = ci[1, 3], i2 = r$I2, i2_low = ci[3, 2], i2_high = ci[3, 3], q = r$QE,
       q_p_value = r$QEp, probability = back(bound), probability_between = diff(below), weights = I(unname(weights(r))))
}
measured <- function(rows) {
  found <- list(c_index = pooled(qlogis(rows$c_index), rows$c_error / (rows$c_index * (1 - rows$c_index)), plogis),
                slope = pooled(rows$slope, rows$slope_error, identity),
                observed_expected = pooled(rows$log_ratio, rows$ratio_error, exp))
  if (!is.null(rows$in_the_large)) found$in_the_large <- pooled(rows$in_the_large, rows$large_error, identity)
  found
}

# Wald limits, DeLong's for C; a centre without events has half an event added to observed and expected.
centres <- function(file, event, formula, data, group) {
  y <- as.integer(eval(parse(text = event), data))
  X <- model.matrix(formula[-2], data)
  z <- qnorm(0.975)
  rows <- lapply(sort(unique(group)), function(g) {
    inside <- group == g
    others <- glm.fit(X[!inside, ], y[!inside], family = binomial(), control = glm.control(epsilon = 1e-14, maxit = 100))
    lp <- drop(X[inside, ] %*% others$coefficients); o <- y[inside]; n <- length(o)
    ratio <- sum(o) / sum(plogis(lp))
    found <- data.frame(group = g, n = n, n_events = sum(o), observed_expected = ratio, brier = mean((o - plogis(lp))^2))
    if (sum(o) == 0) {
      return(cbind(found, log_ratio = log(0.5 / (sum(plogis(lp)) + 0.5)), ratio_error = sqrt((1 - 0.5 / (n + 1)) / 0.5),
                   observed_expected_low = NA, observed_expected_high = NA, c_index = NA, c_index_low = NA, c_index_high = NA,
                   c_error = NA, slope = NA, slope_low = NA, slope_high = NA, slope_error = NA, in_the_large = NA,
                   in_the_large_low = NA, in_the_large_high = NA, large_error = NA))
    }
    curve <- roc(o, lp, direction = "<", quiet = TRUE)
    area <- as.numeric(ci.auc(curve))
    joint <- tight(o ~ lp, data.frame(o, lp)); large <- tight(o ~ offset(lp), data.frame(o, lp))
    e <- sqrt(vcov(joint)[2, 2]); b <- coef(joint)[[2]]
    a <- coef(large)[[1]]; s <- sqrt(vcov(large)[1, 1])
    spread <- sqrt((1 - mean(o)) / sum(o))
    cbind(found, log_ratio = log(ratio), ratio_error = spread, observed_expected_low = ratio / exp(z * spread),
          observed_expected_high = ratio * exp(z * spread), c_index = area[2], c_index_low = area[1], c_index_high = area[3],
          c_error = sqrt(var(curve)), slope = b, slope_low = b - z * e, slope_high = b + z * e, slope_error = e,
          in_the_large = a, in_the_large_low = a - z * s, in_the_large_high = a + z * s, large_error = s)
  })
  rows <- do.call(rbind, rows)
  list(data = file, event = event, formula = paste(deparse(formula), collapse = " "), groups = group, centres = rows,
       pooled = measured(rows))
}

# Times to an event by one horizon: cox() gives the others' linear predictors and risks, or crr() does.
over_time <- function(time, status, group, h, others, timewt = "n") {
  z <- qnorm(0.975)
  rival <- any(status == 2)
  rows <- lapply(sort(unique(group)), function(g) {
    inside <- group == g
    found <- others(!inside, inside); lp <- found$lp; risk <- found$risk
    t <- time[inside]; s <- status[inside]
    never <- ifelse(s == 2, max(t) + 1, t)
    area <- concordance(Surv(never, s == 1) ~ lp, reverse = TRUE, ymax = h, timewt = timewt)
    if (rival) {
      curve <- summary(survfit(Surv(t, factor(s, 0:2)) ~ 1), times = h)
      share <- curve$pstate[1, 2]; error <- curve$std.err[1, 2]
    } else {
      curve <- summary(survfit(Surv(t, s == 1) ~ 1), times = h)
      share <- 1 - curve$surv; error <- curve$std.err
    }
    cut <- pmin(t, h); end <- ifelse(t <= h, s, 0)
    if (rival) {
      first <- crr(cut, end, cbind(lp), gtol = 1e-9, maxiter = 50)
      fit <- crr(cut, end, cbind(lp), gtol = 1e-7, init = first$coef, maxiter = 50)
      b <- unname(fit$coef); e <- sqrt(fit$var[1, 1])
    } else {
      fit <- coxph(Surv(cut, end == 1) ~ lp, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
      b <- unname(coef(fit)); e <- sqrt(vcov(fit)[1, 1])
    }
    brier <- Score(list(model = matrix(risk, ncol = 1)), formula = Hist(t, s) ~ 1, data = data.frame(t, s), cause = 1, times = h,
                   metrics = "brier", null.model = FALSE, se.fit = FALSE)$Brier$score$Brier
    ratio <- share / mean(risk); spread <- error / share; c <- unname(area$concordance); v <- sqrt(c(area$var))
    data.frame(group = as.character(g), n = length(t), n_events = sum(s == 1 & t <= h), c_index = c, c_index_low = max(c - z * v, 0),
               c_index_high = min(c + z * v, 1), c_error = v, slope = b, slope_low = b - z * e, slope_high = b + z * e, slope_error = e,
               observed_expected = ratio, observed_expected_low = ratio / exp(z * spread), observed_expected_high = ratio * exp(z * spread),
               log_ratio = log(ratio), ratio_error = spread, brier = brier)
  })
  rows <- do.call(rbind, rows)
  list(horizon = h, centres = rows, pooled = measured(rows))
}

by_cox <- function(formula, data, h) {
  time <- all.vars(formula)[1]
  function(use, new) {
    environment(formula) <- environment()
    part <- data[use, ]
    fit <- coxph(formula, part, model = TRUE, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
    at <- data[new, ]; at[[time]] <- h
    list(lp = predict(fit, at, type = "lp", reference = "zero"), risk = 1 - exp(-predict(fit, at, type = "expected")))
  }
}
by_crr <- function(x, time, status, h) function(use, new) {
  first <- crr(time[use], status[use], x[use, , drop = FALSE], gtol = 1e-9, maxiter = 50)
  fit <- crr(time[use], status[use], x[use, , drop = FALSE], gtol = 1e-7, init = first$coef, maxiter = 50)
  curves <- predict(fit, x[new, , drop = FALSE])
  list(lp = drop(x[new, , drop = FALSE] %*% fit$coef), risk = curves[max(which(curves[, 1] <= h)), -1])
}

four <- c("north", "south", "east", "west")[1 + (seq_len(200) * 7L) %% 11L %% 4L]
# Seven of unequal size: one has no event, another a third of the others' events beside its own.
seven <- local({
  y <- pima()$type == "Yes"; g <- c("a", "b", "c", "d", "e", "f")[1 + (seq_len(200) * 5L) %% 13L %% 6L]
  g[which(y)[seq_len(68) %% 3L == 0L]] <- "f"; g[which(!y)[1:9]] <- "none"; g
})
rotterdam <- read_frame("rotterdam")
# Every third patient, in periods of the year of operation.
third <- rotterdam[seq(1, nrow(rotterdam), by = 3), ]
period <- cut(third$year, c(1977, 1983, 1986, 1988, 1990, 1993), labels = c("78-83", "84-86", "87-88", "89-90", "91-93"))
relapse <- Surv(rtime, recur) ~ age + nodes + grade
years <- function(timewt) over_time(third$rtime, third$recur, as.character(period), 1825.5, by_cox(relapse, third, 1825.5), timewt)
# No two times are tied.
mgus2 <- read_frame("mgus2"); mgus2$months <- mgus2$months + seq_len(nrow(mgus2)) / 1e5
mgus2 <- mgus2[complete.cases(mgus2[c("age", "mspike")]), ]
ward <- c("a", "b", "c", "d")[1 + (seq_len(nrow(mgus2)) * 7L) %% 11L %% 4L]
two <- as.matrix(mgus2[c("age", "mspike")])
write_reference("internal_external", list(
  four = centres("pima_tr", "type == \"Yes\"", type ~ npreg + glu + bmi + ped, pima(), four),
  seven = centres("pima_tr", "type == \"Yes\"", type ~ npreg + glu + bmi + ped, pima(), seven),
  cox = c(list(groups = as.character(period)), years("n")), uno = c(list(groups = as.character(period)), years("n/G2")),
  fine_gray = c(list(groups = ward), over_time(mgus2$months, mgus2$status, ward, 120.5, by_crr(two, mgus2$months, mgus2$status, 120.5)))),
  c("pROC", "metafor", "survival", "cmprsk", "riskRegression"))
