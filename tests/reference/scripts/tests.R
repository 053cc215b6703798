# Tests of Table 1, effect sizes, quantiles, intervals of proportions.
source("scripts/common.R")

number_test <- function(t) {
  list(method = trimws(t$method), statistic = unname(t$statistic), df = I(as.numeric(unname(t$parameter))), p_value = t$p.value)
}

# SMD: difference of means over the root of the mean of the two variances.
smd <- function(x, g) {
  m <- tapply(x, g, mean); v <- tapply(x, g, var)
  unname((m[1] - m[2]) / sqrt((v[1] + v[2]) / 2))
}
# Yang and Dalton: d' S^-1 d over the levels but the first, S the mean of the two multinomial covariances.
smd_categorical <- function(table) {
  a <- table[-1, 1] / sum(table[, 1]); b <- table[-1, 2] / sum(table[, 2])
  cov_of <- function(p) diag(p, length(p)) - outer(p, p)
  S <- (cov_of(a) + cov_of(b)) / 2
  d <- a - b
  sqrt(drop(d %*% solve(S, d)))
}

two_groups <- function(file, group, levels, column, x, g, exact = FALSE) {
  g <- factor(g, levels = levels)
  keep <- !is.na(x) & !is.na(g)
  x <- x[keep]; g <- g[keep]
  a <- x[g == levels[1]]; b <- x[g == levels[2]]
  ties <- anyDuplicated(x) > 0
  w <- suppressWarnings(wilcox.test(a, b, correct = TRUE, exact = FALSE))
  wu <- suppressWarnings(wilcox.test(a, b, correct = FALSE, exact = FALSE))
  out <- list(data = file, column = column, group = group, levels = levels, n = c(length(a), length(b)),
    mean = c(mean(a), mean(b)), sd = c(sd(a), sd(b)),
    quartiles_first = quantile(a, c(0.25, 0.5, 0.75), names = FALSE),
    quartiles_second = quantile(b, c(0.25, 0.5, 0.75), names = FALSE),
    ties = ties,
    student = number_test(t.test(a, b, var.equal = TRUE)),
    welch = number_test(t.test(a, b)),
    mannwhitney = list(note = "W of the first group, normal, continuity corrected", statistic = unname(w$statistic),
                       p_value = w$p.value),
    mannwhitney_uncorrected = list(statistic = unname(wu$statistic), p_value = wu$p.value),
    smd = smd(x, g))
  if (!ties) out$mannwhitney_exact <- list(p_value = wilcox.test(a, b, exact = TRUE)$p.value)
  anova <- summary(aov(x ~ g))[[1]]
  out$anova <- list(statistic = anova[1, "F value"], df = c(anova[1, "Df"], anova[2, "Df"]), p_value = anova[1, "Pr(>F)"])
  out$kruskal <- number_test(kruskal.test(x, g))
  out
}

more_groups <- function(file, group, levels, column, x, g) {
  g <- factor(g, levels = levels)
  a <- summary(aov(x ~ g))[[1]]
  list(data = file, column = column, group = group, levels = levels, n = as.integer(table(g)),
       anova = list(statistic = a[1, "F value"], df = c(a[1, "Df"], a[2, "Df"]), p_value = a[1, "Pr(>F)"]),
       kruskal = number_test(kruskal.test(x, g)))
}

pt <- pima(); pv <- pvp(); sm <- read_frame("small"); lu <- read_frame("lung"); ve <- read_frame("veteran")
numeric <- list(
  two_groups("pima_tr", "type", c("No", "Yes"), "glu", pt$glu, pt$type),
  two_groups("pima_tr", "type", c("No", "Yes"), "npreg", pt$npreg, pt$type),
  two_groups("pima_tr", "type", c("No", "Yes"), "ped", pt$ped, pt$type),
  two_groups("lung", "sex", c("1", "2"), "wt.loss", lu$wt.loss, lu$sex),
  two_groups("lung", "sex", c("1", "2"), "age", lu$age, lu$sex),
  two_groups("small", "event", c("0", "1"), "x", sm$x, sm$event),
  two_groups("small", "event", c("0", "1"), "tied", sm$tied, sm$event),
  two_groups("small", "event", c("0", "1"), "skewed", sm$skewed, sm$event),
  more_groups("small", "arm", c("a", "b", "c"), "x", sm$x, sm$arm),
  more_groups("small", "arm", c("a", "b", "c"), "count", sm$count, sm$arm),
  more_groups("veteran", "celltype", c("squamous", "smallcell", "adeno", "large"), "karno", ve$karno, ve$celltype))

