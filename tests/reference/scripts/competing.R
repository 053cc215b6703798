# Competing risks: cumulative incidence and Gray's test (cmprsk), Fine and Gray (cmprsk, survival).
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(cmprsk)})

mg <- read_frame("mgus2"); co <- read_frame("competing")
weighted <- co[rep(seq_len(nrow(co)), co$weight), ]
mg$sex_m <- as.integer(mg$sex == "M")
z <- qnorm(0.975)

# Curves at times: estimate and variance of cmprsk, limits from them on the scale log(-log(1 - F)).
incidence_case <- function(id, data, frame, group, times, extra = list()) {
  g <- if (is.null(group)) rep("all", nrow(frame)) else frame[[group]]
  fit <- cuminc(frame$months, frame$status, g)
  at <- timepoints(fit, times)
  curves <- lapply(rownames(at$est), function(name) {
    p <- at$est[name, ]; v <- at$var[name, ]
    s <- sqrt(v) / ((1 - p) * -log1p(-p))
    end <- function(sign) 1 - exp(-exp(log(-log1p(-p)) + sign * z * s))
    parts <- strsplit(name, " ")[[1]]
    list(group = parts[1], cause = as.integer(parts[2]), times = I(times), estimate = I(unname(p)),
         variance = I(unname(v)), conf_low = I(unname(end(-1))), conf_high = I(unname(end(1))))
  })
  c(list(id = id, data = data, group = group, curves = curves), extra)
}
incidence <- list(
  incidence_case("mgus2_sex", "mgus2", mg, "sex", c(12, 60, 120, 240)),
  incidence_case("competing_arm", "competing", co, "arm", c(3, 6, 12, 24, 30)),
  incidence_case("competing_all", "competing", co, NULL, c(1, 6, 12, 24)),
  incidence_case("competing_weighted", "competing", weighted, "arm", c(3, 6, 12, 24),
                 list(weights = "weight")))

# The infinitesimal jackknife of survfit, and entry after the origin.
multistate <- function(frame) factor(frame$status, 0:2, c("censored", "event", "competing"))
survfit_case <- function(id, data, formula, frame, times, extra = list()) {
  fit <- survfit(formula, data = frame, id = id)
  at <- summary(fit, times = times)
  cols <- match(c("event", "competing"), fit$states)
  c(list(id = id, data = data, times = I(times), estimate = at$pstate[, cols],
         std_error = at$std.err[, cols], n_risk = I(at$n.risk[, 1])), extra)
}
mg$state <- multistate(mg); co$state <- multistate(co); co$id <- seq_len(nrow(co)); mg$id <- seq_len(nrow(mg))
survfits <- list(
  survfit_case("mgus2", "mgus2", Surv(months, state) ~ 1, mg, c(12, 60, 120, 240)),
  survfit_case("competing", "competing", Surv(months, state) ~ 1, co, c(3, 6, 12, 24)),
  survfit_case("competing_entry", "competing", Surv(entry, months, state) ~ 1,
               co[co$entry < co$months, ], c(3, 6, 12, 24), list(entry = "entry")))

gray_case <- function(id, data, frame, group, strata = NULL, weights = NULL) {
  fit <- if (is.null(strata)) cuminc(frame$months, frame$status, frame[[group]]) else
    cuminc(frame$months, frame$status, frame[[group]], strata = frame[[strata]])
  list(id = id, data = data, group = group, strata = strata, weights = weights,
       statistic = I(unname(fit$Tests[, "stat"])), p_value = I(unname(fit$Tests[, "pv"])),
       df = as.integer(fit$Tests[1, "df"]))
}
gray <- list(
  gray_case("mgus2_sex", "mgus2", mg, "sex"),
  gray_case("competing_arm", "competing", co, "arm"),
  gray_case("competing_strata", "competing", co, "arm", strata = "centre"),
  gray_case("competing_lone", "competing", co, "lone"),
  gray_case("competing_lone_strata", "competing", co, "lone", strata = "centre"),
  gray_case("competing_weighted", "competing", weighted, "arm", weights = "weight"))

write_reference("competing", list(incidence = incidence, survfit = survfits, gray = gray), c("survival", "cmprsk"))
