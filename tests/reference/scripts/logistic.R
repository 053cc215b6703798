# Logistic regression: estimates, tests, intervals, diagnostics, robust covariance, weights.
source("scripts/common.R")
suppressPackageStartupMessages({library(rms); library(MASS); library(car); library(sandwich)})

# Roots of the profile deviance: twice the log-likelihood falls by qchisq(0.95, 1) from its maximum.
profile_roots <- function(fit, level = 0.95) {
  X <- model.matrix(fit)
  y <- fit$y
  w <- fit$prior.weights
  drop_to <- qchisq(level, 1)
  constrained <- function(j, value) {
    suppressWarnings(glm.fit(X[, -j, drop = FALSE], y, weights = w, offset = X[, j] * value, family = binomial(),
            control = glm.control(epsilon = 1e-14, maxit = 100)))$deviance
  }
  b <- coef(fit)
  se <- sqrt(diag(vcov(fit)))
  out <- sapply(seq_along(b), function(j) {
    f <- function(v) constrained(j, v) - fit$deviance - drop_to
    c(uniroot(f, c(b[j] - 6 * se[j], b[j]), tol = 1e-12)$root,
      uniroot(f, c(b[j], b[j] + 6 * se[j]), tol = 1e-12)$root)
  })
  t(out)
}

# Groups: cut(p, unique(quantile(p, 0:10/10, type 7)), include.lowest = TRUE), that is right-closed
# intervals, the lowest value in the first; chi-square over events and non-events; df = groups - 2.
hosmer_lemeshow <- function(y, p, g = 10) {
  breaks <- unique(quantile(p, seq(0, 1, length.out = g + 1), names = FALSE))
  group <- cut(p, breaks, include.lowest = TRUE)
  o1 <- tapply(y, group, sum); e1 <- tapply(p, group, sum)
  m <- tapply(y, group, length)
  e0 <- m - e1; o0 <- m - o1
  stat <- sum((o1 - e1)^2 / e1 + (o0 - e0)^2 / e0)
  k <- length(m)
  list(rule = "cut(p, unique(quantile(p, 0:10/10, type = 7)), include.lowest = TRUE); df = groups - 2",
       breaks = breaks, size = as.integer(m), observed = as.integer(o1), expected = as.numeric(e1),
       groups = k, statistic = stat, df = k - 2L, p_value = pchisq(stat, k - 2, lower.tail = FALSE))
}

column_levels <- function(fit) {
  labels <- attr(terms(fit), "term.labels")
  assign <- attr(model.matrix(fit), "assign")
  columns <- colnames(model.matrix(fit))
  term <- c("(Intercept)", labels)[assign + 1]
  level <- ifelse(assign == 0, "", substring(columns, nchar(term) + 1))
  level[grepl(":", term, fixed = TRUE)] <- columns[grepl(":", term, fixed = TRUE)]
  list(columns = I(columns), terms = I(term), levels = I(level))
}

# `droppable` is false for a term that stands inside a higher one; for the others the likelihood ratio
# is that of drop1(test = "LRT").
term_tests <- function(fit) {
  scope <- drop.scope(fit)
  dropped <- suppressWarnings(drop1(fit, test = "LRT"))
  labels <- attr(terms(fit), "term.labels")
  assign <- attr(model.matrix(fit), "assign")
  X <- model.matrix(fit)
  out <- lapply(seq_along(labels), function(k) {
    j <- which(assign == k)
    b <- coef(fit)[j]
    wald <- drop(b %*% solve(vcov(fit)[j, j], b))
    reduced <- suppressWarnings(glm.fit(X[, -j, drop = FALSE], fit$y, weights = fit$prior.weights,
                                        family = binomial(),
                                        control = glm.control(epsilon = 1e-14, maxit = 100)))
    lr <- reduced$deviance - fit$deviance
    df <- length(j)
    droppable <- labels[k] %in% scope
    if (droppable) stopifnot(abs(lr - dropped[labels[k], "LRT"]) < 1e-8 * max(1, lr))
    list(term = labels[k], droppable = droppable, df = df, wald = wald, wald_p = pchisq(wald, df, lower.tail = FALSE),
         lr = lr, lr_p = pchisq(lr, df, lower.tail = FALSE))
  })
  out
}

