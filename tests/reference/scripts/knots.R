# Restricted cubic splines as Hmisc::rcspline.eval places and scales them.
source("scripts/common.R")
suppressPackageStartupMessages(library(Hmisc))

frames <- list(pima_tr = pima(), rotterdam = read_frame("rotterdam"), small = read_frame("small"),
               knots = read_frame("knots"), veteran = read_frame("veteran"))

one <- function(file, column, k) {
  x <- frames[[file]][[column]]
  warned <- NULL
  knots <- tryCatch(withCallingHandlers(unname(rcspline.eval(x, nk = k, knots.only = TRUE)),
    warning = function(w) {warned <<- conditionMessage(w); invokeRestart("muffleWarning")}),
    error = function(e) NULL)
  out <- list(data = file, column = column, n = length(x), k = k, warning = warned)
  if (is.null(knots)) return(c(out, list(fails = TRUE)))
  basis <- rcspline.eval(x, knots = knots, inclx = TRUE)
  attributes(basis) <- list(dim = dim(basis))
  rows <- seq_len(min(12, nrow(basis)))
  c(out, list(fails = FALSE, knots = I(knots), basis_first_rows = basis[rows, , drop = FALSE],
              basis_column_sums = I(colSums(basis))))
}

pairs <- list(c("pima_tr", "age"), c("pima_tr", "glu"), c("pima_tr", "npreg"), c("pima_tr", "ped"),
              c("rotterdam", "age"), c("rotterdam", "nodes"), c("rotterdam", "pgr"), c("rotterdam", "er"),
              c("small", "x"), c("small", "skewed"), c("small", "tied"), c("small", "count"),
              c("veteran", "karno"), c("veteran", "diagtime"),
              c("knots", "continuous"), c("knots", "integer"), c("knots", "zeros"), c("knots", "both_ends"),
              c("knots", "coarse"))
sink(nullfile())
cases <- unlist(lapply(pairs, function(p) lapply(3:7, function(k) one(p[1], p[2], k))), recursive = FALSE)
sink()

# A basis outside the data: linear beyond the outer knots.
grid <- seq(-50, 150, by = 12.5)
kn <- c(20, 40, 55, 80)
far <- rcspline.eval(grid, knots = kn, inclx = TRUE)
attributes(far) <- list(dim = dim(far))

write_reference("knots", list(
  note = "basis: x, then k - 2 columns divided by (last knot - first knot)^2 (norm = 2)",
  cases = cases, extrapolation = list(knots = kn, x = grid, basis = far)), "Hmisc")
