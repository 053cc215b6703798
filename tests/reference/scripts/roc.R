# ROC curves, areas with DeLong's variance, paired comparison: pROC.
source("scripts/common.R")
suppressPackageStartupMessages(library(pROC))

# Infinite end thresholds are null: the first row is "all positive", the last "none positive" when
# direction is "<" (larger score, more likely the event).
roc_case <- function(id, data, event, score, y, x, coordinates = TRUE, extra = list()) {
  r <- roc(y, x, levels = c(0, 1), direction = "<", quiet = TRUE)
  ci <- as.numeric(ci.auc(r, method = "delong"))
  out <- c(list(id = id, data = data, event = event, score = score, n = length(y), n_events = as.integer(sum(y)),
                auc = as.numeric(auc(r)), variance = as.numeric(var(r, method = "delong")),
                conf_low = ci[1], conf_high = ci[3]), extra)
  if (coordinates) {
    co <- coords(r, "all", ret = c("threshold", "sensitivity", "specificity"), transpose = FALSE)
    out$coords <- list(threshold = I(co$threshold), sensitivity = I(co$sensitivity), specificity = I(co$specificity))
    best <- coords(r, "best", best.method = "youden", transpose = FALSE,
                   ret = c("threshold", "sensitivity", "specificity", "ppv", "npv", "tp", "fp", "fn", "tn"))
    out$youden <- best
  }
  out
}

pt <- pima(); pv <- pvp(); te <- pima("pima_te")
bi <- read_frame("biopsy"); ro <- read_frame("rotterdam", LEVELS$rotterdam)
y_pt <- as.integer(pt$type == "Yes"); y_te <- as.integer(te$type == "Yes")
y_bi <- as.integer(bi$class == "malignant")
f_pt <- tight(type ~ npreg + glu + bp + skin + bmi + ped + age, pt)
f_pv <- tight(pain ~ cleft + fascia + muscle + cement, pv)
f_ro <- tight(death ~ age + nodes + size + grade, ro)
p_pv <- unname(fitted(f_pv))
p_te <- unname(predict(f_pt, te, type = "response"))
model <- function(fit) list(model = paste(deparse(formula(fit)), collapse = " "))

cases <- list(
  roc_case("pima_glu", "pima_tr", "type == \"Yes\"", "glu", y_pt, pt$glu),
  roc_case("pima_model", "pima_tr", "type == \"Yes\"", "fitted", y_pt, unname(fitted(f_pt)),
           extra = c(model(f_pt), list(risk = unname(fitted(f_pt))))),
  roc_case("pima_external", "pima_te", "type == \"Yes\"", "risk of the fit to pima_tr", y_te, p_te,
           extra = c(model(f_pt), list(risk = p_te))),
  roc_case("biopsy_V1", "biopsy", "class == \"malignant\"", "V1", y_bi, bi$V1),
  roc_case("biopsy_V9", "biopsy", "class == \"malignant\"", "V9", y_bi, bi$V9),
  roc_case("pvp_model", "pvp", "pain == 1", "fitted", pv$pain, p_pv, extra = c(model(f_pv), list(risk = p_pv))),
  roc_case("rotterdam_nodes", "rotterdam", "death == 1", "nodes", ro$death, ro$nodes),
  roc_case("rotterdam_age", "rotterdam", "death == 1", "age", ro$death, ro$age, coordinates = FALSE),
  roc_case("rotterdam_model", "rotterdam", "death == 1", "fitted", ro$death, unname(fitted(f_ro)),
           coordinates = FALSE, extra = model(f_ro))
)
cases <- setNames(cases, vapply(cases, function(x) x$id, ""))

pair <- function(id, data, event, a, b, y, xa, xb) {
  ra <- roc(y, xa, levels = c(0, 1), direction = "<", quiet = TRUE)
  rb <- roc(y, xb, levels = c(0, 1), direction = "<", quiet = TRUE)
  t <- roc.test(ra, rb, method = "delong", paired = TRUE)
  list(id = id, data = data, event = event, a = a, b = b, auc_a = as.numeric(auc(ra)), auc_b = as.numeric(auc(rb)),
       difference = as.numeric(auc(ra)) - as.numeric(auc(rb)), covariance = cov(ra, rb, method = "delong"),
       z = unname(t$statistic), p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2])
}
compare <- list(
  pair("pima_glu_bmi", "pima_tr", "type == \"Yes\"", "glu", "bmi", y_pt, pt$glu, pt$bmi),
  pair("pima_model_glu", "pima_te", "type == \"Yes\"", "risk of the fit to pima_tr", "glu", y_te, p_te, te$glu),
  pair("biopsy_V1_V6", "biopsy", "class == \"malignant\"", "V1", "V6", y_bi, bi$V1, bi$V6),
  pair("rotterdam_nodes_age", "rotterdam", "death == 1", "nodes", "age", ro$death, ro$nodes, ro$age)
)
compare <- setNames(compare, vapply(compare, function(x) x$id, ""))

# Classification at fixed thresholds: positive when risk >= threshold.
wilson <- function(k, n, z = qnorm(0.975)) {
  if (n == 0) return(c(NA, NA, NA))
  p <- k / n
  centre <- (p + z^2 / (2 * n)) / (1 + z^2 / n)
  half <- z / (1 + z^2 / n) * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
  c(p, centre - half, centre + half)
}
classify <- function(y, p, threshold) {
  hit <- p >= threshold
  tp <- sum(hit & y == 1); fp <- sum(hit & y == 0); fn <- sum(!hit & y == 1); tn <- sum(!hit & y == 0)
  list(threshold = threshold, tp = tp, fp = fp, fn = fn, tn = tn,
       sensitivity = I(wilson(tp, tp + fn)), specificity = I(wilson(tn, tn + fp)),
       ppv = I(wilson(tp, tp + fp)), npv = I(wilson(tn, tn + fn)))
}
thresholds <- list(
  note = "each measure: estimate, Wilson lower, Wilson upper; positive when risk >= threshold",
  pima_model = lapply(c(0.1, 0.2, 0.35, 0.5), function(t) classify(y_pt, unname(fitted(f_pt)), t)),
  pvp_model = lapply(c(0.05, 0.1, 0.2, 0.4), function(t) classify(pv$pain, p_pv, t)))

write_reference("roc", list(cases = cases, compare = compare, thresholds = thresholds), "pROC")