# Counts: rows are levels of the variable, columns the two outcome groups.
tab <- function(...) matrix(c(...), ncol = 2, byrow = TRUE)
crossed <- function(rows, columns, seed = 8, n = 268) {
  set.seed(seed)
  m <- table(factor(sample(seq_along(rows), n, TRUE, rows), seq_along(rows)),
             factor(sample(seq_along(columns), n, TRUE, columns), seq_along(columns)))
  matrix(as.integer(m), nrow(m))
}
counts <- list(
  two_by_two = tab(30, 70, 12, 110), small_cells = tab(3, 9, 8, 2), one_zero = tab(0, 14, 9, 60),
  rare = tab(1, 230, 3, 34), balanced = tab(25, 25, 25, 25), large = tab(1200, 3400, 1100, 3900),
  three_levels = tab(80, 3, 109, 20, 42, 14), five_levels = tab(12, 1, 40, 6, 88, 10, 60, 12, 31, 8),
  sparse_five = tab(0, 3, 2, 1, 9, 4, 30, 2, 17, 0),
  three_by_three = matrix(c(4, 9, 2, 7, 3, 11, 1, 6, 8), 3, byrow = TRUE),
  four_by_three = crossed(c(0.4, 0.3, 0.2, 0.1), c(0.5, 0.3, 0.2)),
  five_by_three = crossed(c(0.5, 0.2, 0.15, 0.1, 0.05), c(0.7, 0.2, 0.1)),
  five_by_four = crossed(c(0.8, 0.08, 0.06, 0.04, 0.02), c(0.75, 0.14, 0.08, 0.03)),
  five_by_four_fuller = crossed(c(0.62, 0.2, 0.1, 0.05, 0.03), c(0.65, 0.22, 0.09, 0.04)))
for (v in c("cleft", "fascia", "muscle", "cement"))
  counts[[paste0("pvp_", v)]] <- unname(as.matrix(unclass(table(pv[[v]], pv$pain))))
categorical <- lapply(counts, function(m) {
  dimnames(m) <- NULL
  storage.mode(m) <- "integer"
  k <- suppressWarnings(chisq.test(m, correct = FALSE))
  out <- list(table = m, expected_minimum = min(k$expected), pearson = number_test(k))
  f <- fisher.test(m, workspace = 2e8, control = list(mult = 60))
  out$fisher <- list(p_value = f$p.value)
  if (all(dim(m) == 2)) {
    out$yates <- number_test(suppressWarnings(chisq.test(m, correct = TRUE)))
    out$odds_ratio_sample <- m[1, 1] * m[2, 2] / (m[1, 2] * m[2, 1])
    out$fisher$odds_ratio_conditional <- unname(f$estimate)
  }
  if (ncol(m) == 2) {
    out$smd <- smd_categorical(m)
    if (nrow(m) > 2) {
      # second column as events, scores 1, 2, ...
      t <- suppressWarnings(prop.trend.test(m[, 2], rowSums(m)))
      out$trend <- number_test(t)
    }
  }
  out
})

# Beyond R: fisher.test stops on this table whatever its workspace. A million simulated tables instead.
hard <- crossed(c(0.1, 0.3, 0.3, 0.2, 0.1), c(0.4, 0.3, 0.2, 0.1))
set.seed(9)
draws <- 1e6
simulated <- fisher.test(hard, simulate.p.value = TRUE, B = draws)$p.value
fisher_hard <- list(note = "simulated, not exact: compare within four standard errors", table = hard, p_value = simulated,
                    std_error = sqrt(simulated * (1 - simulated) / draws))

wilson <- lapply(list(c(0, 10), c(3, 10), c(10, 10), c(37, 268), c(1, 268), c(2491, 2982)), function(v) {
  ci <- suppressWarnings(prop.test(v[1], v[2], correct = FALSE)$conf.int)
  exact <- binom.test(v[1], v[2])$conf.int
  list(successes = as.integer(v[1]), n = as.integer(v[2]), conf_low = ci[1], conf_high = ci[2],
       exact_low = exact[1], exact_high = exact[2])
})

probs <- c(0, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 1)
quantiles <- lapply(list(pima_glu = list("pima_tr", "glu", pt$glu), small_skewed = list("small", "skewed", sm$skewed),
                         lung_wt_loss = list("lung", "wt.loss", lu$wt.loss)), function(v) {
  x <- v[[3]][!is.na(v[[3]])]
  list(data = v[[1]], column = v[[2]], n = length(x), missing = sum(is.na(v[[3]])), probabilities = probs,
       type7 = quantile(x, probs, names = FALSE), mean = mean(x), sd = sd(x))
})

write_reference("tests", list(numeric = numeric, categorical = categorical, fisher_hard = fisher_hard, wilson = wilson, quantiles = quantiles),
                "stats")
