# Peer of backward elimination in every resample: rms::validate with bw = TRUE, by P of single
# variables at 0.05, whose elimination takes Wald statistics of one fit (fastbw).
#   validate_backward.R 100        resamples
source(file.path(dirname(commandArgs(trailingOnly = TRUE)[1]), "embedded.R"))
suppressPackageStartupMessages(library(rms))
resamples <- as.integer(arguments[1])
fit <- lrm(reformulate(candidates, "pain"), patients, x = TRUE, y = TRUE)
turns("rms", function() {
  invisible(capture.output(suppressWarnings(
    found <- validate(fit, B = resamples, bw = TRUE, rule = "p", type = "individual", sls = 0.05)
  )))
  found
}, function(found) found["Dxy", "index.orig"])
