# Peer's time for the work that vertebrisk's fixed-model validation does: rms::validate and
# rms::calibrate, 1000 resamples each, on one model of the embedded study.
#   Rscript rms_validate.R patients.csv          waits for a line, does the work, says the seconds
# It repeats until its input ends, so that only the work is timed, not the start of R.
suppressPackageStartupMessages(library(rms))
patients <- read.csv(commandArgs(trailingOnly = TRUE)[1], stringsAsFactors = TRUE)
patients$goutallier <- factor(patients$goutallier)
model <- pain ~ ivc + fascia_oedema + goutallier + cement_distribution
fit <- lrm(model, data = patients, x = TRUE, y = TRUE)
cat(R.version.string, "; rms ", as.character(packageVersion("rms")), "\n", sep = "")
flush(stdout())
input <- file("stdin", "r")
while (length(seed <- readLines(input, n = 1)) > 0) {
  set.seed(as.integer(seed))
  seconds <- system.time({
    invisible(capture.output(suppressWarnings({
      validate(fit, B = 1000)
      calibrate(fit, B = 1000)
    })))
  })[["elapsed"]]
  cat(seconds, "\n")
  flush(stdout())
}
