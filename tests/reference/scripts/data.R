# Data sets of MASS and survival, and synthetic ones, as CSV at full precision.
source("scripts/common.R")
suppressPackageStartupMessages({library(MASS); library(survival)})

save_frame <- function(frame, name) {
  numbers <- vapply(frame, is.double, TRUE)
  frame[numbers] <- lapply(frame[numbers], function(x) ifelse(is.na(x), NA, atoms(x)))
  quoted <- which(vapply(frame, function(x) is.factor(x), TRUE) | (vapply(frame, is.character, TRUE) & !numbers))
  con <- file(file.path("data", paste0(name, ".csv")), "wb")
  on.exit(close(con))
  write.csv(frame, con, row.names = FALSE, na = "", quote = quoted, eol = "\n")
}

save_frame(Pima.tr, "pima_tr")
save_frame(Pima.te, "pima_te")
save_frame(Pima.tr2, "pima_missing")
complete <- na.omit(biopsy)[, -1]
save_frame(complete, "biopsy")
save_frame(rotterdam, "rotterdam")
save_frame(gbsg, "gbsg")
save_frame(lung, "lung")
save_frame(veteran, "veteran")

groups <- within(Pima.tr, {
  parous <- ifelse(npreg > 0, "yes", "no")
  bmi_group <- as.character(cut(bmi, c(0, 25, 30, Inf), c("normal", "overweight", "obese"), right = FALSE))
  age_two <- ifelse(age <= 25, "21-25", "26+")
  age_group <- as.character(cut(age, c(0, 25, 35, Inf), c("21-25", "26-35", "36+")))
})
save_frame(groups[, c("npreg", "glu", "bp", "bmi", "ped", "age", "age_group", "age_two", "bmi_group", "parous", "type")],
           "pima_groups")

set.seed(1)
noise <- Pima.tr
for (k in 1:4) noise[[paste0("noise", k)]] <- round(rnorm(nrow(noise)), 4)
save_frame(noise, "pima_noise")

# Categorical predictors only, 37 events in 268, few distinct risks. The seed is the first with
# three events in the reference level of `muscle`, so that about one resample in twenty is separated.
draw <- function(seed) {
  set.seed(seed)
  n <- 268
  frame <- data.frame(
    patient = seq_len(n),
    cleft = ifelse(runif(n) < 0.35, "yes", "no"),
    fascia = ifelse(runif(n) < 0.25, "yes", "no"),
    muscle = sample(c("0-1", "2", "3-4"), n, TRUE, c(0.35, 0.45, 0.20)),
    cement = ifelse(runif(n) < 0.45, "Blocky", "Spongy"))
  lp <- -3.9 + 1.2 * (frame$cleft == "yes") + 1.3 * (frame$fascia == "yes") +
    c(0, 0.9, 1.8)[match(frame$muscle, c("0-1", "2", "3-4"))] + 0.8 * (frame$cement == "Blocky")
  frame$pain <- as.integer(runif(n) < plogis(lp))
  frame
}
seed <- 1
repeat {
  candidate <- draw(seed)
  if (sum(candidate$pain) == 37 && sum(candidate$pain[candidate$muscle == "0-1"]) == 3) break
  seed <- seed + 1
}
cat("pvp: seed", seed, "\n")
save_frame(candidate, "pvp")

# Vertebrae within patients: one to four rows a patient, rows shuffled.
set.seed(2)
patients <- 150
size <- sample(1:4, patients, TRUE, c(0.5, 0.3, 0.15, 0.05))
effect <- rnorm(patients, 0, 1.2)
clusters <- data.frame(patient = rep(seq_len(patients), size))
n <- nrow(clusters)
clusters$age <- rep(round(rnorm(patients, 72, 8)), size)
clusters$height_loss_pct <- round(pmin(80, pmax(2, rnorm(n, 28, 14))), 1)
clusters$grade <- sample(c("mild", "moderate", "severe"), n, TRUE, c(0.4, 0.4, 0.2))
clusters$leak <- as.integer(runif(n) < plogis(-2.4 + 0.03 * clusters$height_loss_pct +
  0.7 * (clusters$grade == "severe") + effect[clusters$patient]))
