# Sampled controls: prior correction, weighting with the errors of a stratified sample, and the measures of the
# population computed by hand. Cases and every second control of pima_tr are the sample.
source("scripts/common.R")
suppressPackageStartupMessages(library(survey))

precise <- glm.control(epsilon = 1e-14, maxit = 100)
whole <- read_frame("pima_tr", LEVELS$pima)
whole$y <- as.numeric(whole$type == "Yes")
controls <- which(whole$y == 0)
keep <- sort(c(which(whole$y == 1), controls[seq(1, length(controls), by = 2)]))
pima <- whole[keep, ]
formula <- y ~ glu + bmi + ped
thresholds <- c(0.02, 0.05, 0.1, 0.2, 0.4)
z <- qnorm(0.975)

case_of <- function(prevalence, population_cases = NULL, population_controls = NULL) {
  n1 <- sum(pima$y); n0 <- sum(1 - pima$y); n <- n1 + n0
  known <- is.null(population_cases)
  estimated <- if (known) 0 else 1 / population_cases + 1 / population_controls
  share <- n1 / n
  pima$offset <- rep(log((1 - prevalence) / prevalence * share / (1 - share)), n)
  pima$w <- ifelse(pima$y == 1, prevalence / share, (1 - prevalence) / (1 - share))

  # Prior correction: the offset of the sample, a constant, leaves the intercept of the population.
  fit <- glm(formula, family = binomial, data = pima, offset = offset, control = precise)
  prior <- vcov(fit)
  prior[1, 1] <- prior[1, 1] - (1 / n1 + 1 / n0) + estimated
  linear <- predict(fit) - pima$offset
  risk <- plogis(linear)

  # Weighting; with an estimated prevalence, the derivative of the estimates by its log-odds is taken numerically.
  weighted_fit <- function(tau) {
    pima$v <- ifelse(pima$y == 1, tau / share, (1 - tau) / (1 - share))
    svyglm(formula, design = svydesign(ids = ~1, strata = ~y, weights = ~v, data = pima), family = quasibinomial(),
           control = precise)
  }
  weighted <- weighted_fit(prevalence)
  step <- 1e-4
  moved <- (coef(weighted_fit(plogis(qlogis(prevalence) + step))) -
            coef(weighted_fit(plogis(qlogis(prevalence) - step)))) / (2 * step)

  w <- pima$w
  log_lik <- function(p) sum(w * (pima$y * log(p) + (1 - pima$y) * log(1 - p)))
  gain <- 2 * (log_lik(risk) - log_lik(rep(prevalence, n)))
  r2 <- (1 - exp(-gain / n)) / (1 - exp(2 * log_lik(rep(prevalence, n)) / n))

  # The smoother sees the sample; its odds differ from those of the population by one factor.
  inside <- plogis(linear + pima$offset)
  smooth <- predict(loess(pima$y ~ inside, degree = 2, span = 0.75, control = loess.control(surface = "direct")))
  smooth <- pmin(pmax(smooth, 0), 1)
  observed <- smooth / (smooth + exp(pima$offset) * (1 - smooth))
  gap <- abs(observed - risk)

  benefit <- sapply(thresholds, function(t) {
    sensitivity <- mean(risk[pima$y == 1] >= t)
    specificity <- mean(risk[pima$y == 0] < t)
    sensitivity * prevalence - (1 - specificity) * (1 - prevalence) * t / (1 - t)
  })
  values <- lapply(thresholds, function(t) {
    a <- sum(risk >= t & pima$y == 1); b <- sum(risk >= t & pima$y == 0)
    odds <- prevalence / (1 - prevalence)
    se <- a / n1; fp <- b / n0
    ppv <- se * prevalence / (se * prevalence + fp * (1 - prevalence))
    npv <- (1 - fp) * (1 - prevalence) / ((1 - fp) * (1 - prevalence) + (1 - se) * prevalence)
    error1 <- sqrt((1 - se) / (se * n1) + (1 - fp) / (fp * n0))
    error2 <- sqrt(se / ((1 - se) * n1) + fp / ((1 - fp) * n0))
    list(threshold = t, ppv = ppv, ppv_low = plogis(qlogis(ppv) - z * error1), ppv_high = plogis(qlogis(ppv) + z * error1),
         npv = npv, npv_low = plogis(qlogis(npv) - z * error2), npv_high = plogis(qlogis(npv) + z * error2))
  })
  list(data = "pima_tr", kept = I(as.integer(keep - 1)), event = "type == 'Yes'", formula = "glu + bmi + ped",
       prevalence = prevalence,
       population_cases = if (known) NA_integer_ else as.integer(population_cases),
       population_controls = if (known) NA_integer_ else as.integer(population_controls),
       offset = pima$offset[1], case_weight = w[pima$y == 1][1], control_weight = w[pima$y == 0][1],
       prior = list(estimate = I(unname(coef(fit))), covariance = unname(prior)),
       weighted = list(estimate = I(unname(coef(weighted))),
                       covariance = unname(vcov(weighted)) + estimated * outer(unname(moved), unname(moved))),
       brier = sum(w * (pima$y - risk)^2) / n, r2 = r2, ici = sum(w * gap) / n, emax = max(gap),
       thresholds = I(thresholds), net_benefit = I(benefit), values = values)
}

write_reference("sampling", list(cases = list(
  case_of(0.054),
  case_of(61 / 1120, 61, 1059),
  case_of(68 / 200, 68, 132)
)), "survey")
