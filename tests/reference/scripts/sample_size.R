# Sizes of validations and developments by base R's integrate() and uniroot(), and standard errors of
# a Cox validation from a simulated cohort.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

information <- function(density, lower, upper) {
  moment <- function(k) integrate(function(x) x^k * plogis(x) * plogis(-x) * density(x), lower, upper,
                                  rel.tol = 1e-11, subdivisions = 2000)$value
  i <- vapply(0:2, moment, 0)
  i[1] / (i[1] * i[3] - i[2]^2)
}
binormal <- function(prevalence, c_index) {
  v <- 2 * qnorm(c_index)^2
  m <- qlogis(prevalence) - v / 2
  function(x) (1 - prevalence) * dnorm(x, m, sqrt(v)) + prevalence * dnorm(x, m + v, sqrt(v))
}
r2 <- function(prevalence, c_index) {
  d <- binormal(prevalence, c_index)
  centre <- qlogis(prevalence)
  l1 <- integrate(function(x) (plogis(x) * plogis(x, log.p = TRUE) + plogis(-x) * plogis(-x, log.p = TRUE)) * d(x),
                  centre - 40, centre + 40, rel.tol = 1e-11, subdivisions = 5000)$value
  l0 <- prevalence * log(prevalence) + (1 - prevalence) * log(1 - prevalence)
  1 - exp(2 * (l0 - l1))
}
by_c <- list(c(0.018, 0.8), c(0.138, 0.78), c(0.4, 0.65), c(0.5, 0.95))
slopes <- lapply(by_c, function(p) {
  centre <- qlogis(p[1])
  list(prevalence = p[1], c_index = p[2], slope_variance = information(binormal(p[1], p[2]), centre - 60, centre + 60),
       r2 = r2(p[1], p[2]))
})
normals <- lapply(list(c(-5, 2.5), c(0, 1), c(-2, 0.4)), function(p)
  list(mean = p[1], sd = p[2],
       slope_variance = information(function(x) dnorm(x, p[1], p[2]), p[1] - 12 * p[2], p[1] + 12 * p[2])))

newcombe <- function(n, p, c) sqrt(c * (1 - c) * (1 + (n / 2 - 1) * (1 - c) / (2 - c) + (n / 2 - 1) * c / (1 + c)) / (n^2 * p * (1 - p)))
c_sizes <- lapply(list(c(0.018, 0.8, 0.1), c(0.138, 0.78, 0.1), c(0.5, 0.9, 0.05)), function(p) {
  n <- 2:200000
  list(prevalence = p[1], c_index = p[2], width = p[3], n = n[which(2 * 1.96 * newcombe(n, p[1], p[2]) <= p[3])[1]])
})

# A cohort under the assumptions of the survival calculation, drawn at random.
set.seed(20260101)
spread <- uniroot(function(s) integrate(function(d) plogis(abs(d)) * dnorm(d, 0, s * sqrt(2)), -Inf, Inf)$value - 0.75,
                  c(0.1, 5), tol = 1e-12)$root
risk <- function(h) integrate(function(z) (1 - exp(-h * exp(spread * z))) * dnorm(z), -10, 10, rel.tol = 1e-10)$value
h <- uniroot(function(h) risk(h) - 0.2, c(1e-6, 10), tol = 1e-12)$root
lost <- function(r) integrate(function(z) {
  e <- h * exp(spread * z); (1 - exp(-(r + e))) * r / (r + e) * dnorm(z) }, -10, 10, rel.tol = 1e-10)$value
rate <- uniroot(function(r) lost(r) - 0.3, c(1e-6, 10), tol = 1e-12)$root
m <- 400000
lp <- rnorm(m, 0, spread)
event_at <- rexp(m, h * exp(lp)); lost_at <- rexp(m, rate)
time <- pmin(event_at, lost_at, 1); event <- event_at <= time
fit <- coxph(Surv(time, event) ~ lp)
small <- seq_len(40000)
con <- concordance(Surv(time[small], event[small]) ~ lp[small], reverse = TRUE)
km <- summary(survfit(Surv(time, event) ~ 1), times = 1)
write_reference("sample_size", list(
  slopes = slopes, normals = normals, c_sizes = c_sizes,
  cohort = list(risk = 0.2, c_index = 0.75, lost = 0.3, spread = spread, share_events = mean(event), share_lost = mean(!event & time < 1),
                slope_variance = m * vcov(fit)[1], c_index = unname(con$concordance), c_variance = length(small) * con$var,
                log_risk_variance = m * (km$std.err / (1 - km$surv))^2)))
