# .632+ and repeated cross-validation of a Fine-Gray model on stored resamples and folds, by cmprsk::crr and the
# formulas written out: Wolbers' C, censoring weights of Graf et al. 1999 with competing events known to the end.
source("scripts/common.R")
suppressPackageStartupMessages(library(cmprsk))

d <- read_frame("competing")
x <- model.matrix(~ arm + age + volume_ml, d)[, -1]
horizon <- 24
n <- nrow(d)
fit <- function(rows, m = x, time = d$months, status = d$status) {
  m <- m[rows, , drop = FALSE]
  # crr's search for a shorter step ends at rounding error; one full step more reaches the maximum
  first <- crr(time[rows], status[rows], m, gtol = 1e-9, maxiter = 50)
  crr(time[rows], status[rows], m, gtol = 1e-7, init = drop(first$coef + first$invinf %*% first$score))
}
score <- function(f) {
  lp <- drop(x %*% f$coef)
  list(lp = lp, risk = 1 - exp(-sum(f$bfitj[f$uftime <= horizon]) * exp(lp)))
}
pairs_of <- function(lp, rows) {
  found <- c(0, 0)
  for (i in rows[d$status[rows] == 1]) {
    after <- rows[d$months[rows] > d$months[i] | (d$months[rows] == d$months[i] & d$status[rows] == 0) | d$status[rows] == 2]
    gap <- lp[i] - lp[after]
    found <- found + c(sum(gap > 1e-9) + sum(abs(gap) <= 1e-9) / 2, length(after))
  }
  found
}
stands_for <- function(rows) {
  time <- d$months[rows]; status <- d$status[rows]
  free <- function(t) {
    u <- sort(unique(time[status == 0 & time < t]))
    prod(1 - vapply(u, function(s) sum(time == s & status == 0) / (sum(time >= s) - sum(time == s & status != 0)), 0))
  }
  later <- time > horizon | (time == horizon & status == 0)
  weight <- ifelse(later, 1 / free(horizon), 0)
  known <- !later & status != 0
  weight[known] <- vapply(time[known], function(t) 1 / free(t), 0)
  weight
}
concordant_at <- function(risk, case, w) {
  gap <- outer(risk[case], risk[!case], "-")
  gap[abs(gap) < 1e-12] <- 0
  ww <- outer(w[case], w[!case])
  c(sum(ww * (sign(gap) + 1) / 2), sum(ww))
}
gini <- function(v) sum(abs(outer(v, v, "-"))) / (length(v) * (length(v) - 1))
case_of <- function(rows) d$status[rows] == 1 & d$months[rows] <= horizon
measures <- function(s, rows, own = FALSE) {
  lp <- s$lp[rows]; risk <- s$risk[rows]
  p <- pairs_of(s$lp, rows)
  slope <- if (own) 1 else unname(fit(rows, matrix(s$lp))$coef)
  w <- stands_for(rows); case <- case_of(rows)
  q <- concordant_at(risk, case, w)
  early <- pmin(d$months, horizon); known <- ifelse(d$months <= horizon, d$status, 0)
  later <- unname(fit(rows, matrix(s$lp), early, known)$coef)
  observed <- sum(w * case) / length(rows)
  brier <- sum(w * (case - risk)^2) / length(rows)
  list(overall = c(c_index = p[1] / p[2], dxy = 2 * p[1] / p[2] - 1, slope = slope, g = abs(slope) * gini(lp)),
       timed = c(auc = q[1] / q[2], brier = brier, brier_scaled = 1 - brier / (observed * (1 - observed)),
                 observed_expected = observed / mean(risk), slope = later))
}
everyone <- seq_len(n)
set.seed(41)
index <- t(replicate(8, sample(n, replace = TRUE)))
fold <- t(replicate(2, sample((everyone - 1L) %% 4L)))
storage.mode(fold) <- "integer"
whole <- score(fit(everyone))
apparent <- measures(whole, everyone, own = TRUE)
out <- lapply(seq_len(nrow(index)), function(k) measures(score(fit(index[k, ])), setdiff(everyone, index[k, ])))
w <- stands_for(everyone); case <- case_of(everyone)
observed <- sum(w * case) / n
brier <- mean(colSums(w * outer(case + 0, whole$risk, "-")^2) / n)
nothing <- list(overall = c(0.5, 0, 0, 0),
                timed = c(0.5, brier, 1 - brier / (observed * (1 - observed)), apparent$timed[["observed_expected"]], 0))
efron <- function(apparent, test, nothing) {
  sign <- ifelse(nothing > apparent, 1, -1)
  err <- sign * apparent; err1 <- sign * test; gamma <- sign * nothing
  capped <- ifelse(nothing == apparent, err1, pmin(err1, gamma))
  rate <- ifelse(capped > err & gamma > err, (capped - err) / (gamma - err), 0)
  named(sign * (0.368 * err + 0.632 * capped + (capped - err) * 0.368 * 0.632 * rate / (1 - 0.368 * rate)))
}
scored <- function(f) {
  s <- list(lp = numeric(n), risk = numeric(n)); p <- q <- c(0, 0)
  for (k in unique(f)) {
    inside <- which(f == k)
    one <- score(fit(which(f != k)))
    s$lp[inside] <- (one$lp - mean(one$lp))[inside]; s$risk[inside] <- one$risk[inside]
    p <- p + pairs_of(one$lp, inside); q <- q + concordant_at(one$risk[inside], case[inside], w[inside])
  }
  found <- measures(s, everyone)
  found$overall[c("c_index", "dxy")] <- c(p[1] / p[2], 2 * p[1] / p[2] - 1)
  found$timed["auc"] <- q[1] / q[2]
  found
}
crossed <- lapply(seq_len(nrow(fold)), function(r) scored(fold[r, ]))
part <- function(which) {
  test <- rowMeans(sapply(out, `[[`, which))
  list(apparent = named(apparent[[which]]), left_out = named(test), plus = efron(apparent[[which]], test, nothing[[which]]),
       crossed = as.data.frame(t(sapply(crossed, `[[`, which))))
}
write_reference("schemes_fine_gray", list(
  data = "competing", horizon = horizon, index = index - 1L, folds = fold, overall = part("overall"), timed = part("timed")),
  "cmprsk")
