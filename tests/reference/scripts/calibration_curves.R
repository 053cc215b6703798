# Calibration curves with bands: logistic regression on rms's restricted cubic spline of the log-odds, and
# loess, whose local weights are what it makes of each patient's outcome alone.
source("scripts/common.R")
suppressPackageStartupMessages({library(Hmisc)})
z <- qnorm(0.975)

gaps <- function(observed, p) {
  g <- abs(observed - p)
  list(ici = mean(g), e50 = median(g), e90 = unname(quantile(g, 0.9)), emax = max(g), eci = 100 * mean(g^2))
}
spline <- function(y, p, at) {
  x <- qlogis(p); k <- attr(rcspline.eval(x, nk = 5), "knots")
  columns <- function(x) as.data.frame(rcspline.eval(x, knots = k, inclx = TRUE))
  d <- columns(x); names(d) <- paste0("b", seq_along(d)); d$y <- y
  fit <- tight(reformulate(setdiff(names(d), "y"), "y"), d)
  new <- columns(qlogis(at)); names(new) <- setdiff(names(d), "y")
  link <- predict(fit, new, se.fit = TRUE)
  c(list(knots = k, curve = unname(plogis(link$fit)), low = unname(plogis(link$fit - z * link$se.fit)),
         high = unname(plogis(link$fit + z * link$se.fit))), gaps(unname(fitted(fit)), p))
}
local <- function(y, p, at) {
  smooth <- function(v, at) suppressWarnings(unname(predict(loess(v ~ p, degree = 2, span = 0.75,
    control = loess.control(surface = "direct", statistics = "approximate")), data.frame(p = at))))
  n <- length(y)
  operator <- vapply(seq_len(n), function(j) smooth(as.numeric(seq_len(n) == j), at), at)
  curve <- smooth(y, at); each <- pmin(pmax(smooth(y, p), 0.5 / n), 1 - 0.5 / n)
  reach <- z * sqrt(as.numeric(operator^2 %*% (each * (1 - each))))
  c(list(curve = curve, low = pmax(curve - reach, 0), high = pmin(curve + reach, 1)), gaps(smooth(y, p), p))
}
case <- function(y, p) {
  s <- sort(p); n <- length(p); at <- seq(s[5], s[n - 4], length.out = 101)
  list(event = as.integer(y), risk = p, predicted = at, spline = spline(y, p, at), loess = local(y, p, at))
}
pt <- pima(); te <- pima("pima_te"); ro <- read_frame("rotterdam", LEVELS$rotterdam)
half <- seq(1, nrow(ro), 10)
f_pt <- tight(type ~ npreg + glu + bp + skin + bmi + ped + age, pt)
f_ro <- tight(death ~ age + meno + size + grade, ro[-half, ])
cases <- list(
  pima_external = case(as.integer(te$type == "Yes"), unname(predict(f_pt, te, type = "response"))),
  # 80 patients: the outer knots are the fifth from each end
  pima_small = case(as.integer(te$type == "Yes")[1:80], unname(predict(f_pt, te, type = "response"))[1:80]),
  rotterdam = case(ro$death[half], unname(predict(f_ro, ro[half, ], type = "response"))))
write_reference("calibration_curves", list(cases = cases), "Hmisc")
