# Scores over follow-up and two readers. Simulated patients describe nobody.
suppressPackageStartupMessages(library(nlme))

write_frame <- function(name, frame) {
  con <- file(file.path("data", paste0(name, ".csv")), "wb")
  write.csv(frame, con, row.names = FALSE, na = "", quote = FALSE, eol = "\n")
  close(con)
}

# Orthodont (nlme): distance at four ages of 27 children, in wide form.
long <- as.data.frame(Orthodont)
wide <- reshape(long[order(long$Subject, long$age), ], idvar = c("Subject", "Sex"), timevar = "age",
                direction = "wide")
write_frame("orthodont", data.frame(subject = as.character(wide$Subject), sex = as.character(wide$Sex),
  d8 = wide$distance.8, d10 = wide$distance.10, d12 = wide$distance.12, d14 = wide$distance.14))

# Pain (0 to 10, whole) and disability (percent, one decimal) at four visits, some missing.
set.seed(27)
n <- 60
arm <- rep(c("No", "Yes"), c(41, 19))
level <- rnorm(n, 0, 0.9)
pain <- sapply(c(7.6, 3.4, 2.6, 1.9), function(m) round(pmin(10, pmax(0, m + level + (arm == "Yes") * 0.8 + rnorm(n, 0, 1.1)))))
odi <- sapply(c(71, 38, 29, 24), function(m) round(pmin(100, pmax(0, m + 8 * level + rnorm(n, 0, 9))), 1))
pain_missing <- pain
pain_missing[cbind(c(5, 9, 17, 23, 23, 31, 44, 58), c(4, 4, 3, 2, 4, 4, 1, 3))] <- NA
write_frame("scores", data.frame(patient = seq_len(n), leakage = arm,
  vas_0 = pain[, 1], vas_3d = pain[, 2], vas_6m = pain[, 3], vas_12m = pain[, 4],
  gap_0 = pain_missing[, 1], gap_3d = pain_missing[, 2], gap_6m = pain_missing[, 3], gap_12m = pain_missing[, 4],
  odi_0 = odi[, 1], odi_3d = odi[, 2], odi_6m = odi[, 3], odi_12m = odi[, 4]))

# Two readers: a grade of four levels, a sign, and an angle with a fixed and a growing difference.
m <- 84
truth <- sample(0:3, m, TRUE, c(0.25, 0.4, 0.25, 0.1))
slip <- function() pmin(3, pmax(0, truth + sample(c(-1, 0, 0, 0, 0, 1), m, TRUE)))
sign <- rbinom(m, 1, 0.12)
flip <- function(p) ifelse(runif(m) < p, 1 - sign, sign)
angle <- rnorm(m, 16, 7)
write_frame("readers", data.frame(case = seq_len(m), grade_a = slip(), grade_b = slip(),
  sign_a = flip(0.04), sign_b = flip(0.06),
  angle_a = round(angle + rnorm(m, 0, 1.6), 1), angle_b = round(0.8 + 1.06 * angle + rnorm(m, 0, 1.6), 1)))
