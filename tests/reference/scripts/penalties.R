# Ridge, lasso and elastic net: paths, penalty factors, cross-validation. glmnet stops at thresh = 1e-7; here it
# goes on to 1e-22, which bounds the square of a step.
source("scripts/common.R")
suppressPackageStartupMessages({library(glmnet); library(survival)})

YES <- "type == \"Yes\""
bare <- function(x) unname(as.vector(x))

# glmnet 4.1-6 means to count a patient censored at the time of an event as still at risk, and adds
# 100 machine epsilons to the censored times: too little to show beside a time above 1, so that the order of
# the rows decides. A quarter of a day has the effect that was meant.
follow <- function(time, status) Surv(time + ifelse(status == 1, 0, 0.25), status)

some <- function(n) unique(c(1:3, round(seq(1, n, length.out = 12)), n))

path_case <- function(id, data, columns, x, y, family, mix, event = NULL, ...) {
  fit <- glmnet(x, y, family = family, alpha = mix, thresh = 1e-22, maxit = 1e8, ...)
  n <- length(fit$lambda)
  b <- as.matrix(coef(fit))
  at <- some(n)
  c(list(id = id, data = data, columns = I(columns), event = event, mix = mix), list(...)[["extra"]],
    list(n = nrow(x), length = n, lambda = I(fit$lambda), dev_ratio = I(fit$dev.ratio), null_deviance = fit$nulldev,
         nonzero = I(as.integer(fit$df)), steps = I(at - 1L), coef = unname(t(b[, at, drop = FALSE]))))
}

pt <- pima(); noise <- read_frame("pima_noise"); sm <- read_frame("small"); bi <- read_frame("biopsy", LEVELS$biopsy)
gb <- read_frame("gbsg"); ve <- read_frame("veteran"); ro <- read_frame("rotterdam", LEVELS$rotterdam)
seven <- c("npreg", "glu", "bp", "skin", "bmi", "ped", "age")
eleven <- c(seven, paste0("noise", 1:4))
X <- function(data, columns) as.matrix(data[, columns])
yes <- function(d) as.integer(d$type == "Yes")

logistic <- list(
  path_case("lasso", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 1, YES),
  path_case("elastic_net", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 0.5, YES),
  path_case("ridge", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 0, YES),
  path_case("noise", "pima_noise", eleven, X(noise, eleven), yes(noise), "binomial", 1, YES),
  path_case("saturating", "biopsy", paste0("V", 1:9), X(bi, paste0("V", 1:9)), as.integer(bi$class == "malignant"),
            "binomial", 1, "class == \"malignant\"")
)
factors <- c(0, 1, 2, 0.5, 1, 0, 3)
fit <- path_case("factors", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 1, YES, penalty.factor = factors)
fit$factors <- I(factors); logistic <- c(logistic, list(fit))
fit <- path_case("as_they_are", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 0.7, YES, standardize = FALSE)
fit$standardise <- FALSE; logistic <- c(logistic, list(fit))
repeated <- sm[rep(seq_len(nrow(sm)), sm$weight), ]
three <- c("x", "tied", "skewed", "count")
fit <- path_case("repeated", "small", three, X(repeated, three), repeated$event, "binomial", 1, "event == 1")
fit$weights <- "weight"; logistic <- c(logistic, list(fit))
ten <- noise[c(1:6, 8:11), ]
fit <- path_case("few_patients", "pima_noise", eleven, X(ten, eleven), yes(ten), "binomial", 0.9, YES)
fit$rows <- I(as.integer(c(0:5, 7:10))); logistic <- c(logistic, list(fit))

six <- c("age", "meno", "size", "nodes", "pgr", "er")
vcols <- c("trt", "karno", "diagtime", "age", "prior")
cox <- list(
  path_case("lasso", "gbsg", six, X(gb, six), follow(gb$rfstime, gb$status), "cox", 1),
  path_case("elastic_net", "gbsg", six, X(gb, six), follow(gb$rfstime, gb$status), "cox", 0.5),
  path_case("ridge", "gbsg", six, X(gb, six), follow(gb$rfstime, gb$status), "cox", 0),
  path_case("veteran", "veteran", vcols, X(ve, vcols), follow(ve$time, ve$status), "cox", 1)
)
fit <- path_case("factors", "gbsg", six, X(gb, six), follow(gb$rfstime, gb$status), "cox", 1,
                 penalty.factor = c(1, 0.5, 2, 1, 3, 1))
fit$factors <- I(c(1, 0.5, 2, 1, 3, 1)); cox <- c(cox, list(fit))
# Late entry and strata, which glmnet fits by another search (cox.path), at given penalties above those
# at which it says that it did not converge.
glmnet.control(epsnr = 1e-14, mxitnr = 200)
entry <- floor(gb$rfstime * ((seq_len(nrow(gb)) * 7) %% 10) / 14)
late <- follow(gb$rfstime, gb$status)
started <- stratifySurv(Surv(entry, late[, "time"], gb$status), gb$grade)
levels <- c(0.15, 0.12, 0.1, 0.07, 0.05, 0.03, 0.02)
fit <- glmnet(X(gb, six), started, family = "cox", alpha = 0.7, lambda = levels, thresh = 1e-22, maxit = 1e8)
late_entry <- list(data = "gbsg", columns = I(six), entry = "floor(rfstime * (7 * row %% 10) / 14), rows from 1", strata = "grade", mix = 0.7,
                   lambda = I(levels), coef = unname(t(as.matrix(coef(fit)))))
