# Models fitted by R, written by the function that the documentation shows, with R's own predictions.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(rms)})

page <- readLines("../../docs/howto/elsewhere.md")
begin <- grep("^to_vertebrisk <- function", page)
code <- page[begin:(begin + which(page[begin:length(page)] == "}")[1] - 1)]
eval(parse(text = code))

dir.create("output/elsewhere", showWarnings = FALSE)
set.seed(11)
n <- 400
d <- data.frame(age = round(rnorm(n, 70, 8)), bmi = rgamma(n, 20, 1 / 1.2), grade = factor(sample(c("low", "mid", "high"), n, TRUE), levels = c("low", "mid", "high")),
                ivc = runif(n) < 0.3, `bone density` = rnorm(n, -2.5, 0.8), check.names = FALSE)
lp <- -9 + 0.09 * d$age + 0.6 * (d$grade == "high") + 0.5 * d$ivc + 0.03 * d$bmi
d$pain <- rbinom(n, 1, plogis(lp))
event_at <- rexp(n, 0.015 * exp(lp - mean(lp))); lost_at <- runif(n, 5, 60)
d$time <- ceiling(pmin(event_at, lost_at)); d$event <- as.integer(event_at <= lost_at)
dd <- datadist(d); options(datadist = "dd")
new <- d[1:25, ]

cases <- list(
  glm = glm(pain ~ age + grade + ivc + log(bmi) + `bone density`, binomial, d),
  glm_shapes = glm(pain ~ rcs(age, 4) + I(bmi^2) + factor(ivc) + grade * bmi, binomial, d),
  lrm = lrm(pain ~ rcs(age, 4) * grade + bmi, d),
  lrm_plain = lrm(pain ~ age + grade + log(bmi), d),
  coxph = coxph(Surv(time, event) ~ age + grade + sqrt(bmi) + ivc, d),
  coxph_shapes = coxph(Surv(time, event) ~ rcs(age, 5) + grade * bmi, d, ties = "breslow"),
  cph = cph(Surv(time, event) ~ rcs(age, 4) + grade + bmi, d, surv = TRUE))

risk <- function(fit) {
  if (inherits(fit, "cph")) return(as.numeric(1 - survest(fit, new, times = 12, se.fit = FALSE)$surv))
  if (inherits(fit, "coxph")) return(as.numeric(1 - summary(survfit(fit, newdata = new), times = 12)$surv))
  if (inherits(fit, "lrm")) return(unname(predict(fit, new, type = "fitted")))
  unname(predict(fit, new, type = "response"))
}
limits <- function(fit) {
  if (inherits(fit, "coxph")) return(NULL)
  p <- predict(fit, new, se.fit = TRUE)
  lp <- if (inherits(fit, "lrm")) p$linear.predictors else p$fit
  list(low = unname(plogis(lp - qnorm(0.975) * p$se.fit)), high = unname(plogis(lp + qnorm(0.975) * p$se.fit)))
}
results <- list()
for (name in names(cases)) {
  to_vertebrisk(cases[[name]], file.path("output/elsewhere", paste0(name, ".json")))
  results[[name]] <- list(risk = risk(cases[[name]]), limits = limits(cases[[name]]))
}
patients <- new[, c("age", "bmi", "grade", "ivc", "bone density")]
write_reference("elsewhere", list(patients = as.list(patients), cases = results))
