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

# Fine and Gray: crr; coxph on finegray's data with Breslow's ties beside it.
# Predicted cumulative incidence at `times` for the rows of `patients`.
ends <- function(id, data, frame, formula, times, strata = NULL, weights = NULL, cox = TRUE) {
  x <- model.matrix(formula, frame)[, -1, drop = FALSE]
  group <- if (is.null(strata)) rep(1, nrow(frame)) else frame[[strata]]
  # crr's search for a shorter step ends at rounding error; one full step more reaches the maximum
  first <- crr(frame$months, frame$status, x, cengroup = group, gtol = 1e-9, maxiter = 50)
  fit <- crr(frame$months, frame$status, x, cengroup = group, gtol = 1e-7,
             init = c(first$coef + first$invinf %*% first$score))
  patients <- c(1, 5, 9)
  risk <- predict(fit, x[patients, , drop = FALSE])
  at <- findInterval(times, risk[, 1])
  out <- list(id = id, data = data, columns = I(colnames(x)), strata = strata, weights = weights,
              n = nrow(frame), coef = I(unname(fit$coef)), covariance = fit$var,
              log_likelihood = fit$loglik, null_log_likelihood = fit$loglik.null,
              inverse_information = fit$invinf, times = I(times), patients = x[patients, , drop = FALSE],
              risk = rbind(0, risk[, -1, drop = FALSE])[at + 1, , drop = FALSE])
  if (cox) {
    frame$state <- multistate(frame); frame$id <- seq_len(nrow(frame))
    wide <- data.frame(x, months = frame$months, state = frame$state)
    long <- finegray(Surv(months, state) ~ ., data = wide, etype = "event")
    again <- coxph(as.formula(paste("Surv(fgstart, fgstop, fgstatus) ~", paste(colnames(x), collapse = " + "))),
                   data = long, weights = fgwt, ties = "breslow",
                   control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50))
    out$finegray <- list(coef = I(unname(coef(again))), log_likelihood = I(again$loglik))
  }
  out
}
# Times of the event and of the competing event are moved off the censorings', which crr and
# finegray treat differently, but stay tied among themselves.
apart <- co; apart$months <- apart$months - 0.25 * (apart$status > 0)
lone <- co[co$status != 2, ]
fine_gray <- list(
  ends("mgus2", "mgus2", mg, ~ age + sex_m + hgb + creat + mspike, c(12, 60, 120, 240), cox = FALSE),
  ends("competing", "competing", co, ~ arm + age + volume_ml, c(3, 12, 24), cox = FALSE),
  ends("competing_apart", "competing", apart, ~ arm + age + volume_ml, c(3, 12, 24)),
  ends("competing_strata", "competing", co, ~ arm + age + volume_ml, c(3, 12, 24), strata = "centre", cox = FALSE),
  ends("competing_weighted", "competing", weighted, ~ arm + age + volume_ml, c(3, 12, 24),
       weights = "weight", cox = FALSE),
  ends("competing_none", "competing", lone, ~ arm + age + volume_ml, c(3, 12, 24)))

write_reference("competing", list(incidence = incidence, survfit = survfits, gray = gray, fine_gray = fine_gray),
                c("survival", "cmprsk"))