glmnet.control(factory = TRUE)

times <- list(gbsg = list(time = "rfstime", status = "status"), veteran = list(time = "time", status = "status"))

# Cross-validation at the penalties of the whole data's path: with `lambda` given the folds are fitted at these
# penalties; by default cv.glmnet fits each fold on a path of its own and draws lines between its steps.
folds_of <- function(n, k) as.integer((seq_len(n) * 3L) %% k + 1L)
cv_case <- function(id, data, columns, x, y, family, mix, measure, k, event = NULL) {
  path <- glmnet(x, y, family = family, alpha = mix, thresh = 1e-22, maxit = 1e8)
  folds <- folds_of(nrow(x), k)
  cv <- cv.glmnet(x, y, family = family, alpha = mix, thresh = 1e-22, maxit = 1e8, lambda = path$lambda,
                  foldid = folds, type.measure = measure)
  list(id = id, data = data, columns = I(columns), event = event, mix = mix, measure = measure, folds = I(folds - 1L),
       used = unname(cv$name), lambda = I(cv$lambda), mean = I(bare(cv$cvm)), error = I(bare(cv$cvsd)), nonzero = I(as.integer(cv$nzero)),
       lambda_min = cv$lambda.min, lambda_1se = cv$lambda.1se)
}
cv <- list(
  cv_case("lasso", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 1, "deviance", 10, YES),
  cv_case("lasso_auc", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 1, "auc", 5, YES),
  cv_case("ridge", "pima_tr", seven, X(pt, seven), yes(pt), "binomial", 0, "deviance", 7, YES),
  cv_case("noise", "pima_noise", eleven, X(noise, eleven), yes(noise), "binomial", 0.5, "deviance", 10, YES)
)
cv_cox <- list(
  cv_case("lasso", "gbsg", six, X(gb, six), follow(gb$rfstime, gb$status), "cox", 1, "deviance", 10),
  cv_case("ridge", "veteran", vcols, X(ve, vcols), follow(ve$time, ve$status), "cox", 0, "deviance", 5)
)

# Ridge by a criterion. rms penalises half the sum of lambda * var(x) * b^2 against the whole log-likelihood; for numeric
# columns that is glmnet's lambda times n - 1. lrm stops at eps = 0.025 of the deviance; here it goes on.
suppressPackageStartupMessages(library(rms))
further <- function(x, y, maxit = 12, ...) lrm.fit(x, y, maxit = if (maxit == 1) 1 else 60, eps = 1e-13, ...)
grid <- c(0.5, 1, 2, 5, 10, 20, 50, 100, 200)
base <- lrm(type ~ npreg + glu + bp + skin + bmi + ped + age, pt, x = TRUE, y = TRUE, eps = 1e-13, maxit = 60)
traced <- pentrace(base, grid, fitter = further, keep.coef = TRUE, noaddzero = TRUE)
trace <- list(data = "pima_tr", columns = I(seven), event = YES, n = nrow(pt), penalty = I(traced$results.all$penalty),
              df = I(traced$results.all$df), aic = I(traced$results.all$aic), bic = I(traced$results.all$bic),
              aic_c = I(traced$results.all$aic.c), coef = unname(traced$Coefficients))
# The same of a Cox model by coxph's own ridge term.
thetas <- c(1, 10, 100)
ridged <- lapply(thetas, function(th) {
  f <- coxph(Surv(rfstime, status) ~ ridge(age, meno, size, nodes, pgr, er, theta = th, scale = TRUE), gb, ties = "breslow",
             control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60))
  list(theta = th, coef = I(bare(coef(f))), df = sum(f$df), log_likelihood = f$loglik[2])
})
trace_cox <- list(data = "gbsg", columns = I(six), n = nrow(gb), fits = ridged)

# Uniform shrinkage by the heuristic factor: coefficients times (chi-square - df) / chi-square, the intercept refitted with an
# offset; for a Cox model the baseline hazard at the shrunken coefficients.
fit <- tight(type ~ npreg + glu + bp + skin + bmi + ped + age, pt)
lr <- fit$null.deviance - fit$deviance
s <- (lr - 7) / lr
shifted <- drop(X(pt, seven) %*% (s * coef(fit)[-1]))
again <- glm(yes(pt) ~ offset(shifted), family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
timed <- coxph(Surv(rfstime, status) ~ age + meno + size + nodes + pgr + er, gb, control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60))
lr_cox <- 2 * diff(timed$loglik)
s_cox <- (lr_cox - 6) / lr_cox
held <- coxph(Surv(rfstime, status) ~ age + meno + size + nodes + pgr + er, gb, init = s_cox * coef(timed),
              control = coxph.control(iter.max = 0))
base <- basehaz(held, centered = FALSE)
at <- c(500, 1000, 1500)
shrinkage <- list(factor = s, intercept = bare(coef(again)), coef = I(bare(s * coef(fit)[-1])),
                  factor_cox = s_cox, coef_cox = I(bare(s_cox * coef(timed))), times = I(at),
                  hazard = I(sapply(at, function(t) max(base$hazard[base$time <= t]))))

write_reference("penalties", list(logistic = logistic, cox = cox, times = times, cross_validation = cv, cross_validation_cox = cv_cox,
                               late_entry = late_entry, trace = trace, trace_cox = trace_cox, shrinkage = shrinkage),
                c("glmnet", "survival", "rms"))
