# Instability after Riley and Collins 2023 (doi:10.1002/bimj.202200302), written out: glm and coxph in a loop
# over stored resamples, every model on the original patients.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

POSITIONS <- 50L
grid_of <- function(p) { s <- sort(p); seq(s[5], s[length(s) - 4], length.out = POSITIONS) }
# As rms::calibrate: lowess without robustness iterations, interpolated, nothing outside its range.
curve_of <- function(p, y, grid) {
  l <- lowess(p, y, iter = 0)
  keep <- !duplicated(l$x)
  approx(l$x[keep], l$y[keep], xout = grid)$y
}
net_benefit <- function(p, y, cuts) sapply(cuts, function(t) {
  above <- p >= t
  (sum(y[above]) - sum(1 - y[above]) * t / (1 - t)) / length(y)
})
summarised <- function(p, risks, cut) {
  limits <- apply(risks, 2, quantile, c(0.025, 0.5, 0.975), names = FALSE)
  error <- colMeans(abs(sweep(risks, 2, p)))
  list(risk = p, risks = risks, low = limits[1, ], median = limits[2, ], high = limits[3, ],
       mape = error, mean_mape = mean(error), width = mean(limits[3, ] - limits[1, ]),
       changed = colMeans(sweep(risks >= cut, 2, p >= cut, "!=")))
}
drawn <- function(n, B, seed) {
  set.seed(seed)
  index <- t(replicate(B, sample(n, replace = TRUE)))
  storage.mode(index) <- "integer"
  index
}

binary <- function(seed, B, cut, cuts) {
  data <- pima()
  y <- as.integer(data$type == "Yes")
  formula <- y ~ glu + bmi + ped + age
  X <- model.matrix(~ glu + bmi + ped + age, data)
  index <- drawn(nrow(data), B, seed)
  risk_of <- function(rows) {
    f <- glm.fit(X[rows, ], y[rows], family = binomial(),
                 control = glm.control(epsilon = 1e-14, maxit = 100))
    stopifnot(f$converged)
    drop(plogis(X %*% f$coefficients))
  }
  p <- unname(risk_of(seq_along(y)))
  risks <- unname(t(sapply(seq_len(B), function(b) risk_of(index[b, ]))))
  grid <- grid_of(p)
  c(list(data = "pima_tr", formula = "type ~ glu + bmi + ped + age", event = "type == \"Yes\"",
         index = index - 1L, threshold = cut, thresholds = cuts),
    summarised(p, risks, cut),
    list(grid = grid, curve = curve_of(p, y, grid),
         curves = t(apply(risks, 1, curve_of, y = y, grid = grid)),
         benefit = net_benefit(p, y, cuts), benefits = t(apply(risks, 1, net_benefit, y = y, cuts = cuts))))
}

followed <- function(seed, B, cut, cuts, horizon) {
  data <- read_frame("veteran")
  index <- drawn(nrow(data), B, seed)
  # The basehaz of a model for covariates of zero, at the horizon.
  risk_of <- function(rows) {
    part <- data[rows, ]
    f <- coxph(Surv(time, status) ~ karno + age + celltype, part, ties = "efron", model = TRUE,
               control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100))
    s <- survfit(f, newdata = data, se.fit = FALSE)
    1 - summary(s, times = horizon)$surv[1, ]
  }
  p <- unname(risk_of(seq_len(nrow(data))))
  risks <- unname(t(sapply(seq_len(B), function(b) risk_of(index[b, ]))))
  # Of those who reach the threshold, one less Kaplan-Meier.
  benefit_of <- function(p) sapply(cuts, function(t) {
    above <- p >= t
    if (!any(above)) return(0)
    s <- survfit(Surv(time, status) ~ 1, data[above, ])
    left <- summary(s, times = horizon, extend = TRUE)$surv
    mean(above) * ((1 - left) - left * t / (1 - t))
  })
  c(list(data = "veteran", formula = "Surv(time, status) ~ karno + age + celltype", horizon = horizon,
         index = index - 1L, threshold = cut, thresholds = cuts),
    summarised(p, risks, cut),
    list(benefit = benefit_of(p), benefits = t(apply(risks, 1, benefit_of))))
}

write_reference("instability", list(
  binary = binary(11, 12L, 0.3, c(0.1, 0.2, 0.3, 0.5)),
  cox = followed(12, 12L, 0.6, c(0.2, 0.4, 0.6), 100)
), c("survival"))
