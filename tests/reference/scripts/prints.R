# True tables as programs print them: text, with each program's digits, signs and habits.
source("scripts/common.R")
suppressPackageStartupMessages({ library(MASS); library(survival) })

fixed <- function(x, digits) sprintf(paste0("%.", digits, "f"), x)
bare <- function(text) sub("^(-?)0\\.", "\\1.", text)                  # SPSS and SAS drop the leading zero
significant <- function(x, digits = 4) vapply(x, function(v) format(signif(v, digits), trim = TRUE), "")
capped <- function(x, digits) ifelse(x > 999.999, ">999.999", ifelse(x < 0.001, "<0.001", fixed(x, digits)))
# gtsummary's style_pvalue with one digit
short_p <- function(p) ifelse(p > 0.9, ">0.9", ifelse(p < 0.001, "<0.001",
  ifelse(p >= 0.1, fixed(p, 1), ifelse(p >= 0.01, fixed(p, 2), fixed(p, 3)))))

# The printed name of a coefficient as variable and level.
split_names <- function(fit) {
  levels <- fit$xlevels
  lapply(names(coef(fit)), function(name) {
    if (name == "(Intercept)") return(c("constant", ""))
    for (v in names(levels)) if (startsWith(name, v)) return(c(v, substring(name, nchar(v) + 1)))
    c(name, "")
  })
}
rows <- function(fit, columns) {
  names <- split_names(fit)
  lapply(seq_along(names), function(i) {
    cells <- lapply(columns, function(column) unname(column[i]))
    cells <- cells[!is.na(unlist(cells))]
    c(list(term = names[[i]][1], level = names[[i]][2]), cells)
  })
}
numbers <- function(fit) {
  b <- coef(fit); se <- sqrt(diag(vcov(fit)))
  list(b = b, se = se, z = b / se, p = 2 * pnorm(-abs(b / se)), wald = cbind(b - qnorm(0.975) * se, b + qnorm(0.975) * se))
}
without_constant <- function(text, fit) { text[names(coef(fit)) == "(Intercept)"] <- NA; text }

habits <- function(data, fit) {
  v <- numbers(fit)
  printed <- function(habit, columns, ...) list(habit = habit, data = data, kind = if (inherits(fit, "coxph")) "cox" else "logistic",
                                              rows = rows(fit, columns), ...)
  spss <- printed("SPSS", list(
    estimate = bare(fixed(v$b, 3)), std_error = bare(fixed(v$se, 3)), wald = bare(fixed(v$z^2, 3)),
    p_value = bare(fixed(v$p, 3)), ratio = bare(fixed(exp(v$b), 3)),
    conf_low = without_constant(bare(fixed(exp(v$wald[, 1]), 3)), fit),
    conf_high = without_constant(bare(fixed(exp(v$wald[, 2]), 3)), fit)))
  sas <- printed("SAS", list(
    estimate = fixed(v$b, 4), std_error = fixed(v$se, 4), wald = fixed(v$z^2, 4),
    p_value = ifelse(v$p < 1e-4, "<.0001", fixed(v$p, 4)), ratio = without_constant(capped(exp(v$b), 3), fit),
    conf_low = without_constant(capped(exp(v$wald[, 1]), 3), fit), conf_high = without_constant(capped(exp(v$wald[, 2]), 3), fit)))
  stata <- printed("Stata: odds ratios, their standard errors by the delta method", list(
    ratio = significant(exp(v$b), 7), std_error = significant(exp(v$b) * v$se, 7), z = fixed(v$z, 2), p_value = fixed(v$p, 3),
    conf_low = significant(exp(v$wald[, 1]), 7), conf_high = significant(exp(v$wald[, 2]), 7)))
  out <- list(spss, sas, stata)
  if (inherits(fit, "coxph")) {
    return(c(out, list(printed("R, coxph", list(
      estimate = significant(v$b), ratio = significant(exp(v$b)), std_error = significant(v$se), z = fixed(v$z, 3),
      p_value = format.pval(v$p, digits = 3, eps = 2e-16), conf_low = significant(exp(v$wald[, 1])),
      conf_high = significant(exp(v$wald[, 2])))))))
  }
  profile <- suppressMessages(confint(fit, level = 0.95))
  terms <- drop1(fit, test = "LRT")
  ratio_p <- terms[match(vapply(split_names(fit), `[`, "", 1), rownames(terms)), "Pr(>Chi)"]
  many <- names(which(table(vapply(split_names(fit), `[`, "", 1)) > 1))
  ratio_p[vapply(split_names(fit), `[`, "", 1) %in% many] <- NA
  c(out, list(
    printed("R, glm with the intervals of confint", list(
      estimate = fixed(v$b, 5), std_error = fixed(v$se, 5), z = fixed(v$z, 3), p_value = format.pval(v$p, digits = 3, eps = 2e-16),
      ratio = significant(exp(v$b)), conf_low = significant(exp(profile[, 1])), conf_high = significant(exp(profile[, 2])))),
    printed("R, profile intervals and likelihood-ratio tests", list(
      ratio = fixed(exp(v$b), 2), conf_low = fixed(exp(profile[, 1]), 2), conf_high = fixed(exp(profile[, 2]), 2),
      p_value = ifelse(is.na(ratio_p), NA, fixed(ratio_p, 3)))),
    printed("gtsummary", list(
      ratio = fixed(exp(v$b), 2), conf_low = fixed(exp(profile[, 1]), 2), conf_high = fixed(exp(profile[, 2]), 2),
      p_value = short_p(v$p)))))
}

