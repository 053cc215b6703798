# Harrell's optimism bootstrap of Cox models on stored resamples, as rms::validate.cph.
#
# Two passes over the same resamples. The first is rms::validate itself. The second repeats its steps
# with every fit iterated to the end (rms stops at a relative change of 1e-4 of the log-likelihood), must
# come near the first, and is the reference.
source("scripts/common.R")
suppressPackageStartupMessages({library(rms)})

limits <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
fit_tight <- function(x, y, ties) coxph(y ~ x, ties = ties, control = limits)

dxy <- function(lp, y) unname(dxy.cens(lp, y, type = "hazard")["Dxy"])

apparent <- function(lp, y, f) {
  lr <- 2 * diff(f$loglik)
  ll0 <- -2 * f$loglik[1]
  n <- nrow(y)
  d <- (lr - 1) / ll0
  c(dxy = dxy(lp, y), r2 = (1 - exp(-lr / n)) / (1 - exp(-ll0 / n)), slope = 1, d = d, u = -2 / ll0,
    q = d + 2 / ll0, g = GiniMd(lp))
}

elsewhere <- function(lp, y, ties) {
  f <- fit_tight(lp, y, ties)
  lr <- 2 * diff(f$loglik)
  ll0 <- -2 * f$loglik[1]
  n <- nrow(y)
  frozen <- coxph(y ~ lp, ties = ties, init = 1, control = coxph.control(iter.max = 0))$loglik[2]
  d <- (lr - 1) / ll0
  u <- -2 * (frozen - f$loglik[2]) / ll0
  slope <- unname(coef(f))
  c(dxy = dxy(lp, y), r2 = (1 - exp(-lr / n)) / (1 - exp(-ll0 / n)), slope = slope, d = d, u = u, q = d - u,
    g = GiniMd(slope * lp))
}

run <- function(data_name, ours, x, y, ties, resamples, seed) {
  n <- nrow(y)
  set.seed(seed)
  indices <- t(replicate(resamples, sample(n, replace = TRUE)))
  whole <- fit_tight(x, y, ties)
  index <- apparent(drop(x %*% coef(whole)), y, whole)
  parts <- lapply(seq_len(resamples), function(i) {
    drawn <- indices[i, ]
    f <- fit_tight(x[drawn, , drop = FALSE], y[drawn, ], ties)
    lp <- drop(x %*% coef(f))
    list(training = apparent(lp[drawn], y[drawn, ], f), test = suppressWarnings(elsewhere(lp, y, ties)))
  })
  training <- rowMeans(sapply(parts, `[[`, "training"))
  test <- rowMeans(sapply(parts, `[[`, "test"))
  corrected <- index - (training - test)

  frame <- as.data.frame(x)
  names(frame) <- paste0("v", seq_len(ncol(x)))
  reference <- cph(as.formula(paste("y ~", paste(names(frame), collapse = " + "))), data = frame, x = TRUE, y = TRUE,
                   method = ties, eps = 1e-10)
  set.seed(seed)
  theirs <- suppressWarnings(validate(reference, B = resamples))
  stopifnot(max(abs(theirs[, "index.corrected"] - corrected)) < 2e-3)
  list(data = data_name, formula = ours, ties = ties, indices = unname(indices - 1L),
       measures = I(names(index)), apparent = I(unname(index)), training = I(unname(training)),
       test = I(unname(test)), corrected = I(unname(corrected)),
       rms_corrected = I(unname(theirs[, "index.corrected"])),
       rms_r2 = unname(reference$stats["R2"]))
}

veteran <- read_frame("veteran")
gbsg <- read_frame("gbsg")
lung <- read_frame("lung")
lung <- lung[complete.cases(lung[, c("age", "sex", "ph.ecog")]), ]

write_reference("cox_validate", list(
  veteran = run("veteran", "Surv(time, status) ~ karno + age + trt",
                as.matrix(veteran[, c("karno", "age", "trt")]), Surv(veteran$time, veteran$status), "efron", 40, 11),
  veteran_breslow = run("veteran", "Surv(time, status) ~ karno + age + trt",
                        as.matrix(veteran[, c("karno", "age", "trt")]), Surv(veteran$time, veteran$status), "breslow",
                        25, 12),
  gbsg = run("gbsg", "Surv(rfstime, status) ~ age + log(nodes) + hormon + meno",
             cbind(gbsg$age, log(gbsg$nodes), gbsg$hormon, gbsg$meno), Surv(gbsg$rfstime, gbsg$status), "efron",
             25, 13),
  lung = run("lung", "Surv(time, status == 2) ~ age + sex + `ph.ecog`",
             as.matrix(lung[, c("age", "sex", "ph.ecog")]), Surv(lung$time, lung$status == 2), "efron", 25, 14)
), c("survival", "rms"))
