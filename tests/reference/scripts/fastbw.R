# Backward elimination without refits: rms::fastbw(type = "individual") by P and by AIC, and rms::validate(bw = TRUE).
#
# rms stops its fits early (lrm.fit when the deviance moves by 0.025, coxphFit at 1e-4 within validate). Here both
# iterate to the end wherever rms calls them, so that the reference is rms itself. No resample is separated: there rms
# leaves out what separates, whose Wald statistic is near zero.
source("scripts/common.R")
suppressPackageStartupMessages({library(rms)})

to_the_end <- function(name, change) {
  space <- asNamespace("rms")
  fit <- change(get(name, space))
  unlockBinding(name, space)
  assign(name, fit, space)
  attached <- as.environment("package:rms")
  if (exists(name, attached, inherits = FALSE)) {
    unlockBinding(name, attached)
    assign(name, fit, attached)
  }
}
to_the_end("lrm.fit", function(f) {
  force(f)
  # a change so small is followed by an error of its square
  function(..., eps, maxit, tol) f(..., eps = 1e-9, maxit = 60, tol = 1e-14)
})
to_the_end("coxphFit", function(f) {
  force(f)
  function(..., eps, iter.max = 60) f(..., eps = 1e-13, iter.max = if (iter.max == 0) 0 else 60)
})

RULES <- list(p = list(rule = "p", sls = 0.05), aic = list(rule = "aic", sls = 0.05))

run <- function(data_name, ours, fit, n, resamples, seed, categories = NULL) {
  set.seed(seed)
  index <- t(replicate(resamples, sample(n, replace = TRUE)))
  rules <- lapply(RULES, function(r) {
    steps <- fastbw(fit, rule = r$rule, sls = r$sls, type = "individual")
    set.seed(seed)
    sink(nullfile())
    z <- suppressWarnings(validate(fit, B = resamples, bw = TRUE, rule = r$rule, sls = r$sls, type = "individual"))
    sink()
    stopifnot(all(z[, "n"] == resamples), nrow(attr(z, "kept")) == resamples)
    list(removed = I(rownames(steps$result)), chi_square = I(unname(steps$result[, 1])),
         df = I(as.integer(steps$result[, 2])), p_value = I(unname(steps$result[, 3])), kept = I(steps$names.kept),
         resampled = unname(attr(z, "kept")), measures = I(rownames(z)), apparent = I(unname(z[, "index.orig"])),
         training = I(unname(z[, "training"])), test = I(unname(z[, "test"])),
         corrected = I(unname(z[, "index.corrected"])))
  })
  list(data = data_name, formula = ours, categories = categories, index = unname(index - 1L), rules = rules)
}

noise <- read_frame("pima_noise", LEVELS$pima)
groups <- read_frame("pima_groups", LEVELS$pima_groups)
gbsg <- read_frame("gbsg")
gbsg$grade <- factor(gbsg$grade)
third <- read_frame("rotterdam", LEVELS$rotterdam)
third <- third[seq(1, nrow(third), 3), ]
third$grade <- factor(third$grade)
candidates <- c("npreg", "glu", "bp", "skin", "bmi", "ped", "age", paste0("noise", 1:4))
categories <- c("glu", "bp", "ped", "age_group", "bmi_group", "parous")
whole_lrm <- function(names, data) lrm(reformulate(names, "type"), data, x = TRUE, y = TRUE)
whole_cph <- function(formula, data) cph(formula, data, x = TRUE, y = TRUE, eps = 1e-13, tol = 1e-14, iter.max = 60)

write_reference("fastbw", list(logistic = list(
  pima_noise = run("pima_noise", paste("type == \"Yes\" ~", paste(candidates, collapse = " + ")),
                   whole_lrm(candidates, noise), nrow(noise), 30, 21),
  pima_groups = run("pima_groups", paste("type == \"Yes\" ~", paste(categories, collapse = " + ")),
                    whole_lrm(categories, groups), nrow(groups), 20, 21,
                    LEVELS$pima_groups[c("age_group", "bmi_group", "parous")])),
  cox = list(
  gbsg = run("gbsg", "Surv(rfstime, status) ~ age + meno + C(grade) + nodes + pgr + er + hormon",
             whole_cph(Surv(rfstime, status) ~ age + meno + grade + nodes + pgr + er + hormon, gbsg), nrow(gbsg), 20, 23),
  rotterdam = run("rotterdam", paste("Surv(dtime, death) ~ age + meno + C(size, ref=\"<=20\") + C(grade) + nodes",
                                     "+ pgr + er + hormon + chemo"),
                  whole_cph(Surv(dtime, death) ~ age + meno + size + grade + nodes + pgr + er + hormon + chemo, third),
                  nrow(third), 20, 24))
), c("rms", "survival"))