lrm_of <- function(formula, data) {
  environment(formula) <- globalenv()
  fit <- glm(formula, binomial, data, control = glm.control(epsilon = 1e-14, maxit = 100))
  f <- lrm(formula, data, eps = 1e-10, maxit = 50, x = TRUE, y = TRUE)
  stopifnot(max(abs(unname(coef(f)) - unname(coef(fit)))) < 1e-4 * max(abs(coef(fit))))
  f
}

case <- function(id, file, formula, r_formula, data, levels = list(), vif = TRUE, rms = TRUE, event = NULL) {
  fit <- tight(r_formula, data)
  y <- fit$y
  n <- length(y)
  p <- unname(fitted(fit))
  b <- unname(coef(fit))
  v <- unname(vcov(fit))
  se <- sqrt(diag(v))
  null_ll <- -fit$null.deviance / 2
  ll <- -fit$deviance / 2
  lr <- 2 * (ll - null_ll)
  df <- length(b) - 1L
  r2 <- 1 - exp(-lr / n)
  q <- qnorm(0.975)
  out <- c(list(id = id, data = file, event = event, formula = formula,
                r_formula = paste(deparse(r_formula), collapse = " "),
                call = "glm(binomial, epsilon = 1e-14, maxit = 100)", categories = levels),
           column_levels(fit),
           list(coef = I(b), se = I(se), vcov = v, z = I(b / se),
                wald = I((b / se)^2), p_value = I(2 * pnorm(-abs(b / se))),
                conf_low = I(b - q * se), conf_high = I(b + q * se),
                odds_ratio = I(exp(b)), or_low = I(exp(b - q * se)), or_high = I(exp(b + q * se)),
                n = n, n_events = as.integer(sum(y)), log_likelihood = ll, log_likelihood_null = null_ll,
                deviance = fit$deviance, lr_statistic = lr, df = df, p_model = pchisq(lr, df, lower.tail = FALSE),
                aic = AIC(fit), bic = BIC(fit),
                c_index = unname(somers2(p, y)["C"]), dxy = unname(somers2(p, y)["Dxy"]),
                r2_nagelkerke = r2 / (1 - exp(2 * null_ll / n)), r2_cox_snell = r2, brier = mean((p - y)^2),
                term_tests = term_tests(fit), hosmer_lemeshow = hosmer_lemeshow(y, p),
                fitted_first = I(head(p, 10)), linear_predictor_first = I(head(unname(fit$linear.predictors), 10))))
  roots <- profile_roots(fit)
  out$profile <- list(method = "root of the profile deviance, uniroot tol 1e-12",
                      conf_low = I(roots[, 1]), conf_high = I(roots[, 2]))
  mass <- suppressMessages(suppressWarnings(MASS:::confint.glm(fit)))
  out$profile_mass <- list(method = "MASS confint.glm: spline through a grid, about 1e-3 of a standard error",
                           conf_low = I(unname(mass[, 1])), conf_high = I(unname(mass[, 2])))
  if (vif && df > 1) {
    w <- suppressMessages(car::vif(fit))
    out$vif <- if (is.matrix(w)) {
      list(kind = "GVIF", terms = I(rownames(w)), gvif = I(unname(w[, 1])), df = I(as.integer(w[, 2])),
           adjusted = I(unname(w[, 3])))
    } else list(kind = "VIF", terms = I(names(w)), gvif = I(unname(w)))
  }
  if (rms) {
    f <- lrm_of(r_formula, data)
    out$lrm_stats <- named(f$stats[c("Obs", "Model L.R.", "d.f.", "C", "Dxy", "R2", "Brier", "g", "gp")])
    f$coefficients[] <- b
    f$var[] <- v
    a <- anova(f)
    out$rms_anova <- list(rows = I(trimws(rownames(a))), chi_square = I(unname(a[, "Chi-Square"])),
                          df = I(unname(a[, "d.f."])), p_value = I(unname(a[, "P"])))
  }
  out
}

