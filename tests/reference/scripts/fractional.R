# Fractional polynomials: shift and scale, deviances of all 44 shapes, the closed test and its backfitting
# cycle (Royston and Altman 1994; Sauerbrei and Royston 1999; Ambler and Royston 2001), written out with
# glm and coxph, since the package mfp is not in Debian.
source("scripts/common.R")
suppressPackageStartupMessages(library(survival))

POWERS <- c(-2, -1, -0.5, 0, 0.5, 1, 2, 3)

transformation <- function(x) {
  shift <- 0
  if (min(x) <= 0) {
    gaps <- diff(sort(unique(x)))
    shift <- ceiling((min(gaps) - min(x)) * 10) / 10
  }
  size <- log10(mean(x + shift))
  list(shift = shift, scale = 10^(sign(size) * round(abs(size))))
}

fp_columns <- function(x, powers, tr = transformation(x)) {
  z <- (x + tr$shift) / tr$scale
  powers <- sort(powers)
  columns <- NULL
  previous <- NULL
  for (k in seq_along(powers)) {
    p <- powers[k]
    column <- if (k > 1 && p == powers[k - 1]) previous * log(z) else if (p == 0) log(z) else z^p
    columns <- cbind(columns, column)
    previous <- column
  }
  unname(columns)
}

logistic_likelihood <- function(y) function(columns, last = FALSE) {
  data <- list(y = y)
  fit <- if (is.null(columns)) glm(y ~ 1, family = binomial, control = glm.control(1e-14, 100))
    else glm(y ~ columns, family = binomial, control = glm.control(1e-14, 100))
  if (last) list(coef = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))), log_likelihood = as.numeric(logLik(fit)))
  else as.numeric(logLik(fit))
}

cox_likelihood <- function(time, event, ties = "efron") function(columns, last = FALSE) {
  control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
  if (is.null(columns)) return(coxph(Surv(time, event) ~ 1, ties = ties)$loglik[1])
  fit <- coxph(Surv(time, event) ~ columns, ties = ties, control = control)
  if (last) list(coef = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))), log_likelihood = fit$loglik[2])
  else fit$loglik[2]
}

all_shapes <- function(degree) {
  singles <- as.list(POWERS)
  if (degree == 1) return(singles)
  pairs <- list()
  for (i in 1:8) for (j in i:8) pairs <- c(pairs, list(c(POWERS[i], POWERS[j])))
  c(singles, pairs)
}

# One variable: all deviances given the columns of the others, and the closed test.
visited <- function(x, degree, others, likelihood, alpha, select) {
  tr <- transformation(x)
  shapes <- all_shapes(degree)
  deviance <- vapply(shapes, function(p) -2 * likelihood(cbind(others, fp_columns(x, p, tr))), 0)
  sizes <- lengths(shapes)
  null <- -2 * likelihood(others)
  one <- which(sizes == 1)[which.min(deviance[sizes == 1])]
  linear <- deviance[vapply(shapes, function(p) identical(p, 1), TRUE)]
  most <- if (degree == 2) which(sizes == 2)[which.min(deviance[sizes == 2])] else one
  df <- 2 * degree
  p_null <- pchisq(null - deviance[most], df, lower.tail = FALSE)
  p_linear <- pchisq(linear - deviance[most], df - 1, lower.tail = FALSE)
  p_one <- if (degree == 2) pchisq(deviance[one] - deviance[most], 2, lower.tail = FALSE) else NA
  chosen <- if (p_null > select) numeric(0) else if (p_linear > alpha) 1 else
    if (degree == 2 && p_one > alpha) shapes[[one]] else shapes[[most]]
  list(shift = tr$shift, scale = tr$scale, null = null, linear = linear, fp1 = deviance[one], fp1_powers = I(shapes[[one]]),
       fp2 = if (degree == 2) deviance[most] else NA, fp2_powers = I(if (degree == 2) shapes[[most]] else numeric(0)),
       p_null = p_null, p_linear = p_linear, p_fp1 = p_one, powers = I(chosen),
       shapes = lapply(shapes, I), deviances = I(deviance))
}

# A term that is no polynomial stays, or leaves where its own test says so.
plain <- function(columns, others, likelihood, select) {
  gain <- 2 * (likelihood(cbind(others, columns)) - likelihood(others))
  pchisq(gain, ncol(columns), lower.tail = FALSE) <= select
}

# terms: list of list(name, x, degree); degree 0 is a term entered as it is.
mfp_by_hand <- function(terms, likelihood, alpha = 0.05, select = 1) {
  current <- lapply(terms, function(t) cbind(unname(as.matrix(t$x))))
  full <- likelihood(do.call(cbind, current))
  p <- vapply(seq_along(terms), function(i) {
    pchisq(2 * (full - likelihood(do.call(cbind, current[-i]))), ncol(current[[i]]), lower.tail = FALSE)
  }, 0)
  order <- order(p)
  state <- lapply(terms, function(t) if (t$degree > 0) 1 else "in")
  told <- vector("list", length(terms))
  for (cycle in 1:20) {
    before <- state
    for (i in order) {
      others <- do.call(cbind, current[-i])
      if (terms[[i]]$degree == 0) {
        keep <- select >= 1 || plain(cbind(unname(as.matrix(terms[[i]]$x))), others, likelihood, select)
        state[i] <- list(if (keep) "in" else "out")
        current[i] <- list(if (keep) cbind(unname(as.matrix(terms[[i]]$x))) else NULL)
        next
      }
      found <- visited(terms[[i]]$x, terms[[i]]$degree, others, likelihood, alpha, select)
      told[[i]] <- found
      state[[i]] <- as.numeric(found$powers)
      current[i] <- list(if (length(found$powers) == 0) NULL else if (identical(as.numeric(found$powers), 1)) cbind(terms[[i]]$x)
        else fp_columns(terms[[i]]$x, found$powers))
    }
    if (identical(before, state)) break
  }
  final <- do.call(cbind, current)
  fitted <- if (is.null(final)) NULL else likelihood(final, last = TRUE)
  list(cycles = cycle, order = I(vapply(terms[order], function(t) t$name, "")),
       kept = I(vapply(state, function(s) length(s) > 0 && !identical(s, "out"), TRUE)),
       shapes = lapply(told[!vapply(told, is.null, TRUE)], identity),
       names = I(vapply(terms[!vapply(told, is.null, TRUE)], function(t) t$name, "")), fit = fitted)
}

