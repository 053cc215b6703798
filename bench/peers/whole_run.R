# Peer of `vertebrisk run`: the same study as an R script, in a process of its own each time.
#   whole_run.R [whole]        with "whole" the screen is repeated in every resample
script <- file.path(dirname(commandArgs(trailingOnly = TRUE)[1]), "study.R")
turns(c("rms", "pROC"), function() {
  status <- system2("Rscript", c("--vanilla", script, "patients.csv", "study", arguments), stdout = FALSE)
  stopifnot(status == 0, file.exists("study/report.html"))
})
