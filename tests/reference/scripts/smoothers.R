# Smoothers and what is computed from them: calibration of given risks.
source("scripts/common.R")
suppressPackageStartupMessages({library(rms)})

# Local quadratic regression evaluated at every patient. With few distinct risks a neighbourhood can hold
# fewer than three; loess then solves by pseudoinverse, and the reference keeps what it gives.
direct <- function(y, p, se = FALSE) {
  fit <- suppressWarnings(loess(y ~ p, degree = 2, span = 0.75, family = "gaussian",
               control = loess.control(surface = "direct", statistics = "exact")))
  if (se) suppressWarnings(predict(fit, data.frame(p = p), se = TRUE)) else suppressWarnings(unname(predict(fit, data.frame(p = p))))
}

calibration <- function(y, p) {
  lp <- qlogis(p)
  control <- glm.control(epsilon = 1e-14, maxit = 100)
  joint <- glm(y ~ lp, binomial, control = control)
  large <- glm(y ~ offset(lp), binomial, control = control)
  z <- qnorm(0.975)
  ci <- function(b, s) list(estimate = b, se = s, conf_low = b - z * s, conf_high = b + z * s)
  error <- abs(direct(y, p) - p)
  o <- mean(y); e <- mean(p); n <- length(y)
  list(intercept = ci(coef(joint)[[1]], sqrt(vcov(joint)[1, 1])),
       slope = ci(coef(joint)[[2]], sqrt(vcov(joint)[2, 2])),
       in_the_large = ci(coef(large)[[1]], sqrt(vcov(large)[1, 1])),
       observed_expected = list(estimate = o / e, se_log = sqrt((1 - o) / (n * o)),
                                conf_low = o / e * exp(-z * sqrt((1 - o) / (n * o))),
                                conf_high = o / e * exp(z * sqrt((1 - o) / (n * o)))),
       brier = mean((y - p)^2),
       scaled_brier = 1 - mean((y - p)^2) / (o * (1 - o)),
       ici = mean(error), e50 = quantile(error, 0.5, names = FALSE), e90 = quantile(error, 0.9, names = FALSE),
       emax = max(error), loess_fitted = direct(y, p))
}

pt <- pima(); te <- pima("pima_te"); pv <- pvp(); bi <- read_frame("biopsy")
ro <- read_frame("rotterdam", LEVELS$rotterdam)
f_pt <- tight(type ~ npreg + glu + bp + skin + bmi + ped + age, pt)
f_pv <- tight(pain ~ cleft + fascia + muscle + cement, pv)
f_bi <- tight(I(class == "malignant") ~ V1 + V3 + V6, bi)
f_ro <- tight(death ~ age + meno + size + grade + nodes, ro)
p_te <- unname(predict(f_pt, te, type = "response"))

sets <- list(
  pima_external = list(data = "pima_te", event = "type == \"Yes\"", y = as.integer(te$type == "Yes"), p = p_te),
  pima_apparent = list(data = "pima_tr", event = "type == \"Yes\"", y = as.integer(pt$type == "Yes"), p = unname(fitted(f_pt))),
  pvp_apparent = list(data = "pvp", event = "pain == 1", y = pv$pain, p = unname(fitted(f_pv))),
  pvp_miscalibrated = list(data = "pvp", event = "pain == 1", y = pv$pain,
                           p = unname(plogis(0.4 + 1.5 * f_pv$linear.predictors))),
  biopsy_apparent = list(data = "biopsy", event = "class == \"malignant\"", y = as.integer(bi$class == "malignant"),
                         p = unname(fitted(f_bi))))

smooth <- lapply(sets, function(s) {
  low <- lowess(s$p, s$y, iter = 0)
  v <- suppressWarnings(val.prob(s$p, s$y, pl = FALSE))
  recal <- calibration(s$y, s$p)
  loess_se <- direct(s$y, s$p, se = TRUE)
  list(data = s$data, event = s$event, n = length(s$y), risk = s$p,
       lowess = list(arguments = "lowess(p, y, f = 2/3, iter = 0), default delta", x = low$x, y = low$y),
       loess = list(arguments = "degree 2, span 0.75, surface direct, statistics exact",
                    fitted = recal$loess_fitted, se = unname(loess_se$se.fit),
                    residual_scale = loess_se$residual.scale, df = loess_se$df),
       calibration = recal[names(recal) != "loess_fitted"],
       val_prob = list(note = "Emax, E90, Eavg from lowess; Intercept and Slope stop at lrm's eps = 0.025",
                       stats = named(v)))
})

# Large n: only x in, smooth out at the unique x.
lowess_large <- lapply(list(
  age = list(x = ro$age), nodes = list(x = ro$nodes), er = list(x = ro$er),
  risk = list(x = unname(fitted(f_ro)))), function(s) {
    low <- lowess(s$x, ro$death, iter = 0)
    first <- !duplicated(low$x)
    list(n = length(s$x), unique_x = low$x[first], y_at_first = low$y[first], delta = 0.01 * diff(range(s$x)))
  })
lowess_large$risk$model <- "death ~ age + meno + size + grade + nodes"

sm <- read_frame("small")
lowess_small <- list(
  x_event = lowess(sm$x, sm$event, iter = 0),
  tied_event = lowess(sm$tied, sm$event, iter = 0),
  skewed_x = lowess(sm$skewed, sm$x, iter = 0),
  delta_zero = lowess(sm$skewed, sm$x, iter = 0, delta = 0),
  f_third = lowess(sm$skewed, sm$x, iter = 0, f = 1 / 3))
loess_small <- list(
  x_event = list(x = "x", y = "event", fitted = direct(sm$event, sm$x)),
  tied_event = list(x = "tied", y = "event", fitted = direct(sm$event, sm$tied)),
  skewed_x = list(x = "skewed", y = "x", fitted = direct(sm$x, sm$skewed)))

write_reference("smoothers", list(sets = smooth, lowess_large = list(data = "rotterdam", event = "death == 1",
  arguments = "lowess(x, death, iter = 0); where x is tied every fitted value is the same", curves = lowess_large),
  lowess_small = c(list(data = "small"), lowess_small), loess_small = c(list(data = "small"), loess_small)),
  "rms")
