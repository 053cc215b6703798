# Conditional logistic regression of matched sets: clogit of survival, exact.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

tight <- function(formula, data, method = "exact")
  clogit(formula, data, method = method, control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100))
report <- function(fit) {
  s <- summary(fit)
  list(estimate = I(unname(coef(fit))), covariance = unname(vcov(fit)), log_likelihood = I(fit$loglik),
       lr = I(unname(s$logtest)), wald = I(unname(s$waldtest)), score = I(unname(s$sctest)),
       concordance = unname(s$concordance[1]))
}
sets <- infert
sets$education <- as.character(sets$education)
write.csv(sets, "data/infert.csv", row.names = FALSE, quote = which(vapply(sets, is.character, TRUE)))
one <- report(tight(case ~ spontaneous + induced + strata(stratum), infert))

# Sets of several sizes with one to three cases each.
set.seed(11)
many <- do.call(rbind, lapply(1:60, function(s) {
  size <- sample(3:8, 1); cases <- sample(1:min(3, size - 1), 1)
  a <- round(rnorm(size), 3); b <- sample(c("low", "mid", "high"), size, replace = TRUE); c <- sample(0:4, size, replace = TRUE)
  eta <- 0.8 * a - 0.6 * (b == "mid") + 0.3 * c + rnorm(size)
  data.frame(set = paste0("s", s), case = as.integer(rank(-eta, ties.method = "first") <= cases), a = a, b = b, c = c)
}))
write.csv(many, "data/matched_sets.csv", row.names = FALSE, quote = c(1, 4))
many$b <- factor(many$b, levels = c("low", "mid", "high"))
several <- report(tight(case ~ a + b + c + strata(set), many))
write_reference("conditional", list(infert = one, several = several), "survival")
