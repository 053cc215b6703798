# Several areas on the same patients: pairs by pROC's roc.test, all together by hand. The joint test is
# written out from DeLong's definition, every patient with the event against every one without, since
# pROC has none; its covariance is compared with pROC's here.
source("scripts/common.R")
suppressPackageStartupMessages(library(pROC))

placements <- function(y, x) {
  cases <- x[y == 1]; controls <- x[y == 0]
  psi <- outer(cases, controls, function(a, b) (a > b) + 0.5 * (a == b))
  list(area = mean(psi), over = rowMeans(psi), under = colMeans(psi))
}

several <- function(id, data, event, columns, frame, y) {
  parts <- lapply(columns, function(name) placements(y, frame[[name]]))
  areas <- sapply(parts, function(p) p$area)
  over <- sapply(parts, function(p) p$over); under <- sapply(parts, function(p) p$under)
  S <- cov(over) / nrow(over) + cov(under) / nrow(under)
  L <- cbind(1, -diag(length(columns) - 1))
  d <- L %*% areas
  statistic <- drop(t(d) %*% solve(L %*% S %*% t(L), d))
  rocs <- lapply(columns, function(name) roc(y, frame[[name]], levels = c(0, 1), direction = "<", quiet = TRUE))
  stopifnot(abs(S[1, 2] - cov(rocs[[1]], rocs[[2]], method = "delong")) < 1e-12)
  pairs <- list()
  for (i in seq_along(columns)) for (j in seq_along(columns)) if (i < j) {
    t <- roc.test(rocs[[i]], rocs[[j]], method = "delong", paired = TRUE)
    pairs[[length(pairs) + 1]] <- list(first = columns[i], second = columns[j], z = unname(t$statistic),
      estimate = areas[i] - areas[j], p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2])
  }
  list(id = id, data = data, event = event, columns = I(columns), areas = I(areas), covariance = S,
       statistic = statistic, df = length(columns) - 1,
       p_value = pchisq(statistic, length(columns) - 1, lower.tail = FALSE), pairs = pairs)
}

te <- pima("pima_te"); bi <- read_frame("biopsy"); ro <- read_frame("rotterdam", LEVELS$rotterdam)
cases <- list(
  pima_three = several("pima_three", "pima_te", "type == \"Yes\"", c("glu", "bmi", "age"), te, as.integer(te$type == "Yes")),
  biopsy_five = several("biopsy_five", "biopsy", "class == \"malignant\"", c("V1", "V2", "V3", "V4", "V9"), bi,
                        as.integer(bi$class == "malignant")),
  rotterdam_two = several("rotterdam_two", "rotterdam", "death == 1", c("nodes", "age"), ro, ro$death)
)
write_reference("areas", list(cases = cases), "pROC")
