# The smooth of scaled Schoenfeld residuals, as plot.cox.zph draws it.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(splines)})

smooth <- function(fit, transform) {
  z <- cox.zph(fit, transform = transform)
  at <- seq(min(z$x), max(z$x), length = 40)
  lmat <- ns(c(at, z$x), df = 4, intercept = TRUE)
  pmat <- lmat[1:40, ]; xmat <- lmat[-(1:40), ]
  qmat <- qr(xmat)
  se <- sqrt(rowSums((pmat %*% solve(crossprod(xmat))) * pmat))
  lapply(setNames(seq_len(ncol(z$y)), colnames(z$y)), function(i)
    list(estimate = as.numeric(pmat %*% qr.coef(qmat, z$y[, i])), std_error = sqrt(z$var[i, i]) * se))
}
veteran <- read_frame("veteran")
lung <- na.omit(read_frame("lung")[, c("time", "status", "age", "sex", "ph.karno")])
tight <- coxph.control(eps = 1e-14, toler.inf = 1e-9, toler.chol = 1e-15, iter.max = 50)
cases <- list(
  veteran = smooth(coxph(Surv(time, status) ~ trt + karno + age, veteran, control = tight), "km"),
  lung = smooth(coxph(Surv(time, status == 2) ~ age + sex + ph.karno, lung, control = tight), "identity"))
write_reference("trend", list(cases = cases), c("survival"))
