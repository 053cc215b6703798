# rms::nomogram: points of every value, total points, linear predictor and risk scale.
source("scripts/common.R")
suppressPackageStartupMessages(library(rms))

# Coefficients are replaced by converged ones, so that points depend on no stopping rule.
nomogram_case <- function(id, file, event, formula, r_formula, data, categories = list(),
                          fun_at = c(0.01, 0.05, seq(0.1, 0.9, 0.1), 0.95, 0.99), ...) {
  used <- all.vars(r_formula)[-1]
  dd <<- datadist(data[used])
  options(datadist = "dd")
  fit <- lrm(r_formula, data, eps = 1e-10, maxit = 50)
  exact <- tight(r_formula, data)
  fit$coefficients[] <- coef(exact)
  fit$linear.predictors[] <- exact$linear.predictors
  nom <- nomogram(fit, fun = plogis, fun.at = fun_at, funlabel = "risk", lp = TRUE, ...)
  info <- attr(nom, "info")
  sets <- setdiff(names(nom), c("total.points", "lp", "risk"))
  axes <- lapply(sets, function(s) {
    e <- nom[[s]]
    main <- attr(e, "info")
    values <- e[[1]]
    held <- e[setdiff(names(e), c(names(e)[1], "Xbeta", "points"))]
    list(name = s, variable = names(e)[1], effects = I(main$effect.name), values = I(values),
         held = lapply(held, function(v) if (is.factor(v)) as.character(v) else v),
         xbeta = I(unname(e$Xbeta)), points = I(unname(e$points)))
  })
  limits <- dd$limits
  list(id = id, data = file, event = event, formula = formula,
       r_formula = paste(deparse(r_formula), collapse = " "), categories = categories,
       columns = names(coef(exact)), coef = unname(coef(exact)),
       limits = lapply(limits, function(v) setNames(as.list(if (is.factor(v)) as.character(v) else as.numeric(v)),
                                                    rownames(limits))),
       discrete = named(info$discrete), axes = axes,
       total_points = nom$total.points$x, lp = list(value = nom$lp$x.real, points = nom$lp$x),
       risk = list(value = I(nom$risk$x.real), points = I(nom$risk$x),
                   exact_points = I((qlogis(nom$risk$x.real) - unname(info$Intercept)) * unname(info$sc)),
                   note = "rms finds the linear predictor of a risk by interpolation on 1000 points"),
       range_minimum = named(info$R[1, ]), range_maximum = named(info$R[2, ]),
       points_per_unit = unname(info$sc), intercept = unname(info$Intercept), max_points = info$maxscale,
       lp_range = range(unname(exact$linear.predictors)))
}

pt <- pima(); pv <- pvp(); pg <- read_frame("pima_groups", LEVELS$pima_groups)
ro <- read_frame("rotterdam", LEVELS$rotterdam)
YES <- "type == \"Yes\""
PVP <- "C(cleft, ref=\"no\") + C(fascia, ref=\"no\") + C(muscle) + C(cement, ref=\"Spongy\")"
cases <- list(
  nomogram_case("pvp", "pvp", "pain == 1", PVP, pain ~ cleft + fascia + muscle + cement, pv, LEVELS$pvp),
  nomogram_case("pima", "pima_tr", YES, "npreg + glu + bp + skin + bmi + ped + age",
                type ~ npreg + glu + bp + skin + bmi + ped + age, pt),
  nomogram_case("pima_rcs", "pima_tr", YES, "rcs(age, 4) + glu + bmi", type ~ rcs(age, 4) + glu + bmi, pt),
  nomogram_case("pima_mixed", "pima_groups", YES, "glu + C(age_group) + C(bmi_group) + C(parous)",
                type ~ glu + age_group + bmi_group + parous, pg, LEVELS$pima_groups[c("age_group", "bmi_group", "parous")]),
  nomogram_case("factor_by_number", "pima_groups", YES, "glu*C(age_group) + ped",
                type ~ glu * age_group + ped, pg, LEVELS$pima_groups["age_group"]),
  nomogram_case("factor_by_factor", "pima_groups", YES, "glu + C(age_two)*C(parous)",
                type ~ glu + age_two * parous, pg, LEVELS$pima_groups[c("age_two", "parous")]),
  nomogram_case("rotterdam", "rotterdam", "death == 1",
                "age + meno + C(size, ref=\"<=20\") + grade + nodes + log(er + 1)",
                death ~ age + meno + size + grade + nodes + log(er + 1), ro, LEVELS$rotterdam),
  nomogram_case("single", "pima_tr", YES, "glu", type ~ glu, pt),
  nomogram_case("nint_5", "pima_tr", YES, "glu + bmi + age", type ~ glu + bmi + age, pt, nint = 5))
cases <- setNames(cases, vapply(cases, function(x) x$id, ""))

# pretty() itself: the ticks.
ranges <- list(c(0, 1), c(21, 63), c(0.085, 2.288), c(56, 199), c(-4.3, 3.9), c(0, 100), c(0, 217.4), c(18.2, 47.9),
               c(-1e-3, 2e-3), c(-3.05, 1.2), c(99.9, 100.1), c(0, 34), c(1, 3), c(0, 0), c(5, 5), c(1000, 98765),
               c(-120, 1.5), c(0.3, 0.3000001), c(24, 90), c(0, 3275))
pretty_cases <- unlist(lapply(c(5, 10, 20), function(n) lapply(ranges, function(r) {
  list(low = r[1], high = r[2], n = n, ticks = I(pretty(r, n = n)))
})), recursive = FALSE)

write_reference("nomogram", list(cases = cases, pretty = pretty_cases), "rms")
