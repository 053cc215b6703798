# How the coefficients of a repeated selection vary (Heinze, Wallisch and Dunkler 2018, doi:10.1002/bimj.201700067): backward
# elimination by AIC on given resamples; RMSD ratio and relative conditional bias by hand.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(MASS)})
limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)

# Positions of the rows of each resample, counted from 0.
drawn <- function(n, times) { set.seed(1); replicate(times, sample.int(n, replace = TRUE) - 1L, simplify = FALSE) }

run <- function(data_name, ours, whole, fitted, times) {
  full <- fitted(whole)
  columns <- setdiff(names(coef(full)), "(Intercept)")
  rows <- drawn(nrow(whole), times)
  beta <- t(sapply(rows, function(at) {
    resample <<- whole[at + 1, ]  # looked up by the refits of stepAIC
    kept <- coef(stepAIC(fitted(resample), direction = "backward", trace = 0))
    b <- setNames(numeric(length(columns)), columns)
    found <- intersect(names(kept), columns)
    b[found] <- kept[found]
    b
  }))
  global <- coef(full)[columns]
  error <- sqrt(diag(vcov(full)))[columns]
  inclusion <- colMeans(beta != 0)
  list(data = data_name, formula = ours, indices = unname(do.call(rbind, rows)), columns = I(columns),
       estimate = I(unname(global)), std_error = I(unname(error)), frequency = I(unname(inclusion)),
       rmsd_ratio = I(unname(sqrt(colMeans(sweep(beta, 2, global)^2)) / error)),
       relative_bias = I(unname(colMeans(beta) / inclusion / global - 1)),
       median = I(unname(apply(beta, 2, median))),
       low = I(unname(apply(beta, 2, quantile, 0.025))), high = I(unname(apply(beta, 2, quantile, 0.975))))
}

noise <- read_frame("pima_noise", LEVELS$pima)
groups <- read_frame("pima_groups", LEVELS$pima_groups)
gbsg <- read_frame("gbsg")
candidates <- c("npreg", "glu", "bp", "skin", "bmi", "ped", "age", paste0("noise", 1:4))
categories <- c("glu", "bp", "ped", "age_group", "parous")
logistic <- function(names) function(data) {
  model <- reformulate(names, "type")
  eval(bquote(glm(.(model), binomial, .(substitute(data)), control = glm.control(epsilon = 1e-14, maxit = 100))),
       parent.frame())
}
cox <- function(data) {
  eval(bquote(coxph(Surv(rfstime, status) ~ age + meno + factor(grade) + nodes + pgr + er + hormon, .(substitute(data)),
                    control = limits)), parent.frame())
}
formula_of <- function(names) paste("type == \"Yes\" ~", paste(names, collapse = " + "))
write_reference("selection_stability", list(
  logistic = list(run("pima_noise", formula_of(candidates), noise, logistic(candidates), 25),
                  run("pima_groups", formula_of(categories), groups, logistic(categories), 25)),
  cox = run("gbsg", "Surv(rfstime, status) ~ age + meno + C(grade) + nodes + pgr + er + hormon", gbsg, cox, 12),
  categories = LEVELS$pima_groups[c("age_group", "parous")]
), c("survival", "MASS"))
