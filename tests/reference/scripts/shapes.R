# rms::anova (Wald) and rms::Predict: tests of predictors, shapes and interactions; effects with limits.
source("scripts/common.R")
suppressPackageStartupMessages({
  library(survival)
  library(rms)
})

# Coefficients and covariance are replaced by converged ones, so that tests depend on no stopping rule.
logistic <- function(formula, data) {
  fit <- lrm(formula, data, eps = 1e-10, tol = 1e-16, maxit = 50, x = TRUE, y = TRUE)
  # the same columns as glm, each divided by its size, so that the information is inverted to the last digits
  X <- cbind(1, fit$x)
  unit <- sqrt(colMeans(X^2))
  Z <- sweep(X, 2, unit, "/")
  y <- as.integer(fit$y) - min(as.integer(fit$y))
  b <- unname(coef(fit)) * unit
  for (i in 1:30) {
    p <- plogis(drop(Z %*% b))
    b <- b + drop(solve(crossprod(Z, Z * (p * (1 - p))), crossprod(Z, y - p)))
  }
  p <- plogis(drop(Z %*% b))
  fit$coefficients[] <- b / unit
  v <- solve(crossprod(Z, Z * (p * (1 - p)))) / outer(unit, unit)
  fit$var[] <- v
  fit$linear.predictors[] <- drop(Z %*% b)
  fit
}

cox <- function(formula, data) {
  do.call("cph", list(formula, data = data, x = TRUE, y = TRUE, surv = TRUE, eps = 1e-13, tol = 1e-14, iter.max = 60))
}

frame_of <- function(id, file, event, formula, fit, effects = list()) {
  a <- anova(fit, test = "Chisq")
  rows <- rownames(a)
  list(id = id, data = file, event = event, formula = formula, columns = I(names(coef(fit))),
       coef = I(unname(coef(fit))),
       rows = I(trimws(rows)), df = I(as.integer(a[, "d.f."])), chisq = I(unname(a[, "Chi-Square"])),
       p_value = I(unname(a[, "P"])),
       effects = lapply(effects, function(e) {
         p <- do.call("Predict", c(list(fit), e$values, e$at))
         keep <- setdiff(names(p), c(".predictor."))
         p <- as.data.frame(unclass(p)[keep])
         list(variable = names(e$values)[1], by = e$by, at = e$at, n = nrow(p),
              rows = lapply(as.list(p), function(v) if (is.factor(v)) I(as.character(v)) else I(unname(v))))
       }))
}

asked <- function(values, by = NULL, at = list()) list(values = values, by = by, at = at)

pt <- pima(); ro <- read_frame("rotterdam", LEVELS$rotterdam); gb <- read_frame("gbsg")
YES <- "type == \"Yes\""
logistic_case <- function(id, file, event, formula, r_formula, data, effects = list()) {
  dd <<- datadist(data[all.vars(r_formula)[-1]])
  options(datadist = "dd")
  frame_of(id, file, event, formula, logistic(r_formula, data), effects)
}
cox_case <- function(id, file, formula, r_formula, data, effects = list()) {
  dd <<- datadist(data[all.vars(r_formula)[-(1:2)]])
  options(datadist = "dd")
  frame_of(id, file, NULL, formula, cox(r_formula, data), effects)
}
ages <- c(21, 25, 30.5, 40, 55)
cases <- list(
  logistic_case("splines", "pima_tr", YES, "rcs(age, 4) + rcs(bmi, 3) + glu", type ~ rcs(age, 4) + rcs(bmi, 3) + glu, pt,
    list(asked(list(age = ages)), asked(list(age = ages), at = list(glu = 150)), asked(list(glu = c(80, 120, 180))))),
  logistic_case("crossed", "pima_tr", YES, "rcs(age, 4)*glu + bmi", type ~ rcs(age, 4) * glu + bmi, pt,
    list(asked(list(age = ages, glu = c(90, 150)), by = "glu"))),
  logistic_case("both_curved", "pima_tr", YES, "rcs(age, 3)*rcs(bmi, 3) + glu", type ~ rcs(age, 3) * rcs(bmi, 3) + glu, pt,
    list(asked(list(age = ages)))),
  logistic_case("square", "pima_tr", YES, "glu + age + age**2", type ~ glu + pol(age, 2), pt,
    list(asked(list(age = ages)))),
  logistic_case("logarithm", "pima_tr", YES, "log(ped) + bmi", type ~ log(ped) + bmi, pt,
    list(asked(list(ped = c(0.1, 0.5, 1.5))))),
  logistic_case("levels", "rotterdam", "death == 1", "C(size, ref=\"<=20\")*rcs(age, 4) + grade",
    death ~ size * rcs(age, 4) + grade, ro,
    # datadist holds a number of two values at the lower one, not at the median
    list(asked(list(size = c("<=20", "20-50", ">50")), at = list(grade = 3)),
         asked(list(age = c(40, 60, 75), size = c("<=20", ">50")), by = "size", at = list(grade = 3)))),
  cox_case("cox_spline", "gbsg", "Surv(rfstime, status) ~ rcs(age, 4) + rcs(nodes, 3) + hormon",
    Surv(rfstime, status) ~ rcs(age, 4) + rcs(nodes, 3) + hormon, gb),
  cox_case("cox_crossed", "rotterdam", "Surv(dtime, death) ~ rcs(age, 4)*C(size, ref=\"<=20\") + rcs(nodes, 3)*grade",
    Surv(dtime, death) ~ rcs(age, 4) * size + rcs(nodes, 3) * grade, ro))

name <- function(cases) setNames(cases, vapply(cases, function(x) x$id, ""))
write_reference("shapes", list(cases = name(cases)), c("rms", "survival"))