fp <- function(data, name, degree = 2) list(name = name, x = data[[name]], degree = degree)
as_is <- function(data, name) list(name = name, x = data[[name]], degree = 0)

gb <- read_frame("gbsg"); pt <- pima(); ro <- read_frame("rotterdam", LEVELS$rotterdam)
y <- as.integer(pt$type == "Yes")
recurred <- cox_likelihood(gb$rfstime, gb$status)
diabetic <- logistic_likelihood(y)

case <- function(id, data, kind, left, right, terms, likelihood, alpha = 0.05, select = 1)
  c(list(id = id, data = data, kind = kind, formula = paste(left, "~", right), alpha = alpha, select = select),
    mfp_by_hand(terms, likelihood, alpha, select))

TIME <- "Surv(rfstime, status)"; YES <- "type == \"Yes\""
cases <- list(
  case("gbsg_age", "gbsg", "cox", TIME, "fp(age)", list(fp(gb, "age")), recurred),
  case("gbsg_adjusted", "gbsg", "cox", TIME, "fp(age) + nodes + hormon",
    list(fp(gb, "age"), as_is(gb, "nodes"), as_is(gb, "hormon")), recurred),
  case("gbsg_first_degree", "gbsg", "cox", TIME, "fp(age, 1) + fp(nodes, 1) + hormon",
    list(fp(gb, "age", 1), fp(gb, "nodes", 1), as_is(gb, "hormon")), recurred),
  case("gbsg_all", "gbsg", "cox", TIME, "fp(age) + fp(size) + fp(nodes) + fp(pgr) + fp(er) + hormon + grade + meno",
    list(fp(gb, "age"), fp(gb, "size"), fp(gb, "nodes"), fp(gb, "pgr"), fp(gb, "er"), as_is(gb, "hormon"), as_is(gb, "grade"),
         as_is(gb, "meno")), recurred),
  case("gbsg_backward", "gbsg", "cox", TIME, "fp(age) + fp(size) + fp(nodes) + fp(pgr) + fp(er) + hormon + grade + meno",
    list(fp(gb, "age"), fp(gb, "size"), fp(gb, "nodes"), fp(gb, "pgr"), fp(gb, "er"), as_is(gb, "hormon"), as_is(gb, "grade"),
         as_is(gb, "meno")), recurred, 0.05, 0.05),
  case("pima_age", "pima_tr", "logistic", YES, "fp(age)", list(fp(pt, "age")), diabetic),
  case("pima_several", "pima_tr", "logistic", YES, "fp(age) + fp(bmi) + fp(ped) + glu",
    list(fp(pt, "age"), fp(pt, "bmi"), fp(pt, "ped"), as_is(pt, "glu")), diabetic),
  case("pima_wide", "pima_tr", "logistic", YES, "fp(age) + fp(bmi) + fp(ped) + fp(npreg) + glu",
    list(fp(pt, "age"), fp(pt, "bmi"), fp(pt, "ped"), fp(pt, "npreg"), as_is(pt, "glu")), diabetic, 0.3, 1),
  case("pima_backward", "pima_tr", "logistic", YES, "fp(age) + fp(bmi) + fp(ped) + fp(npreg) + glu + skin",
    list(fp(pt, "age"), fp(pt, "bmi"), fp(pt, "ped"), fp(pt, "npreg"), as_is(pt, "glu"), as_is(pt, "skin")), diabetic, 0.1, 0.1))

# Known powers: fits whose columns are written out.
known <- list(
  list(id = "published", data = "gbsg", kind = "cox", formula = paste(TIME, "~ powers(age, -2, -0.5) + hormon"),
       fit = recurred(cbind(fp_columns(gb$age, c(-2, -0.5)), gb$hormon), last = TRUE)),
  list(id = "repeated", data = "gbsg", kind = "cox", formula = paste(TIME, "~ powers(nodes, 0, 0) + powers(pgr, 0.5)"),
       fit = recurred(cbind(fp_columns(gb$nodes, c(0, 0)), fp_columns(gb$pgr, 0.5)), last = TRUE)),
  list(id = "shifted", data = "pima_tr", kind = "logistic", formula = paste(YES, "~ powers(npreg, -1, -1) + powers(age, 3, 3, 3)"),
       fit = diabetic(cbind(fp_columns(pt$npreg, c(-1, -1)), fp_columns(pt$age, c(3, 3, 3))), last = TRUE)))

scales <- lapply(list(gbsg = gb[c("age", "size", "nodes", "pgr", "er")], pima_tr = pt[c("npreg", "ped", "bmi", "age")],
                      rotterdam = ro[c("year", "pgr", "nodes")]),
                 function(frame) lapply(as.list(frame), function(x) { t <- transformation(x); I(c(t$shift, t$scale)) }))

name <- function(cases) setNames(cases, vapply(cases, function(x) x$id, ""))
write_reference("fractional", list(scales = scales, known = name(known), cases = name(cases)), "survival")