pt <- pima()
both <- rbind(pima(), pima("pima_te"))
pg <- read_frame("pima_groups", LEVELS$pima_groups)
bi <- read_frame("biopsy", LEVELS$biopsy)
ro <- read_frame("rotterdam", LEVELS$rotterdam)
pv <- pvp()
sm <- read_frame("small", LEVELS$small)
YES <- "type == \"Yes\""

cases <- list(
  case("pima_all", "pima_tr", "npreg + glu + bp + skin + bmi + ped + age",
       type ~ npreg + glu + bp + skin + bmi + ped + age, pt, event = YES),
  case("pima_two", "pima_tr", "glu + bmi", type ~ glu + bmi, pt, event = YES),
  case("pima_te", "pima_te", "npreg + glu + bmi + ped", type ~ npreg + glu + bmi + ped,
       pima("pima_te"), event = YES),
  case("pima_factors", "pima_groups", "glu + C(age_group) + C(bmi_group) + C(parous)",
       type ~ glu + age_group + bmi_group + parous, pg, LEVELS$pima_groups[c("age_group", "bmi_group", "parous")], event = YES),
  case("pima_factor_by_number", "pima_groups", "glu*C(age_group) + ped",
       type ~ glu * age_group + ped, pg, LEVELS$pima_groups["age_group"], vif = FALSE, event = YES),
  case("pima_factor_by_factor", "pima_groups", "glu + C(age_two)*C(parous)",
       type ~ glu + age_two * parous, pg, LEVELS$pima_groups[c("age_two", "parous")], vif = FALSE, event = YES),
  case("pima_numbers_product", "pima_tr", "glu*bmi + ped", type ~ glu * bmi + ped, pt, vif = FALSE, event = YES),
  case("pima_rcs4", "pima_tr", "rcs(age, 4) + glu + bmi", type ~ rcs(age, 4) + glu + bmi, pt, vif = FALSE,
       event = YES),
  case("pima_rcs3", "pima_tr", "rcs(glu, 3) + rcs(bmi, 5)", type ~ rcs(glu, 3) + rcs(bmi, 5), pt, vif = FALSE,
       event = YES),
  case("biopsy", "biopsy", "V1 + V3 + V6", class ~ V1 + V3 + V6, bi, event = "class == \"malignant\""),
  case("rotterdam", "rotterdam", "age + meno + C(size, ref=\"<=20\") + grade + nodes + log(er + 1)",
       death ~ age + meno + size + grade + nodes + log(er + 1), ro, LEVELS$rotterdam, event = "death == 1"),
  case("rotterdam_rcs", "rotterdam", "rcs(age, 4) + C(size, ref=\"<=20\") + rcs(nodes, 3) + sqrt(pgr)",
       death ~ rcs(age, 4) + size + rcs(nodes, 3) + sqrt(pgr), ro, LEVELS$rotterdam, vif = FALSE,
       event = "death == 1"),
  case("rotterdam_square", "rotterdam", "age + age**2 + nodes + sqrt(nodes)",
       death ~ age + I(age^2) + nodes + sqrt(nodes), ro, vif = FALSE, rms = FALSE, event = "death == 1"),
  case("pvp", "pvp", "C(cleft, ref=\"no\") + C(fascia, ref=\"no\") + C(muscle) + C(cement, ref=\"Spongy\")",
       pain ~ cleft + fascia + muscle + cement, pv, LEVELS$pvp, event = "pain == 1"),
  case("small", "small", "x + tied", event ~ x + tied, sm, event = "event == 1")
)
cases <- setNames(cases, vapply(cases, function(x) x$id, ""))

# Knots that rcs() chose, per case.
knots <- list(
  pima_rcs4 = list(age = I(unname(rcspline.eval(pt$age, nk = 4, knots.only = TRUE)))),
  pima_rcs3 = list(glu = I(unname(rcspline.eval(pt$glu, nk = 3, knots.only = TRUE))),
                   bmi = I(unname(rcspline.eval(pt$bmi, nk = 5, knots.only = TRUE)))),
  rotterdam_rcs = list(age = I(unname(rcspline.eval(ro$age, nk = 4, knots.only = TRUE))),
                       nodes = I(unname(rcspline.eval(ro$nodes, nk = 3, knots.only = TRUE)))))

