# Peer of the validation of a model held fixed: rms::validate and rms::calibrate, 1000 resamples
# each, on one model of the embedded study.
suppressPackageStartupMessages(library(rms))
patients <- read.csv("patients.csv", stringsAsFactors = TRUE)
patients$goutallier <- factor(patients$goutallier)
model <- pain ~ ivc + fascia_oedema + goutallier + cement_distribution
fit <- lrm(model, data = patients, x = TRUE, y = TRUE)
turns("rms", function() {
  invisible(capture.output(suppressWarnings({
    validate(fit, B = 1000)
    calibrate(fit, B = 1000)
  })))
})
