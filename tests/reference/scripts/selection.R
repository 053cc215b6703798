# Selection repeated in each resample: univariable screening, and backward elimination by AIC and by p.
source("scripts/common.R")
suppressPackageStartupMessages({library(MASS); library(Hmisc)})

auc <- function(lp, y) unname(somers2(lp, y)["C"])
p_of <- function(lr, df) pchisq(lr, df, lower.tail = FALSE)

# Screening: each candidate alone, likelihood-ratio test of the whole variable, kept if p < alpha;
# then one model of all that were kept. Nothing kept: the intercept alone, AUC 0.5.
screen_fit <- function(data, outcome, candidates, alpha = 0.05) {
  p <- vapply(candidates, function(v) {
    f <- tight(reformulate(v, outcome), data)
    p_of(f$null.deviance - f$deviance, length(coef(f)) - 1)
  }, 0)
  kept <- candidates[p < alpha]
  list(p_value = p, kept = kept, fit = tight(reformulate(if (length(kept)) kept else "1", outcome), data))
}

# Backward by p: drop the variable with the largest likelihood-ratio p while it is >= alpha, refit.
backward_p <- function(data, outcome, candidates, alpha = 0.05) {
  kept <- candidates
  steps <- list()
  repeat {
    if (!length(kept)) break
    full <- tight(reformulate(kept, outcome), data)
    p <- vapply(kept, function(v) {
      rest <- setdiff(kept, v)
      f <- tight(reformulate(if (length(rest)) rest else "1", outcome), data)
      p_of(f$deviance - full$deviance, length(coef(full)) - length(coef(f)))
    }, 0)
    worst <- which.max(p)
    if (p[worst] < alpha) break
    steps[[length(steps) + 1]] <- list(removed = kept[worst], p_value = unname(p[worst]))
    kept <- kept[-worst]
  }
  list(kept = kept, steps = steps, fit = tight(reformulate(if (length(kept)) kept else "1", outcome), data))
}

# Backward by AIC: drop the variable whose removal gives the smallest AIC, while that is below the current one.
backward_aic <- function(data, outcome, candidates) {
  kept <- candidates
  steps <- list()
  fit <- tight(reformulate(kept, outcome), data)
  while (length(kept)) {
    aic <- vapply(kept, function(v) {
      rest <- setdiff(kept, v)
      AIC(tight(reformulate(if (length(rest)) rest else "1", outcome), data))
    }, 0)
    best <- which.min(aic)
    if (aic[best] >= AIC(fit)) break
    steps[[length(steps) + 1]] <- list(removed = kept[best], aic = unname(aic[best]))
    kept <- kept[-best]
    fit <- tight(reformulate(if (length(kept)) kept else "1", outcome), data)
  }
  list(kept = kept, steps = steps, fit = fit)
}

describe <- function(s, data, y, index = NULL) {
  lp <- suppressWarnings(predict(s$fit, data))
  out <- list(kept = I(s$kept), coef = I(unname(coef(s$fit))), aic = AIC(s$fit))
  if (!is.null(s$p_value)) out$p_value <- named(s$p_value)
  if (!is.null(s$steps)) out$steps <- s$steps
  out$auc_training <- if (is.null(index)) auc(lp, y) else auc(lp[index], y[index])
  if (!is.null(index)) {
    out$auc_test <- auc(lp, y)
    out$max_abs_coef <- max(abs(coef(s$fit)))
  }
  out
}

run <- function(id, file, event, data, outcome, candidates, seed, n_screen, n_backward) {
  y <- if (is.factor(data[[outcome]])) as.integer(data[[outcome]]) - 1L else data[[outcome]]
  n <- nrow(data)
  set.seed(seed)
  index <- t(replicate(n_screen, sample(n, replace = TRUE)))
  full <- list(screen = describe(screen_fit(data, outcome, candidates), data, y),
               backward_p = describe(backward_p(data, outcome, candidates), data, y),
               backward_aic = describe(backward_aic(data, outcome, candidates), data, y))
  stepped <- suppressWarnings(stepAIC(tight(reformulate(candidates, outcome), data), direction = "backward", trace = 0))
  stopifnot(identical(sort(attr(terms(stepped), "term.labels")), sort(as.character(full$backward_aic$kept))))
  resample <- function(f, count) lapply(seq_len(count), function(k) {
    i <- index[k, ]
    describe(f(data[i, ], outcome, candidates), data, y, i)
  })
  screened <- resample(screen_fit, n_screen)
  chosen <- vapply(candidates, function(v) mean(vapply(screened, function(s) v %in% s$kept, TRUE)), 0)
  list(id = id, data = file, event = event, candidates = candidates, alpha = 0.05, seed = seed, index = index - 1L,
       full = full, screen = screened, selected_frequency = named(chosen),
       screen_optimism = mean(vapply(screened, function(s) s$auc_training - s$auc_test, 0)),
       backward_p = resample(backward_p, n_backward), backward_aic = resample(backward_aic, n_backward))
}

noise <- read_frame("pima_noise", LEVELS$pima)
groups <- read_frame("pima_groups", LEVELS$pima_groups)
studies <- list(
  pima_noise = run("pima_noise", "pima_noise", "type == \"Yes\"", noise, "type",
                   c("npreg", "glu", "bp", "skin", "bmi", "ped", "age", paste0("noise", 1:4)), 5, 20, 10),
  pima_groups = run("pima_groups", "pima_groups", "type == \"Yes\"", groups, "type",
                    c("glu", "bp", "ped", "age_group", "bmi_group", "parous"), 6, 20, 10))
write_reference("selection", list(
  note = "index holds 0-based rows; factors in pima_groups count as one variable each; levels in order given",
  categories = LEVELS$pima_groups[c("age_group", "bmi_group", "parous")], studies = studies), c("MASS", "Hmisc"))