# Clusters: `robcov` has no small-sample factor; `HC0_cadjust` multiplies by g / (g - 1);
# `HC1_cadjust` by g / (g - 1) * (n - 1) / (n - k).
cl <- read_frame("clusters", LEVELS$clusters)
cfit <- tight(leak ~ age + height_loss_pct + grade, cl)
clrm <- lrm(leak ~ age + height_loss_pct + grade, cl, x = TRUE, y = TRUE, eps = 1e-10, maxit = 50)
robust <- list(
  data = "clusters", cluster = "patient", event = "leak == 1", formula = "age + height_loss_pct + C(grade)",
  categories = LEVELS$clusters, columns = names(coef(cfit)), coef = unname(coef(cfit)),
  vcov_model = unname(vcov(cfit)),
  robcov = unname(robcov(clrm, cl$patient)$var),
  HC0 = unname(vcovCL(cfit, cluster = cl$patient, type = "HC0", cadjust = FALSE)),
  HC0_cadjust = unname(vcovCL(cfit, cluster = cl$patient, type = "HC0", cadjust = TRUE)),
  HC1_cadjust = unname(vcovCL(cfit, cluster = cl$patient, type = "HC1", cadjust = TRUE)),
  HC0_unclustered = unname(vcovHC(cfit, type = "HC0")),
  n_clusters = length(unique(cl$patient)), n = nrow(cl))

# Frequency weights, some of them zero, are the same as repeated rows.
wfit <- tight(event ~ x + tied, sm, weights = sm$weight)
repeated <- tight(event ~ x + tied, sm[rep(seq_len(nrow(sm)), sm$weight), ])
stopifnot(isTRUE(all.equal(coef(wfit), coef(repeated), tolerance = 1e-10)))
weighted <- list(data = "small", event = "event == 1", weights = "weight", formula = "x + tied",
                 columns = names(coef(repeated)), coef = unname(coef(repeated)), vcov = unname(vcov(repeated)),
                 n = nrow(repeated$model), n_events = as.integer(sum(repeated$y)),
                 log_likelihood = -repeated$deviance / 2, log_likelihood_null = -repeated$null.deviance / 2,
                 c_index = unname(somers2(fitted(repeated), repeated$y)["C"]),
                 brier = mean((fitted(repeated) - repeated$y)^2))

# Likelihood-ratio screening of one variable at a time (whole variable).
screen <- function(data, outcome, variables) {
  lapply(setNames(variables, variables), function(v) {
    fit <- tight(reformulate(v, outcome), data)
    lr <- fit$null.deviance - fit$deviance
    df <- length(coef(fit)) - 1L
    list(columns = I(names(coef(fit))[-1]), coef = I(unname(coef(fit))), se = I(unname(sqrt(diag(vcov(fit))))),
         lr = lr, df = df, p_value = pchisq(lr, df, lower.tail = FALSE))
  })
}
screening <- list(
  pima_groups = screen(pg, "type", c("npreg", "glu", "bp", "bmi", "ped", "age_group", "bmi_group", "parous")),
  pvp = screen(pv, "pain", c("cleft", "fascia", "muscle", "cement")))

# New patients scored by the fit to pima_tr: linear predictor, its standard error, risk, interval.
fit <- tight(type ~ npreg + glu + bmi + ped, pt)
new <- head(pima("pima_te"), 25)
pr <- predict(fit, new, se.fit = TRUE)
prediction <- list(fitted_on = "pima_tr", data = "pima_te", rows = "first 25", formula = "npreg + glu + bmi + ped",
                   event = YES, linear_predictor = unname(pr$fit), se = unname(pr$se.fit),
                   risk = unname(plogis(pr$fit)), conf_low = unname(plogis(pr$fit - qnorm(0.975) * pr$se.fit)),
                   conf_high = unname(plogis(pr$fit + qnorm(0.975) * pr$se.fit)))

write_reference("logistic", list(cases = cases, knots = knots, robust = robust, weighted = weighted,
                                 screening = screening, prediction = prediction),
                c("rms", "MASS", "car", "sandwich"))
