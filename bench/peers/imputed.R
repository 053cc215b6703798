# Peer of a Cox model with the imputation repeated in every resample: mice and rms in a loop.
#   imputed.R 2        resamples
# In each resample mice makes 5 tables of the drawn patients by 10 iterations, with the event and
# the Nelson-Aalen hazard among what is known; rms::cph fits each, coefficients are averaged, and
# the model is measured in the resample's tables and in 5 tables of all patients, imputed once
# without the outcome: concordance, slope, Brier score at 5 years, and a calibration curve by a
# spline. mice's methods are ours: predictive mean matching, logistic, polytomous.
suppressPackageStartupMessages({
  library(rms)
  library(mice)
})
resamples <- as.integer(arguments[1])
patients <- read.csv("patients.csv")
coded <- c("meno", "size", "grade", "hormon", "chemo")
patients[coded] <- lapply(patients[coded], factor)
predictors <- setdiff(names(patients), c("rtime", "recur"))
formula <- reformulate(predictors, "Surv(rtime, recur)")
horizon <- 5 * 365.25

tables <- function(known) {
  if ("rtime" %in% names(known)) {
    known$hazard <- nelsonaalen(known, rtime, recur)
    time <- known$rtime
    known$rtime <- NULL
  }
  made <- mice(known, m = 5, maxit = 10, printFlag = FALSE)
  lapply(1:5, function(place) {
    table <- complete(made, place)
    if ("recur" %in% names(table)) table$rtime <- time
    table
  })
}

coefficients_of <- function(made) {
  fits <- lapply(made, function(table) cph(formula, table, x = TRUE, y = TRUE, surv = TRUE))
  list(beta = rowMeans(sapply(fits, coef)), fit = fits[[1]])
}

measures <- function(model, made, outcome) {
  rowMeans(sapply(made, function(table) {
    linear <- drop(model.matrix(delete.response(terms(formula)), table)[, -1] %*% model$beta)
    follow_up <- Surv(outcome$rtime, outcome$recur)
    line <- cph(follow_up ~ linear, x = TRUE, y = TRUE, surv = TRUE)
    risk <- 1 - survest(line, data.frame(linear), times = horizon, se.fit = FALSE)$surv
    known <- outcome$recur == 1 | outcome$rtime > horizon
    shape <- rcs(log(-log(1 - risk)), 4)
    curve <- cph(follow_up ~ shape, x = TRUE, y = TRUE, surv = TRUE)
    seen <- 1 - survest(curve, times = horizon, se.fit = FALSE)$surv
    event <- outcome$recur == 1 & outcome$rtime <= horizon
    away <- abs(seen - risk)
    c(
      concordance(follow_up ~ linear, reverse = TRUE)$concordance, coef(line),
      mean((event - risk)[known]^2), mean(away), median(away), quantile(away, 0.9), max(away)
    )
  }))
}

test <- tables(patients[predictors])
turns(c("mice", "rms"), function() {
  for (resample in seq_len(resamples)) {
    rows <- sample(nrow(patients), replace = TRUE)
    made <- tables(patients[rows, ])
    model <- coefficients_of(made)
    found <- rbind(measures(model, made, patients[rows, ]), measures(model, test, patients))
  }
  found
})
