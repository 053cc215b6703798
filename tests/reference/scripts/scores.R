# Repeated scores: univariate repeated-measures ANOVA, Friedman, paired tests, mixed models.
source("scripts/common.R")
suppressPackageStartupMessages({library(car); library(nlme); library(afex)})
options(contrasts = c("contr.sum", "contr.poly"))

rows <- function(s, table, at) list(ss = s[at, "Sum Sq"], df = s[at, "num Df"], ss_error = s[at, "Error SS"],
  df_error = s[at, "den Df"], statistic = s[at, "F value"], p_value = s[at, "Pr(>F)"])

anova_of <- function(Y, group = NULL) {
  k <- ncol(Y)
  colnames(Y) <- paste0("v", seq_len(k))
  idata <- data.frame(visit = factor(seq_len(k)))
  fit <- if (is.null(group)) lm(Y ~ 1) else lm(Y ~ group)
  a <- Anova(fit, idata = idata, idesign = ~ visit, type = 3)
  s <- summary(a, multivariate = FALSE)
  u <- s$univariate.tests
  adj <- s$pval.adjustments
  out <- list(n = nrow(Y), visit = rows(u, NULL, "visit"))
  eps <- function(name) list(gg = adj[name, "GG eps"], gg_p = adj[name, "Pr(>F[GG])"],
                             hf = adj[name, "HF eps"], hf_p = adj[name, "Pr(>F[HF])"])
  if (k > 2) {
    out$epsilon <- eps("visit")
    out$mauchly <- list(w = s$sphericity.tests["visit", 1], p_value = s$sphericity.tests["visit", 2])
    out$mauchly_stats <- list(w = unname(mauchly.test(fit, X = ~ 1)$statistic), p_value = mauchly.test(fit, X = ~ 1)$p.value)
  }
  long <- data.frame(id = factor(rep(seq_len(nrow(Y)), k)), visit = factor(rep(seq_len(k), each = nrow(Y))), y = as.vector(Y))
  if (!is.null(group)) {
    out$group <- rows(u, NULL, "group")
    out$interaction <- rows(u, NULL, "group:visit")
    if (k > 2) out$interaction_epsilon <- eps("group:visit")
    long$group <- factor(rep(group, k))
    ez <- suppressMessages(aov_ez("id", "y", long, between = "group", within = "visit", observed = "group"))
  } else ez <- suppressMessages(aov_ez("id", "y", long, within = "visit"))
  get <- function(es) { t <- suppressMessages(anova(ez, es = es, observed = if (is.null(group)) NULL else "group")); setNames(as.list(t[[es]]), rownames(t)) }
  out$generalised <- get("ges"); out$partial <- get("pes")
  out
}

friedman_of <- function(Y) {
  t <- friedman.test(Y)
  list(statistic = unname(t$statistic), df = unname(t$parameter), p_value = t$p.value,
       kendall_w = unname(t$statistic) / (nrow(Y) * (ncol(Y) - 1)))
}

# All pairs of visits, later less earlier, each with the patients who have both.
pairs_of <- function(Y) {
  k <- ncol(Y); out <- list(); pt <- pw <- c()
  for (i in 1:(k - 1)) for (j in (i + 1):k) {
    d <- (Y[, j] - Y[, i]); both <- !is.na(d); d <- d[both]
    t <- t.test(d)
    w <- suppressWarnings(wilcox.test(d, digits.rank = 10))
    pt <- c(pt, t$p.value); pw <- c(pw, w$p.value)
    out[[length(out) + 1]] <- list(earlier = i - 1L, later = j - 1L, n = length(d), mean = mean(d), sd = sd(d),
      conf_low = t$conf.int[1], conf_high = t$conf.int[2], t = unname(t$statistic), t_p = t$p.value,
      v = unname(w$statistic), v_p = w$p.value, v_method = w$method,
      dz = mean(d) / sd(d), dav = mean(d) / sqrt((var(Y[both, i]) + var(Y[both, j])) / 2))
  }
  pt <- p.adjust(pt, "holm"); pw <- p.adjust(pw, "holm")
  for (i in seq_along(out)) { out[[i]]$t_holm <- pt[i]; out[[i]]$v_holm <- pw[i] }
  out
}

# Noncentral t limits of dz: the root of pt(t, df, ncp) = share.
limits_of <- function(t, n, level = 0.95) {
  root <- function(share) uniroot(function(x) pt(t, n - 1, x) - share, c(t - 12, t + 12), tol = 1e-13)$root / sqrt(n)
  c(root((1 + level) / 2), root((1 - level) / 2))
}

