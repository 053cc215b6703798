# Backward elimination of Cox models by AIC (MASS::stepAIC), likelihood-ratio tests of dropped terms, and
# variance inflation (car::vif).
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(MASS); library(car)})
limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)

run <- function(data_name, ours, fit) {
  step <- stepAIC(fit, direction = "backward", trace = 0)
  dropped <- drop1(fit, test = "Chisq")
  v <- suppressWarnings(vif(fit))
  v <- if (is.matrix(v)) v[, "GVIF"] else v
  list(data = data_name, formula = ours,
       kept = I(attr(terms(step), "term.labels")), aic = AIC(step),
       lr = I(dropped[["LRT"]][-1]), lr_p_value = I(dropped[["Pr(>Chi)"]][-1]), gvif = I(unname(v)))
}

gbsg <- read_frame("gbsg")
rotterdam <- read_frame("rotterdam", LEVELS$rotterdam)
write_reference("cox_selection", list(
  gbsg = run("gbsg", "Surv(rfstime, status) ~ age + meno + C(grade) + nodes + pgr + er + hormon",
             coxph(Surv(rfstime, status) ~ age + meno + factor(grade) + nodes + pgr + er + hormon, gbsg,
                   control = limits)),
  rotterdam = run("rotterdam", paste("Surv(dtime, death) ~ age + meno + C(size, ref=\"<=20\") + C(grade) + nodes",
                                     "+ pgr + er + hormon + chemo"),
                  coxph(Surv(dtime, death) ~ age + meno + size + factor(grade) + nodes + pgr + er + hormon + chemo,
                        rotterdam, control = limits))
), c("survival", "MASS", "car"))
