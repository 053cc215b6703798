# .632, .632+, repeated cross-validation and leave-one-out of a conditional model, whole sets drawn or left out, by
# clogit (exact) and the formulas of Efron and Tibshirani 1997.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

d <- read.csv("data/matched_noise.csv")
d$set <- factor(d$set, levels = unique(d$set))
inside <- split(seq_len(nrow(d)), d$set)
count <- nlevels(d$set)
TERMS <- c("a", "c", "z1", "z2")
tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
fit <- function(drawn, terms = TERMS) {
  parts <- inside[drawn]
  rows <- d[unlist(parts), ]
  rows$set <- rep(seq_along(parts), lengths(parts))
  clogit(as.formula(paste("case ~", paste(c(terms, "strata(set)"), collapse = " + "))), rows, method = "exact", control = tight)
}
score <- function(f) drop(as.matrix(d[TERMS]) %*% coef(f))
measures <- function(linear, sets, own = FALSE) {
  found <- rowSums(sapply(inside[sets], function(rows) {
    gap <- outer(linear[rows][d$case[rows] == 1], linear[rows][d$case[rows] == 0], `-`)
    c(sum(gap > 1e-9) + sum(abs(gap) <= 1e-9) / 2, length(gap))
  }))
  area <- found[1] / found[2]
  rows <- cbind(d, linear = linear)[unlist(inside[sets]), ]
  slope <- if (own) 1 else unname(coef(clogit(case ~ linear + strata(set), rows, method = "exact", control = tight)))
  c(c_index = area, dxy = 2 * area - 1, slope = slope)
}
set.seed(8)
index <- t(replicate(15, sample(count, replace = TRUE)))
fold <- t(replicate(3, sample((seq_len(count) - 1L) %% 5L)))
storage.mode(fold) <- "integer"
apparent <- measures(score(fit(seq_len(count))), seq_len(count), own = TRUE)
out <- t(sapply(seq_len(nrow(index)), function(k) measures(score(fit(index[k, ])), setdiff(seq_len(count), index[k, ]))))
test <- colMeans(out)
nothing <- c(0.5, 0, 0)
capped <- pmax(test, nothing)
rate <- ifelse(capped < apparent, (apparent - capped) / (apparent - nothing), 0)
weight <- 0.632 / (1 - 0.368 * rate)
left_out <- function(f) {
  linear <- numeric(nrow(d))
  for (k in unique(f)) {
    rows <- unlist(inside[f == k])
    linear[rows] <- score(fit(which(f != k)))[rows]
  }
  measures(linear, seq_len(count))
}
write_reference("schemes_sets", list(
  index = index - 1L, folds = fold, apparent = named(apparent), left_out = as.data.frame(out),
  e632 = named(0.368 * apparent + 0.632 * test), plus = named((1 - weight) * apparent + weight * capped),
  crossed = as.data.frame(t(apply(fold, 1, left_out))), leave_one_out = named(left_out(seq_len(count)))), "survival")
