# Penalty factors of glmnet with categories and at zero, and a penalised fit of sampled controls by weighting. glmnet stops
# at thresh = 1e-7; here it goes on to 1e-22, which bounds the square of a step.
source("scripts/common.R")
suppressPackageStartupMessages({library(glmnet); library(survival)})

tight_net <- function(...) glmnet(..., thresh = 1e-22, maxit = 1e8)
columns_of <- function(formula, data) model.matrix(formula, data)[, -1, drop = FALSE]
# From a warm start: coefficients at the last of falling penalties.
at_penalty <- function(x, y, lambda, ...) {
  fit <- tight_net(x, y, lambda = exp(seq(log(100 * lambda), log(lambda), length.out = 60)), ...)
  as.vector(as.matrix(coef(fit))[, 60])
}

pg <- read_frame("pima_groups")
pg$bmi_group <- factor(pg$bmi_group, c("normal", "overweight", "obese"))
pg$parous <- factor(pg$parous, c("no", "yes"))
y <- as.integer(pg$type == "Yes")
x <- columns_of(~ npreg + glu + bmi_group + ped + parous, pg)
gb <- read_frame("gbsg")
gb$grade <- factor(gb$grade)
xs <- columns_of(~ age + size + grade + nodes + hormon, gb)
followed <- Surv(gb$rfstime + ifelse(gb$status == 1, 0, 0.25), gb$status)  # see penalties.R

case <- function(id, x, y, family, estimator, mix, lambda, terms, factors) {
  list(id = id, estimator = estimator, lambda = lambda, terms = terms, factors = I(factors), columns = I(colnames(x)),
       coef = I(at_penalty(x, y, lambda, family = family, alpha = mix, penalty.factor = factors)))
}
logistic <- list(
  case("one_free", x, y, "binomial", "lasso", 1, 0.05, list(npreg = 0), c(0, 1, 1, 1, 1, 1)),
  case("category_free", x, y, "binomial", "lasso", 1, 0.08, list(bmi_group = 0), c(1, 1, 0, 0, 1, 1)),
  case("category_twice", x, y, "binomial", "elastic_net", 0.5, 0.03, list(bmi_group = 2, ped = 0.5), c(1, 1, 2, 2, 0.5, 1)),
  case("ridge", x, y, "binomial", "ridge", 0, 0.2, list(glu = 0, parous = 3), c(1, 0, 1, 1, 1, 3))
)
cox <- list(
  case("one_free", xs, followed, "cox", "lasso", 1, 0.05, list(age = 0), c(0, 1, 1, 1, 1, 1)),
  case("category_free", xs, followed, "cox", "elastic_net", 0.5, 0.1, list(grade = 0, nodes = 2), c(1, 1, 0, 0, 2, 1)),
  case("ridge", xs, followed, "cox", "ridge", 0, 0.3, list(hormon = 0), c(1, 1, 1, 1, 1, 0))
)

# A path with cross-validation at its penalties.
factors <- c(0, 1, 2, 2, 1, 1)
path <- tight_net(x, y, family = "binomial", penalty.factor = factors)
folds <- as.integer((seq_along(y) * 3L) %% 5 + 1L)
cv <- cv.glmnet(x, y, family = "binomial", penalty.factor = factors, lambda = path$lambda, foldid = folds,
                thresh = 1e-22, maxit = 1e8)
crossed <- list(factors = I(factors), folds = I(folds - 1L), lambda = I(path$lambda),
                mean = I(unname(cv$cvm)), error = I(unname(cv$cvsd)))

# Sampled controls: 68 cases and 132 controls of a population in which one in ten is a case. Prior correction takes the
# log of the ratio of odds off the intercept; weighting gives each patient those for whom he stands.
tau <- 0.1
share <- mean(y)
weights <- ifelse(y == 1, tau / share, (1 - tau) / (1 - share))
offset <- log((1 - tau) / tau * share / (1 - share))
sampled <- lapply(list(c("lasso", 1, 0.04), c("ridge", 0, 0.1), c("elastic_net", 0.5, 0.05)), function(each) {
  mix <- as.numeric(each[2]); lambda <- as.numeric(each[3])
  prior <- at_penalty(x, y, lambda, family = "binomial", alpha = mix)
  prior[1] <- prior[1] - offset
  list(estimator = each[1], lambda = lambda, prior = I(prior),
       weighted = I(at_penalty(x, y, lambda, family = "binomial", alpha = mix, weights = weights)))
})

write_reference("penalty_factors", list(logistic = logistic, cox = cox, crossed = crossed,
                                        sampled = list(prevalence = tau, fits = sampled)), c("glmnet", "survival"))
