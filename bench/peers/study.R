# The embedded study as a statistician writes it in R: tables, the model, its validation by 1000
# resamples, and figures as SVG files, with the numbers in one HTML page.
#   Rscript study.R patients.csv FOLDER [whole]
# It does less than `vertebrisk run`: no interval is bootstrapped, and there are no flow chart,
# calculator, documents or appraisal. With "whole" the screen is repeated in 1000 resamples, as
# `vertebrisk run` does: optimism of the whole procedure, how often each candidate is chosen, and
# how far the predictions of its models scatter.
suppressPackageStartupMessages({
  library(rms)
  library(pROC)
})
given <- commandArgs(trailingOnly = TRUE)
patients <- read.csv(given[1], stringsAsFactors = TRUE)
patients$goutallier <- factor(patients$goutallier)
out <- given[2]
whole <- "whole" %in% given
dir.create(out, showWarnings = FALSE)
candidates <- setdiff(names(patients), "pain")
resamples <- 1000
set.seed(20210430)

# Table 1: means with the t test, counts with Pearson's test.
summarised <- function(name) {
  values <- patients[[name]]
  if (is.numeric(values)) {
    groups <- split(values, patients$pain)
    shown <- sapply(groups, function(each) sprintf("%.2f (%.2f)", mean(each), sd(each)))
    p <- t.test(values ~ patients$pain, var.equal = TRUE)$p.value
    return(data.frame(variable = name, without = shown[1], with = shown[2], p = p))
  }
  counts <- table(values, patients$pain)
  shown <- matrix(sprintf("%d (%.1f%%)", counts, 100 * prop.table(counts, 2)), ncol = 2)
  p <- suppressWarnings(chisq.test(counts, correct = FALSE))$p.value
  data.frame(variable = paste(name, rownames(counts)), without = shown[, 1], with = shown[, 2], p = p)
}
characteristics <- do.call(rbind, lapply(candidates, summarised))

# Table 2: each candidate alone, by its likelihood ratio.
alone <- lapply(candidates, function(name) {
  fit <- glm(reformulate(name, "pain"), binomial, patients)
  limits <- confint.default(fit)
  estimates <- data.frame(
    term = names(coef(fit)), or = exp(coef(fit)), low = exp(limits[, 1]), high = exp(limits[, 2])
  )[-1, ]
  cbind(estimates, p = anova(fit, test = "LRT")[2, "Pr(>Chi)"], variable = name)
})
univariable <- do.call(rbind, alone)
chosen <- unique(univariable$variable[univariable$p < 0.05])

# Table 3: the model.
distribution <- datadist(patients)
options(datadist = "distribution")
formula <- reformulate(chosen, "pain")
fit <- lrm(formula, patients, x = TRUE, y = TRUE)
plain <- glm(formula, binomial, patients)
limits <- confint.default(plain)
multivariable <- data.frame(
  term = names(coef(plain)), or = exp(coef(plain)), low = exp(limits[, 1]), high = exp(limits[, 2]),
  p = summary(plain)$coefficients[, 4]
)
variance_inflation <- data.frame(term = names(vif(fit)), vif = vif(fit))
fitted_summary <- data.frame(index = names(fit$stats), value = unname(fit$stats))

# Validation and calibration.
validated <- validate(fit, B = resamples)
calibrated <- calibrate(fit, B = resamples)
linear <- predict(fit)
risk <- plogis(linear)
curve <- roc(patients$pain, risk, quiet = TRUE)
area <- ci.auc(curve)
best <- coords(curve, "best", ret = c("threshold", "sensitivity", "specificity"))
cuts <- do.call(rbind, lapply(c(0.1, 0.2), function(cut) {
  high <- risk >= cut
  ill <- patients$pain == 1
  data.frame(
    threshold = cut, sensitivity = mean(high[ill]), specificity = mean(!high[!ill]),
    ppv = mean(ill[high]), npv = mean(!ill[!high])
  )
}))

# Decision curve.
thresholds <- seq(0.02, 0.5, 0.01)
event <- patients$pain == 1
benefit <- data.frame(
  threshold = thresholds,
  model = sapply(thresholds, function(cut) {
    high <- risk >= cut
    mean(high & event) - mean(high & !event) * cut / (1 - cut)
  }),
  all = mean(event) - mean(!event) * thresholds / (1 - thresholds)
)