pima_fit <- tight(type ~ npreg + glu + bmi + ped + age, pima())
small_fit <- tight(type ~ glu + bmi + ped, pima()[seq_len(45), ])
pvp_fit <- tight(pain ~ cleft + fascia + muscle + cement, pvp())
veteran_frame <- transform(read_frame("veteran"), celltype = factor(celltype, levels = c("large", "adeno", "smallcell", "squamous")))
cox_fit <- coxph(Surv(time, status) ~ karno + celltype + age, data = veteran_frame)

# ---------------------------------------------------------------- comparisons

groups_frame <- read_frame("pima_groups", LEVELS$pima_groups)
event <- groups_frame$type == "Yes"
continuous <- c("npreg", "glu", "bp", "bmi", "ped", "age")
factors <- c("age_group", "age_two", "bmi_group", "parous")
pair <- function(x) unname(c(x[!event] |> list(), x[event] |> list()))
both <- function(x, f) vapply(pair(x), f, 0)

comparison <- function(habit, numeric, categorical) list(
  habit = habit, n = vapply(pair(event), length, 0L),
  rows = c(lapply(continuous, function(v) c(list(variable = v), numeric(groups_frame[[v]]))),
           lapply(factors, function(v) c(list(variable = v), categorical(groups_frame[[v]])))))
counted <- function(x, percent) {
  counts <- table(x, event)
  shares <- percent(counts)
  list(levels = setNames(lapply(rownames(counts), function(l) list(
    count = I(as.character(counts[l, ])), percent = I(unname(shares[l, ])))), rownames(counts)))
}
column_percent <- function(digits) function(counts) {
  out <- apply(prop.table(counts, 2) * 100, 2, fixed, digits); rownames(out) <- rownames(counts); out
}
row_percent <- function(digits) function(counts) {
  out <- apply(prop.table(counts, 1) * 100, 2, fixed, digits); rownames(out) <- rownames(counts); out
}
tableone <- comparison("tableone: Yates's correction by default, P alone",
  function(x) list(mean = I(fixed(both(x, mean), 2)), sd = I(fixed(both(x, sd), 2)),
                   p_value = fixed(oneway.test(x ~ event, var.equal = TRUE)$p.value, 3)),
  function(x) c(counted(x, column_percent(1)), list(p_value = fixed(chisq.test(x, event)$p.value, 3))))
spss <- comparison("SPSS: Student and Pearson with their statistics, percentages of the row",
  function(x) { t <- t.test(x[!event], x[event], var.equal = TRUE)
    list(mean = I(fixed(both(x, mean), 4)), sd = I(fixed(both(x, sd), 5)), statistic = bare(fixed(t$statistic, 3)),
         p_value = bare(fixed(t$p.value, 3))) },
  function(x) { t <- chisq.test(x, event, correct = FALSE)
    c(counted(x, row_percent(1)), list(statistic = bare(fixed(unname(t$statistic), 3)), p_value = bare(fixed(t$p.value, 3)))) })
gtsummary <- comparison("gtsummary: medians, whole percentages, P of one digit",
  function(x) { q <- vapply(pair(x), quantile, numeric(3), c(0.25, 0.5, 0.75), names = FALSE)
    list(lower_quartile = I(fixed(q[1, ], 1)), median = I(fixed(q[2, ], 1)), upper_quartile = I(fixed(q[3, ], 1)),
         p_value = short_p(suppressWarnings(wilcox.test(x[!event], x[event])$p.value))) },
  function(x) c(counted(x, column_percent(0)), list(p_value = short_p(fisher.test(table(x, event))$p.value))))
welch <- comparison("R: t.test by default, t with the event first",
  function(x) { t <- t.test(x[event], x[!event])
    list(mean = I(significant(both(x, mean), 3)), sd = I(significant(both(x, sd), 2)), statistic = fixed(t$statistic, 2),
         p_value = format.pval(t$p.value, digits = 2, eps = 0.001)) },
  function(x) { t <- suppressWarnings(chisq.test(x, event))
    c(counted(x, column_percent(2)), list(statistic = fixed(unname(t$statistic), 2), p_value = format.pval(t$p.value, digits = 2, eps = 0.001))) })

write_reference("prints", list(
  models = c(habits("pima_tr", pima_fit), habits("the first 45 of pima_tr", small_fit), habits("pvp", pvp_fit), habits("veteran", cox_fit)),
  comparisons = list(tableone, spss, gtsummary, welch)), c("MASS", "survival"))