save_frame(clusters[sample(n), ], "clusters")

# Sixty rows: continuous, tied, skewed, and three arms.
set.seed(3)
n <- 60
small <- data.frame(id = seq_len(n), x = round(rnorm(n, 50, 12), 3), tied = round(rnorm(n, 3, 1.1)),
                    skewed = round(rexp(n, 0.2), 2), count = rpois(n, 1.5),
                    arm = sample(c("a", "b", "c"), n, TRUE), weight = sample(0:4, n, TRUE))
small$event <- as.integer(runif(n) < plogis(-3 + 0.04 * small$x + 0.3 * small$tied))
save_frame(small, "small")

# A score of ten values in 120 patients, for ties in ROC, and many zeros and tens for knots.
set.seed(4)
n <- 400
knots <- data.frame(continuous = round(rnorm(n), 6), integer = rpois(n, 6),
                    zeros = ifelse(runif(n) < 0.3, 0, round(rexp(n, 0.1), 3)),
                    both_ends = pmin(10, pmax(0, round(rnorm(n, 5, 4), 2))),
                    coarse = sample(1:5, n, TRUE))
save_frame(knots, "knots")

# Monoclonal gammopathy: progression to a plasma cell malignancy (1) or death before it (2); months.
progression <- within(mgus2, {
  status <- ifelse(pstat == 1, 1L, ifelse(death == 1, 2L, 0L))
  months <- ifelse(pstat == 1, ptime, futime)
})
progression <- progression[complete.cases(progression[, c("age", "sex", "hgb", "creat", "mspike")]), ]
save_frame(progression[, c("age", "sex", "hgb", "creat", "mspike", "months", "status")], "mgus2")

# Colon cancer: two rows a patient, recurrence and death, whose times go together.
followed <- colon[complete.cases(colon[, c("rx", "age", "sex", "nodes", "surg")]), ]
save_frame(followed[, c("id", "rx", "age", "sex", "nodes", "surg", "etype", "time", "status")], "colon")

# Leakage (1) or death (2) over 36 months in whole months, so that events, competing events and
# censorings are often tied; three groups in two centres, and one group of a single patient.
set.seed(5)
n <- 260
competing <- data.frame(arm = sample(c("a", "b", "c"), n, TRUE, c(0.45, 0.35, 0.2)),
                        centre = sample(c("north", "south"), n, TRUE), age = round(rnorm(n, 78, 7)),
                        volume_ml = round(rnorm(n, 4.5, 1.2), 1), weight = sample(0:3, n, TRUE))
hazard_1 <- 0.02 * exp(0.7 * (competing$arm == "b") + 0.35 * (competing$volume_ml - 4.5))
hazard_2 <- 0.012 * exp(0.07 * (competing$age - 78) + 0.3 * (competing$arm == "c"))
first <- rexp(n, hazard_1 + hazard_2)
lost <- ifelse(competing$centre == "north", runif(n, 6, 40), rexp(n, 0.03))
cause <- ifelse(runif(n) < hazard_1 / (hazard_1 + hazard_2), 1L, 2L)
competing$months <- pmax(1, ceiling(pmin(first, lost, 36)))
competing$status <- ifelse(first <= pmin(lost, 36), cause, 0L)
competing$entry <- floor(competing$months * ifelse(runif(n) < 0.4, runif(n), 0))
competing$lone <- ifelse(seq_len(n) == 7, "alone", competing$arm)
save_frame(competing, "competing")

# Nobody with a drain is without the event, nobody of grade "mild" has it; one column is a million times as wide.
set.seed(14)
n <- 60
separated <- data.frame(drain = as.integer(seq_len(n) <= 6), grade = rep(c("moderate", "mild", "severe", "moderate"), n / 4),
                        age = round(rnorm(n, 60, 8), 1), wide = round(1e6 * rnorm(n, 3, 1)))
separated$time <- round(rexp(n, 0.05) + 0.1, 1)
separated$event <- ifelse(separated$grade == "mild", 0L, as.integer(runif(n) < plogis(-1 + 0.05 * (separated$age - 60))))
separated$event[separated$drain == 1] <- 1L
separated$grade[separated$drain == 1] <- "moderate"
save_frame(separated, "separated")
