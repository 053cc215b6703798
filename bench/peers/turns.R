# What every peer in R shares: the data as `turns.handed` wrote them, and one run a line of input.
#   Rscript turns.R PEER.R [its arguments]
arguments <- commandArgs(trailingOnly = TRUE)[-1]

# An array from the folder in which the peer was started.
given <- function(name) {
  shape <- scan(paste0(name, ".shape"), quiet = TRUE)
  values <- readBin(paste0(name, ".f64"), "double", prod(shape))
  if (length(shape) > 1) array(values, shape) else values
}

# Says the versions and the numbers that the work finds, then the seconds of a run for every line
# of input: the start of R, the packages and the reading of data are in no time.
turns <- function(packages, work, numbers = function(found) numeric()) {
  versions <- vapply(packages, function(each) as.character(packageVersion(each)), "")
  cat(paste(c(R.version.string, paste(packages, versions)), collapse = "; "), "\n", sep = "")
  set.seed(1)
  cat(format(numbers(work()), digits = 15), "\n")
  flush(stdout())
  input <- file("stdin", "r")
  while (length(turn <- readLines(input, n = 1)) > 0) {
    set.seed(as.integer(turn))
    invisible(gc())
    cat(system.time(work())[["elapsed"]], "\n")
    flush(stdout())
  }
}

source(commandArgs(trailingOnly = TRUE)[1])