describe <- function(Y) lapply(seq_len(ncol(Y)), function(j) {
  x <- Y[!is.na(Y[, j]), j]; t <- t.test(x)
  list(n = length(x), missing = sum(is.na(Y[, j])), mean = mean(x), sd = sd(x), conf_low = t$conf.int[1], conf_high = t$conf.int[2],
       quartiles = quantile(x, c(0.25, 0.5, 0.75), names = FALSE))
})

# Random intercept, visit as factor (crossed with the group where there is one); cell means and contrasts with the first visit.
mixed_of <- function(Y, group = NULL) {
  k <- ncol(Y); n <- nrow(Y)
  long <- data.frame(id = factor(rep(seq_len(n), k)), visit = factor(rep(seq_len(k), each = n)), y = as.vector(Y))
  control <- lmeControl(msMaxIter = 500, tolerance = 1e-12, msTol = 1e-14, niterEM = 200)
  long$cell <- if (is.null(group)) long$visit else factor(paste(rep(group, k), long$visit))
  long$group <- if (is.null(group)) factor(1) else factor(rep(group, k))
  long <- long[!is.na(long$y), ]
  fit <- lme(y ~ cell - 1, random = ~ 1 | id, data = long, method = "REML", control = control)
  whole <- if (is.null(group)) lme(y ~ visit, random = ~ 1 | id, data = long, method = "REML", control = control)
           else lme(y ~ group * visit, random = ~ 1 | id, data = long, method = "REML", control = control)
  a <- anova(whole, type = "marginal")
  V <- VarCorr(fit)
  list(n_patients = nlevels(droplevels(long$id)), n_values = nrow(long), cells = gsub("^cell", "", names(fixef(fit))),
       mean = unname(fixef(fit)), se = unname(sqrt(diag(vcov(fit)))), covariance = unname(vcov(fit)),
       between_sd = as.numeric(V[1, "StdDev"]), within_sd = as.numeric(V[2, "StdDev"]), log_likelihood = as.numeric(logLik(fit)),
       tests = lapply(setNames(seq_len(nrow(a)), rownames(a)), function(i) list(df = a[i, 1], df2 = a[i, 2], statistic = a[i, 3], p_value = a[i, 4])))
}

s <- read_frame("scores"); o <- read_frame("orthodont")
vas <- as.matrix(s[, c("vas_0", "vas_3d", "vas_6m", "vas_12m")])
gap <- as.matrix(s[, c("gap_0", "gap_3d", "gap_6m", "gap_12m")])
odi <- as.matrix(s[, c("odi_0", "odi_3d", "odi_6m", "odi_12m")])
distance <- as.matrix(o[, c("d8", "d10", "d12", "d14")])
full <- complete.cases(gap)
small <- odi[c(1:12), c(1, 2, 4)]
p1 <- limits_of(unname(t.test(vas[, 4] - vas[, 1])$statistic), 60)
write_reference("scores", list(
  anova = list(
    c(list(data = "orthodont", columns = colnames(distance)), anova_of(distance)),
    c(list(data = "orthodont", columns = colnames(distance), by = "sex"), anova_of(distance, o$sex)),
    c(list(data = "scores", columns = colnames(vas)), anova_of(vas)),
    c(list(data = "scores", columns = colnames(vas), by = "leakage"), anova_of(vas, s$leakage)),
    c(list(data = "scores", columns = colnames(gap)), anova_of(gap[full, ])),
    c(list(data = "scores", columns = colnames(odi)[1:2], by = "leakage"), anova_of(odi[, 1:2], s$leakage))),
  friedman = list(
    c(list(data = "orthodont", columns = colnames(distance)), friedman_of(distance)),
    c(list(data = "scores", columns = colnames(vas)), friedman_of(vas)),
    c(list(data = "scores", columns = colnames(odi)), friedman_of(odi))),
  pairs = list(
    list(data = "orthodont", columns = colnames(distance), pairs = pairs_of(distance)),
    list(data = "scores", columns = colnames(gap), pairs = pairs_of(gap)),
    list(data = "scores", columns = colnames(odi), pairs = pairs_of(odi)),
    list(data = "scores", columns = colnames(small), rows = 12L, pairs = pairs_of(small))),
  described = list(list(data = "scores", columns = colnames(gap), visits = describe(gap))),
  limits = list(columns = c("vas_0", "vas_12m"), dz_low = p1[1], dz_high = p1[2]),
  mixed = list(
    c(list(data = "scores", columns = colnames(gap)), mixed_of(gap)),
    c(list(data = "scores", columns = colnames(gap), by = "leakage"), mixed_of(gap, s$leakage)),
    c(list(data = "orthodont", columns = colnames(distance), by = "sex"), mixed_of(distance, o$sex)))
), c("car", "nlme", "afex"))
