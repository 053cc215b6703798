# rms::nomogram of cph: points, and what total points mean by each horizon; median times; and risks
# with their log(-log) intervals by survfit. Coefficients are iterated to convergence.
source("scripts/common.R")
suppressPackageStartupMessages({
  library(survival)
  library(rms)
})
limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
gbsg <- read_frame("gbsg")
rotterdam <- read_frame("rotterdam", LEVELS$rotterdam)
gbsg$stage <- factor(c("one", "two", "three")[gbsg$grade], levels = c("one", "two", "three"))

# The knots of coxph's spline are those of the cph fit, so that both have the same columns.
nomogram_case <- function(id, file, formula, r_formula, data, horizons, ...) {
  used <- all.vars(r_formula)[-(1:2)]
  dd <<- datadist(data[used])
  options(datadist = "dd")
  fit <- cph(r_formula, data, x = TRUE, y = TRUE, surv = TRUE, eps = 1e-13, tol = 1e-14, iter.max = 60)
  surv <- Survival(fit)
  risks <- lapply(horizons, function(h) { force(h); function(lp) 1 - surv(h, lp) })
  names(risks) <- paste0("risk", horizons)
  nom <- nomogram(fit, fun = risks, fun.at = c(0.05, seq(0.1, 0.9, 0.1)), lp = TRUE, ...)
  info <- attr(nom, "info")
  sets <- setdiff(names(nom), c("total.points", "lp", names(risks)))
  axes <- lapply(sets, function(s) {
    e <- nom[[s]]
    list(name = s, variable = names(e)[1], values = I(e[[1]]), points = I(unname(e$points)))
  })
  totals <- nom$total.points$x
  lp <- totals / unname(info$sc) + unname(info$Intercept)
  median <- Quantile(fit)
  list(id = id, data = file, formula = formula, horizons = I(horizons), columns = I(names(coef(fit))),
       coef = I(unname(coef(fit))), centre = unname(fit$center), axes = axes,
       points_per_unit = unname(info$sc), intercept = unname(info$Intercept),
       lp = list(value = I(nom$lp$x.real), points = I(nom$lp$x)), total_points = I(totals),
       risk = lapply(risks, function(f) I(unname(f(lp)))),
       median = I(vapply(lp, function(x) as.numeric(median(0.5, x)), 0)))
}

risk_case <- function(id, file, formula, model, data, horizons, strata = NULL) {
  new <- data[seq(1, nrow(data), length.out = 20), ]
  at <- lapply(horizons, function(h) {
    one <- lapply(seq_len(nrow(new)), function(i) {
      s <- summary(survfit(model, newdata = new[i, ], conf.type = "log-log"), times = h, extend = TRUE)
      c(1 - s$surv, 1 - s$upper, 1 - s$lower)
    })
    m <- do.call(rbind, one)
    list(horizon = h, risk = I(m[, 1]), conf_low = I(m[, 2]), conf_high = I(m[, 3]))
  })
  list(id = id, data = file, formula = formula, horizons = I(horizons),
       rows = I(as.integer(seq(1, nrow(data), length.out = 20)) - 1L), at = at)
}

exact <- function(r_formula, data) do.call("coxph", list(r_formula, data = data, control = limits))
years <- c(730, 365, 1826)
late <- c(1826, 3652)
nomograms <- list(
  nomogram_case("gbsg_linear", "gbsg", "Surv(rfstime, status) ~ age + nodes + hormon",
                Surv(rfstime, status) ~ age + nodes + hormon, gbsg, years),
  nomogram_case("gbsg_spline", "gbsg", "Surv(rfstime, status) ~ rcs(age, 4) + C(stage) + nodes",
                Surv(rfstime, status) ~ rcs(age, 4) + stage + nodes, gbsg, years),
  nomogram_case("gbsg_interaction", "gbsg", "Surv(rfstime, status) ~ C(stage)*nodes + age",
                Surv(rfstime, status) ~ stage * nodes + age, gbsg, years),
  nomogram_case("rotterdam", "rotterdam", "Surv(dtime, death) ~ age + C(size, ref=\"<=20\") + rcs(nodes, 3) + grade",
                Surv(dtime, death) ~ age + size + rcs(nodes, 3) + grade, rotterdam, late))
knots <- function(x, k) attr(rcspline.eval(x, nk = k), "knots")
gbsg_age <- knots(gbsg$age, 4)
rotterdam_nodes <- knots(rotterdam$nodes, 3)
spline <- function(x, at) rcspline.eval(x, at, inclx = TRUE)
predictions <- list(
  risk_case("gbsg_spline", "gbsg", "Surv(rfstime, status) ~ rcs(age, 4) + C(stage) + nodes",
            exact(Surv(rfstime, status) ~ spline(age, gbsg_age) + stage + nodes, gbsg), gbsg, years),
  risk_case("gbsg_strata", "gbsg", "Surv(rfstime, status) ~ rcs(age, 4) + nodes + strata(stage)",
            exact(Surv(rfstime, status) ~ spline(age, gbsg_age) + nodes + strata(stage), gbsg), gbsg, c(730, 365)),
  risk_case("rotterdam", "rotterdam", "Surv(dtime, death) ~ age + C(size, ref=\"<=20\") + rcs(nodes, 3) + grade",
            exact(Surv(dtime, death) ~ age + size + spline(nodes, rotterdam_nodes) + grade, rotterdam), rotterdam, late))
name <- function(cases) setNames(cases, vapply(cases, function(x) x$id, ""))
write_reference("nomogram_survival", list(nomograms = name(nomograms), predictions = name(predictions)), c("rms", "survival"))
