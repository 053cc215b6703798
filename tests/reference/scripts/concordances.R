# Several concordances on the same patients: survival's concordance of more than one score gives
# them with their joint variance by the infinitesimal jackknife.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

several <- function(id, data, time, event, columns, frame, tau = Inf) {
  y <- Surv(frame[[time]], frame[[event]])
  fits <- lapply(columns, function(name) concordance(y ~ frame[[name]], ymax = tau, reverse = TRUE, influence = 1))
  areas <- sapply(fits, function(f) unname(f$concordance))
  D <- sapply(fits, function(f) f$dfbeta)
  S <- crossprod(D)
  L <- cbind(1, -diag(length(columns) - 1))
  d <- L %*% areas
  statistic <- drop(t(d) %*% solve(L %*% S %*% t(L), d))
  list(id = id, data = data, time = time, event = event, columns = I(columns),
       tau = if (is.finite(tau)) tau else NULL, concordances = I(areas), covariance = S,
       variances = I(sapply(fits, function(f) unname(f$var))),
       statistic = statistic, df = length(columns) - 1,
       p_value = pchisq(statistic, length(columns) - 1, lower.tail = FALSE))
}

ro <- read_frame("rotterdam", LEVELS$rotterdam); gb <- read_frame("gbsg"); ve <- read_frame("veteran")
cases <- list(
  rotterdam = several("rotterdam", "rotterdam", "rtime", "recur", c("nodes", "age", "pgr"), ro),
  rotterdam_tau = several("rotterdam_tau", "rotterdam", "rtime", "recur", c("nodes", "age"), ro, 1095.5),
  gbsg = several("gbsg", "gbsg", "rfstime", "status", c("nodes", "age", "size", "pgr"), gb)
)
write_reference("concordances", list(cases = cases), "survival")
