# Every centre by a model of the others, by glm, pROC and survival; the centres pooled by metafor.
source("scripts/common.R")
suppressPackageStartupMessages({library(pROC); library(metafor); library(survival)})
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
measured <- function(rows) list(
  c_index = pooled(qlogis(rows$c_index), rows$c_error / (rows$c_index * (1 - rows$c_index)), plogis),
  slope = pooled(rows$slope, rows$slope_error, identity),
  in_the_large = pooled(rows$in_the_large, rows$large_error, identity),
  observed_expected = pooled(rows$log_ratio, rows$ratio_error, exp))

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

four <- c("north", "south", "east", "west")[1 + (seq_len(200) * 7L) %% 11L %% 4L]
# Seven of unequal size: one has no event, another a third of the others' events beside its own.
seven <- local({
  y <- pima()$type == "Yes"; g <- c("a", "b", "c", "d", "e", "f")[1 + (seq_len(200) * 5L) %% 13L %% 6L]
  g[which(y)[seq_len(68) %% 3L == 0L]] <- "f"; g[which(!y)[1:9]] <- "none"; g
})
write_reference("internal_external", list(
  four = centres("pima_tr", "type == \"Yes\"", type ~ npreg + glu + bmi + ped, pima(), four),
  seven = centres("pima_tr", "type == \"Yes\"", type ~ npreg + glu + bmi + ped, pima(), seven)),
  c("pROC", "metafor", "survival"))
