# Decision curves by the definition: positive when risk >= threshold.
source("scripts/common.R")

curve <- function(y, p, thresholds) {
  n <- length(y)
  w <- thresholds / (1 - thresholds)
  tp <- vapply(thresholds, function(t) sum(p >= t & y == 1), 0)
  fp <- vapply(thresholds, function(t) sum(p >= t & y == 0), 0)
  model <- tp / n - fp / n * w
  all <- mean(y) - (1 - mean(y)) * w
  list(threshold = thresholds, true_positives = as.integer(tp), false_positives = as.integer(fp),
       net_benefit = model, net_benefit_all = all, net_benefit_none = rep(0, length(thresholds)),
       standardised = model / mean(y),
       interventions_avoided_per_100 = (model - all) / w * 100,
       gain = model - pmax(all, 0), test_tradeoff = ifelse(model - pmax(all, 0) > 1e-12, 1 / (model - pmax(all, 0)), NA))
}

thresholds <- seq(0.02, 0.80, by = 0.02)
pt <- pima(); te <- pima("pima_te"); pv <- pvp()
f_pt <- tight(type ~ npreg + glu + bp + skin + bmi + ped + age, pt)
f_pv <- tight(pain ~ cleft + fascia + muscle + cement, pv)
p_pv <- unname(fitted(f_pv))
model <- function(f) paste(deparse(formula(f)), collapse = " ")
# At thresholds equal to a predicted risk the tie rule decides.
at_risks <- sort(unique(p_pv))[c(3, 8, 12)]
cases <- list(
  pima_apparent = c(list(data = "pima_tr", event = "type == \"Yes\"", model = model(f_pt), risk = unname(fitted(f_pt))),
                    curve(as.integer(pt$type == "Yes"), unname(fitted(f_pt)), thresholds)),
  pima_external = {
    p <- unname(predict(f_pt, te, type = "response"))
    c(list(data = "pima_te", event = "type == \"Yes\"", model = model(f_pt), risk = p),
      curve(as.integer(te$type == "Yes"), p, thresholds))
  },
  pvp = c(list(data = "pvp", event = "pain == 1", model = model(f_pv), risk = p_pv),
          curve(pv$pain, p_pv, seq(0.02, 0.5, by = 0.01))),
  pvp_at_ties = c(list(data = "pvp", event = "pain == 1", model = model(f_pv), risk = p_pv),
                  curve(pv$pain, p_pv, at_risks)))
write_reference("decision", list(cases = cases))
