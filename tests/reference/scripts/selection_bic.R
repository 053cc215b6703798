# Backward elimination by BIC: step(k = log(n)), n the patients of a logistic model and the events of a Cox model.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(MASS)})
limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)

# `data` is looked up by the refits of stepAIC
run <- function(data_name, ours, fit, size, data) {
  chosen <- stepAIC(fit, direction = "backward", trace = 0, k = log(size))
  list(data = data_name, formula = ours, size = size, kept = I(attr(terms(chosen), "term.labels")),
       bic = BIC(chosen), coef = I(unname(coef(chosen))))
}

gbsg <- read_frame("gbsg")
whole <- read_frame("rotterdam", LEVELS$rotterdam)
fifth <- whole[seq(1, nrow(whole), 5), ]  # every fifth patient: log(events) and log(n) choose differently
noise <- read_frame("pima_noise", LEVELS$pima)
groups <- read_frame("pima_groups", LEVELS$pima_groups)
candidates <- c("npreg", "glu", "bp", "skin", "bmi", "ped", "age", paste0("noise", 1:4))
categories <- c("glu", "bp", "ped", "age_group", "bmi_group", "parous")
write_reference("selection_bic", list(
  pima_noise = run("pima_noise", paste("type == \"Yes\" ~", paste(candidates, collapse = " + ")),
                   tight(reformulate(candidates, "type"), noise), nrow(noise), noise),
  pima_groups = run("pima_groups", paste("type == \"Yes\" ~", paste(categories, collapse = " + ")),
                    tight(reformulate(categories, "type"), groups), nrow(groups), groups),
  gbsg = run("gbsg", "Surv(rfstime, status) ~ age + meno + C(grade) + nodes + pgr + er + hormon",
             coxph(Surv(rfstime, status) ~ age + meno + factor(grade) + nodes + pgr + er + hormon, gbsg,
                   control = limits), sum(gbsg$status), gbsg),
  rotterdam = run("rotterdam", paste("Surv(dtime, death) ~ age + meno + C(size, ref=\"<=20\") + C(grade) + nodes",
                                     "+ pgr + er + hormon + chemo"),
                  coxph(Surv(dtime, death) ~ age + meno + size + factor(grade) + nodes + pgr + er + hormon + chemo,
                        fifth, control = limits), sum(fifth$death), fifth),
  categories = LEVELS$pima_groups[c("age_group", "bmi_group", "parous")]
), c("survival", "MASS"))
