# Two readers: kappa (vcd, psych), Gwet's coefficients (from the definition), ICC (psych), Bland and Altman.
source("scripts/common.R")
suppressPackageStartupMessages({library(psych); library(vcd)})
r <- read_frame("readers")

kappas <- function(a, b, levels) {
  t <- table(factor(a, levels), factor(b, levels))
  v1 <- Kappa(t, weights = "Equal-Spacing"); v2 <- Kappa(t, weights = "Fleiss-Cohen")
  ci <- function(x) { c1 <- confint(x); list(unweighted = c1[1, ], weighted = c1[2, ]) }
  one <- function(x, which) list(estimate = unname(x[[which]]["value"]), se = unname(x[[which]]["ASE"]))
  c1 <- confint(v1); c2 <- confint(v2)
  ck <- suppressWarnings(cohen.kappa(cbind(a, b), levels = levels))
  list(levels = I(as.character(levels)), table = matrix(as.integer(t), nrow(t)),
       none = c(one(v1, "Unweighted"), list(limits = unname(c1[1, ]))),
       linear = c(one(v1, "Weighted"), list(limits = unname(c1[2, ]))),
       quadratic = c(one(v2, "Weighted"), list(limits = unname(c2[2, ]))),
       psych = list(kappa = unname(ck$confid[1, 2]), kappa_low = unname(ck$confid[1, 1]), kappa_high = unname(ck$confid[1, 3]),
                    weighted = unname(ck$confid[2, 2]), weighted_low = unname(ck$confid[2, 1]), weighted_high = unname(ck$confid[2, 3])),
       gwet = list(none = gwet(a, b, levels, diag(length(levels))),
                   linear = gwet(a, b, levels, 1 - abs(outer(seq_along(levels), seq_along(levels), "-")) / (length(levels) - 1)),
                   quadratic = gwet(a, b, levels, 1 - (outer(seq_along(levels), seq_along(levels), "-") / (length(levels) - 1))^2)))
}

# Gwet 2008, patient by patient.
gwet <- function(a, b, levels, w) {
  n <- length(a); q <- length(levels)
  i <- match(a, levels); j <- match(b, levels)
  share <- t(sapply(seq_len(n), function(s) (tabulate(i[s], q) + tabulate(j[s], q)) / 2))
  p <- colMeans(share)
  pe <- sum(w) / (q * (q - 1)) * sum(p * (1 - p))
  pa <- w[cbind(i, j)]
  g <- (mean(pa) - pe) / (1 - pe)
  pei <- sum(w) / (q * (q - 1)) * drop(share %*% (1 - p))
  gi <- (pa - pe) / (1 - pe) - 2 * (1 - g) * (pei - pe) / (1 - pe)
  se <- sqrt(sum((gi - g)^2) / (n * (n - 1)))
  list(estimate = g, se = se, low = g - qt(0.975, n - 1) * se, high = g + qt(0.975, n - 1) * se)
}

iccs <- function(scores) {
  x <- ICC(scores, lmer = FALSE)$results
  lapply(setNames(seq_len(nrow(x)), x$type), function(i) list(estimate = x$ICC[i], low = x[i, "lower bound"], high = x[i, "upper bound"],
    statistic = x$F[i], df = x$df1[i], df2 = x$df2[i], p_value = x$p[i]))
}

d <- r$angle_a - r$angle_b; n <- length(d); z <- qnorm(0.975)
t <- t.test(d); se <- sd(d) * sqrt(1 / n + z^2 / (2 * (n - 1)))
m <- (r$angle_a + r$angle_b) / 2
line <- summary(lm(d ~ m)); ci <- confint(lm(d ~ m))
limit <- mean(d) + c(-1, 1) * z * sd(d)
bland <- list(n = n, bias = mean(d), sd = sd(d), bias_low = t$conf.int[1], bias_high = t$conf.int[2], lower = limit[1], upper = limit[2],
  lower_limits = limit[1] + c(-1, 1) * qt(0.975, n - 1) * se, upper_limits = limit[2] + c(-1, 1) * qt(0.975, n - 1) * se,
  slope = line$coefficients["m", 1], slope_se = line$coefficients["m", 2], slope_p = line$coefficients["m", 4], slope_low = ci["m", 1], slope_high = ci["m", 2])

# The six subjects and four judges of Shrout and Fleiss 1979, table 2.
fleiss <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), ncol = 4, byrow = TRUE)
write_reference("readers", list(
  grade = kappas(r$grade_a, r$grade_b, 0:3), sign = kappas(r$sign_a, r$sign_b, 0:1),
  icc = list(list(data = "readers", columns = c("angle_a", "angle_b"), forms = iccs(as.matrix(r[, c("angle_a", "angle_b")]))),
             list(scores = fleiss, forms = iccs(fleiss))),
  bland_altman = bland), c("psych", "vcd"))