# The whole procedure in every resample.
screened <- function(rows) {
  drawn <- patients[rows, ]
  p <- vapply(candidates, function(name) {
    fit <- glm(reformulate(name, "pain"), binomial, drawn)
    pchisq(fit$null.deviance - fit$deviance, fit$rank - 1, lower.tail = FALSE)
  }, 0)
  kept <- candidates[p < 0.05]
  made <- glm(reformulate(if (length(kept)) kept else "1", "pain"), binomial, drawn)
  scores <- predict(made, patients)
  measured <- function(event, linear) {
    line <- suppressWarnings(coef(glm(event ~ linear, binomial)))
    c(auc(event, linear, quiet = TRUE, direction = "<"), line, mean((event - plogis(linear))^2))
  }
  list(
    chosen = candidates %in% kept, risk = plogis(scores),
    optimism = measured(drawn$pain, scores[rows]) - measured(patients$pain, scores)
  )
}
if (whole) {
  models <- suppressWarnings(lapply(seq_len(resamples), function(each) {
    tryCatch(screened(sample(nrow(patients), replace = TRUE)), error = function(e) NULL)
  }))
  models <- Filter(Negate(is.null), models)
  optimism <- rowMeans(sapply(models, `[[`, "optimism"), na.rm = TRUE)
  optimism <- data.frame(index = c("area", "intercept", "slope", "Brier"), optimism)
  frequency <- data.frame(
    candidate = candidates, share = rowMeans(sapply(models, `[[`, "chosen"))
  )
  risks <- sapply(models, `[[`, "risk")
  stability <- data.frame(
    measure = "mean absolute difference", value = mean(abs(risks - risk))
  )
}

# Figures.
figure <- function(name, draw, width = 7, height = 6) {
  svg(file.path(out, paste0(name, ".svg")), width, height)
  draw()
  invisible(dev.off())
}
figure("roc", function() {
  plot(curve, legacy.axes = TRUE, print.auc = TRUE, print.auc.y = 0.2)
})
figure("calibration", function() {
  plot(calibrated, xlab = "Predicted risk", ylab = "Observed share")
})
figure("decision", function() {
  plot(benefit$threshold, benefit$model, type = "l", ylim = c(-0.05, 0.15),
    xlab = "Threshold", ylab = "Net benefit")
  lines(benefit$threshold, benefit$all, lty = 2)
  abline(h = 0, lty = 3)
  legend("topright", c("Model", "Treat all", "Treat none"), lty = 1:3, bty = "n")
})
figure("nomogram", function() {
  plot(nomogram(fit, fun = plogis, funlabel = "Risk", fun.at = c(0.01, 0.05, 0.1, 0.2, 0.5, 0.8)))
}, 10, 7)
figure("forest", function() {
  rows <- multivariable[-1, ]
  place <- rev(seq_len(nrow(rows)))
  old <- par(mar = c(4, 14, 1, 1))
  plot(rows$or, place, log = "x", xlim = range(rows$low, rows$high), yaxt = "n", pch = 15,
    xlab = "Odds ratio", ylab = "")
  segments(rows$low, place, rows$high, place)
  axis(2, place, rows$term, las = 1)
  abline(v = 1, lty = 2)
  par(old)
})

if (whole) {
  figure("selection", function() {
    old <- par(mar = c(4, 12, 1, 1))
    barplot(rev(frequency$share), names.arg = rev(frequency$candidate), horiz = TRUE, las = 1)
    par(old)
  })
  figure("instability_prediction", function() {
    limits <- apply(risks, 1, quantile, c(0.025, 0.975))
    plot(risk, risk, type = "n", ylim = 0:1, xlab = "Risk", ylab = "Risk by resampled models")
    segments(risk, limits[1, ], risk, limits[2, ])
    abline(0, 1)
  })
  figure("instability_classification", function() {
    changed <- rowMeans((risks >= 0.2) != (risk >= 0.2))
    plot(risk, changed, xlab = "Risk", ylab = "Share of models that decide otherwise at 0.2")
  })
}

# The page.
html <- function(title, table) {
  shown <- as.data.frame(lapply(table, function(each) {
    if (is.numeric(each)) formatC(each, digits = 4, format = "g") else as.character(each)
  }))
  cells <- apply(shown, 1, function(row) paste0("<td>", row, "</td>", collapse = ""))
  head <- paste0("<th>", names(shown), "</th>", collapse = "")
  c(paste0("<h2>", title, "</h2><table><tr>", head, "</tr>"),
    paste0("<tr>", cells, "</tr>"), "</table>")
}
drawn <- c("roc", "calibration", "decision", "nomogram", "forest")
if (whole) drawn <- c(drawn, "selection", "instability_prediction", "instability_classification")
pictures <- vapply(drawn, function(name) {
  paste(readLines(file.path(out, paste0(name, ".svg")))[-1], collapse = "\n")
}, "")
indexes <- data.frame(index = rownames(validated), unclass(validated)[, 1:6])
page <- c(
  "<!doctype html><html><head><meta charset='utf-8'><title>Residual back pain</title></head><body>",
  html("Characteristics", characteristics), html("Univariable", univariable),
  html("Model", multivariable), html("Fit", fitted_summary), html("VIF", variance_inflation),
  html("Validation", indexes),
  sprintf("<p>Area %.3f (%.3f to %.3f)</p>", area[2], area[1], area[3]),
  html("Best threshold", best), html("Thresholds", cuts), html("Decision curve", benefit),
  if (whole) c(html("Optimism of the whole procedure", optimism), html("Chosen", frequency),
    html("Stability", stability)),
  pictures, "</body></html>"
)
writeLines(page, file.path(out, "report.html"))
