# Peer of the validation of a Cox model held fixed: rms::validate, 200 resamples.
suppressPackageStartupMessages(library(rms))
patients <- read.csv("rotterdam.csv", stringsAsFactors = TRUE)
fit <- cph(
  Surv(rtime, recur) ~ year + age + meno + size + grade + nodes + pgr + er + hormon + chemo,
  data = patients, x = TRUE, y = TRUE, surv = TRUE
)
turns(c("rms", "survival"), function() {
  invisible(capture.output(suppressWarnings(found <- validate(fit, B = 200))))
  found
}, function(found) abs(found["Dxy", "index.orig"]))
