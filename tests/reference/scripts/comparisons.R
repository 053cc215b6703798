# Tests of tables of counts (levels by groups) and of means, as the audit looks for them.
source("scripts/common.R")

tables <- list(
  two = matrix(c(217, 14, 31, 6), 2), small = matrix(c(12, 3, 2, 5), 2),
  three = matrix(c(92, 94, 45, 3, 14, 20), 3), four = matrix(c(12, 86, 93, 40, 2, 14, 15, 6), 4),
  groups = matrix(c(20, 15, 9, 18, 16, 14, 8, 21, 19), 3)
)
of_table <- function(m) {
  level <- rep(row(m), m); group <- rep(col(m), m); n <- sum(m)
  pearson <- suppressWarnings(chisq.test(m, correct = FALSE))
  g <- 2 * sum(ifelse(m > 0, m * log(m / pearson$expected), 0))
  df <- (nrow(m) - 1) * (ncol(m) - 1)
  linear <- (n - 1) * cor(level, group)^2
  out <- list(
    counts = m,
    pearson = c(unname(pearson$statistic), pearson$p.value),
    likelihood = c(g, pchisq(g, df, lower.tail = FALSE)),
    linear = c(linear, pchisq(linear, 1, lower.tail = FALSE)),
    kruskal = unname(c(kruskal.test(level, group)$statistic, kruskal.test(level, group)$p.value)),
    fisher = fisher.test(m)$p.value
  )
  if (ncol(m) == 2) {
    # The last bits never settle, which glm calls no convergence; the covariance is right only then.
    fit <- suppressWarnings(glm(cbind(m[, 1], m[, 2]) ~ factor(seq_len(nrow(m))), family = binomial,
                                control = glm.control(epsilon = 1e-14, maxit = 50)))
    b <- coef(fit)[-1]; v <- vcov(fit)[-1, -1, drop = FALSE]
    wald <- sum(b * solve(v, b))
    out$wald <- c(wald, pchisq(wald, nrow(m) - 1, lower.tail = FALSE))
    for (correct in c(FALSE, TRUE))
      out[[paste0("ranks", if (correct) "_corrected" else "")]] <-
        suppressWarnings(wilcox.test(level ~ group, exact = FALSE, correct = correct)$p.value)
    if (nrow(m) > 2) out$trend <- unname(c(prop.trend.test(m[, 1], rowSums(m))$statistic, prop.trend.test(m[, 1], rowSums(m))$p.value))
    if (nrow(m) == 2) {
      yates <- suppressWarnings(chisq.test(m))
      out$yates <- c(unname(yates$statistic), yates$p.value)
      out$tail <- min(fisher.test(m, alternative = "less")$p.value, fisher.test(m, alternative = "greater")$p.value)
    }
  }
  out
}
of_values <- function(parts) {
  x <- unlist(parts); g <- factor(rep(seq_along(parts), lengths(parts)))
  both <- list(anova = oneway.test(x ~ g, var.equal = TRUE), `welch-anova` = oneway.test(x ~ g))
  if (length(parts) == 2)
    both <- list(student = t.test(parts[[1]], parts[[2]], var.equal = TRUE), welch = t.test(parts[[1]], parts[[2]]))
  list(n = lengths(parts), mean = sapply(parts, mean), sd = sapply(parts, sd),
       tests = lapply(both, function(t) unname(c(t$statistic, t$p.value))))
}
set.seed(8)
values <- list(
  list(round(rnorm(23, 5, 2), 1), round(rnorm(31, 6, 3), 1)), list(round(rnorm(9, 70, 9)), round(rnorm(140, 74, 7))),
  list(rnorm(20, 4), rnorm(25, 4.5, 2), rnorm(14, 5)), list(rnorm(12, 1), rnorm(9, 1, 3), rnorm(30, 2), rnorm(8, 1.5, .5))
)
write_reference("comparisons", list(tables = lapply(tables, of_table), values = lapply(values, of_values)), character())
