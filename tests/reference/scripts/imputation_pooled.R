# Regressions pooled over the imputations of mice, in many simulated studies with values missing at random.
source("scripts/common.R")
suppressPackageStartupMessages(library(mice))

STUDIES <- 30
PATIENTS <- 400
COLUMNS <- c("x", "b", "g", "o")

study <- function(number) {
  set.seed(20261100 + number)
  z <- rnorm(PATIENTS)
  x <- 0.5 * z + rnorm(PATIENTS)
  b <- rbinom(PATIENTS, 1, plogis(-0.3 + 0.6 * x + 0.5 * z))
  odds <- exp(cbind(0, 0.2 + 0.6 * x - 0.4 * b, -0.3 - 0.5 * x + 0.7 * z))
  g <- 1 + rowSums(runif(PATIENTS) > t(apply(odds / rowSums(odds), 1, cumsum)))
  o <- cut(0.5 * x + 0.4 * b + 0.5 * (g == 2) + rlogis(PATIENTS), c(-Inf, -0.5, 1.2, Inf), labels = FALSE)
  y <- rbinom(PATIENTS, 1, plogis(-1 + 0.7 * x + 0.6 * b + 0.5 * (g == 2) - 0.4 * (g == 3) +
                                    0.4 * (o == 2) + 0.8 * (o == 3) + 0.3 * z))
  frame <- data.frame(study = number, z = round(z, 2), x = round(x, 2), b = c("no", "yes")[b + 1],
                      g = c("u", "v", "w")[g], o = c("I", "II", "III")[o], y = y)
  for (v in COLUMNS) frame[[v]][runif(PATIENTS) < plogis(-1.7 + 0.6 * z + 0.7 * y)] <- NA
  frame
}
# The augmented rows of mice 3.15 make a factor anew and sort its levels: o is in the alphabet's order.
write.csv(do.call(rbind, lapply(seq_len(STUDIES), study)), "data/studies_missing.csv",
          row.names = FALSE, na = "", quote = FALSE)

every <- read_frame("studies_missing", list(b = c("no", "yes"), g = c("u", "v", "w"), o = c("I", "II", "III")))
for (v in COLUMNS[-1]) every[[v]][every[[v]] == ""] <- NA
every$y <- factor(every$y)
every$o <- as.ordered(every$o)
pooled <- function(number) {
  frame <- every[every$study == number, -1]
  imputed <- mice(frame, m = 20, maxit = 10, seed = number, printFlag = FALSE,
                  method = c(z = "", x = "pmm", b = "logreg", g = "polyreg", o = "polr", y = ""))
  fits <- with(imputed, glm(y ~ x + b + g + factor(o, ordered = FALSE) + z, family = binomial))
  pool(fits)$pooled
}
found <- parallel::mclapply(seq_len(STUDIES), pooled, mc.cores = 2)
write_reference("imputation_pooled", list(
  term = c("(Intercept)", "x", "b yes", "g v", "g w", "o II", "o III", "z"),
  estimate = t(sapply(found, function(p) p$estimate)),
  std_error = t(sapply(found, function(p) sqrt(p$t)))), "mice")
