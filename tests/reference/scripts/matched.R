# Matched sets: endometrial cancer with four controls a case (Breslow and Day; Epi's bdendo), paired
# eyes (survival's retinopathy), and sets with several cases: clogit, McNemar, Mantel and Haenszel,
# selection, and a bootstrap that draws whole sets.
source("scripts/common.R")
suppressPackageStartupMessages({ library(survival); library(rms); library(Epi); library(numDeriv) })

tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
exactly <- function(formula, data, method = "exact") clogit(formula, data, method = method, control = tight)
report <- function(fit) {
  s <- summary(fit)
  list(estimate = I(unname(coef(fit))), std_error = I(unname(sqrt(diag(vcov(fit))))), log_likelihood = I(fit$loglik),
       lr = I(unname(s$logtest)), score = I(unname(s$sctest)), aic = AIC(fit), bic = BIC(fit),
       concordance = unname(s$concordance[1]))
}

data(bdendo)
endo <- bdendo[c("set", "d", "gall", "hyp", "ob", "est", "dur", "non", "duration", "age", "age3")]
for (name in c("gall", "hyp", "ob", "est", "dur", "non", "age3")) endo[[name]] <- as.character(endo[[name]])
write.csv(endo, "data/bdendo.csv", row.names = FALSE, na = "", quote = FALSE)
eyes <- retinopathy[c("id", "laser", "eye", "age", "type", "trt", "risk", "status")]
write.csv(eyes, "data/retinopathy.csv", row.names = FALSE, quote = FALSE)
many <- read.csv("data/matched_sets.csv")
many$b <- factor(many$b, levels = c("low", "mid", "high"))

fits <- list(
  additive = report(exactly(d ~ gall + hyp + est + non + strata(set), endo)),
  levels = report(exactly(d ~ gall + dur + strata(set), endo)),
  missing = report(exactly(d ~ gall + ob + est + strata(set), endo)),
  interaction = report(exactly(d ~ gall * est + strata(set), endo)),
  with_matched = report(exactly(d ~ est + est:I((age3 == "65-74") + 0) + est:I((age3 == "75+") + 0) + strata(set),
                                transform(endo, est = (est == "Yes") + 0))),
  eyes = report(exactly(status ~ trt + risk + strata(id), eyes)),
  spline = report(exactly(case ~ rcs(a, 4) + c + strata(set), many)),
  several = report(exactly(case ~ a + b + c + strata(set), many)))

# One case a set: Efron's and Breslow's approximations are the exact likelihood.
efron <- report(exactly(d ~ gall + hyp + est + non + strata(set), endo, "efron"))

alone <- lapply(c(gall = "gall", hyp = "hyp", ob = "ob", est = "est", dur = "dur", non = "non", duration = "duration"),
  function(name) report(exactly(as.formula(paste("d ~", name, "+ strata(set)")), endo)))

# What the score test is where it has a name of its own.
wide <- reshape(eyes[c("id", "trt", "status")], idvar = "id", timevar = "trt", direction = "wide")
mcnemar <- unname(mcnemar.test(table(wide$status.0, wide$status.1), correct = FALSE)$statistic)
haenszel <- unname(mantelhaen.test(endo$d, endo$gall, endo$set, correct = FALSE)$statistic)

# Backward elimination, refitting at each step, by P, AIC and BIC (of the number of cases).
backward <- function(terms, criterion, alpha, data, left, sets) {
  fit_of <- function(some) exactly(as.formula(paste(left, "~", paste(c(some, paste0("strata(", sets, ")")), collapse = " + "))), data)
  repeat {
    if (length(terms) == 0) return(character(0))
    full <- fit_of(terms)
    cost <- sapply(terms, function(each) {
      rest <- setdiff(terms, each)
      lower <- if (length(rest)) fit_of(rest)$loglik[2] else full$loglik[1]
      freed <- length(coef(full)) - if (length(rest)) length(coef(fit_of(rest))) else 0
      gain <- 2 * (full$loglik[2] - lower)
      switch(criterion, p = pchisq(gain, freed, lower.tail = FALSE) - alpha, aic = 2 * freed - gain,
             bic = log(full$nevent) * freed - gain)
    })
    if (max(cost) <= 0) return(terms)
    terms <- setdiff(terms, names(which.max(cost)))
  }
}
candidates <- c("gall", "hyp", "est", "non", "duration")
chosen <- list(p = I(backward(candidates, "p", 0.05, endo, "d", "set")),
               aic = I(backward(candidates, "aic", 0, endo, "d", "set")),
               bic = I(backward(candidates, "bic", 0, endo, "d", "set")))

# C inside the sets, ties by half, with the error of a ratio of sums over sets.
ranked <- function(linear, sets, case) {
  found <- sapply(split(seq_along(sets), sets), function(rows) {
    gap <- outer(linear[rows][case[rows] == 1], linear[rows][case[rows] == 0], `-`)
    c(sum(gap > 1e-9) + sum(abs(gap) <= 1e-9) / 2, length(gap))
  })
  share <- sum(found[1, ]) / sum(found[2, ])
  c(share, sqrt(sum((found[1, ] - share * found[2, ])^2)) / sum(found[2, ]))
}
whole <- exactly(case ~ a + b + c + strata(set), many)
concordance_error <- ranked(predict(whole, type = "lp", reference = "sample"), many$set, many$case)

# Bootstrap of whole sets on given resamples: the model held fixed, and with backward selection.
many$z1 <- round(sin(seq_len(nrow(many)) * 1.7), 4)
many$z2 <- round(cos(seq_len(nrow(many)) * 2.3), 4)
many$low <- (many$b == "mid") + 0
many$high <- (many$b == "high") + 0
many$set <- factor(many$set, levels = unique(many$set))
write.csv(many[c("set", "case", "a", "b", "c", "z1", "z2")], "data/matched_noise.csv", row.names = FALSE, quote = c(1, 4))
set.seed(5)
resamples <- t(replicate(20, sample(nlevels(many$set), replace = TRUE)))
inside <- split(seq_len(nrow(many)), many$set)
once <- function(drawn, select) {
  parts <- inside[drawn]
  sample <- many[unlist(parts), ]
  sample$set <- rep(seq_along(parts), lengths(parts))
  terms <- c("a", "c", "z1", "z2")
  if (select) terms <- backward(terms, "aic", 0, sample, "case", "set")
  fit <- exactly(as.formula(paste("case ~", paste(c(terms, "strata(set)"), collapse = " + "))), sample)
  score <- function(data) drop(as.matrix(data[terms]) %*% coef(fit))
  slope <- unname(coef(exactly(case ~ linear + strata(set), transform(many, linear = score(many)))))
  c(ranked(score(sample), sample$set, sample$case)[1], ranked(score(many), many$set, many$case)[1], slope)
}
fixed <- t(apply(resamples, 1, once, select = FALSE))
selected <- t(apply(resamples, 1, once, select = TRUE))

# Firth's penalised conditional likelihood. Of pairs it is that of a logistic model of differences
# without a constant (brglm2); of other sets with one case, a stratified Cox model's with Jeffreys'
# penalty, whose score is brought to zero.
pairs <- split(eyes, eyes$id)
apart <- do.call(rbind, lapply(pairs, function(p) if (sum(p$status) == 1)
  data.frame(trt = diff(p$trt[order(p$status)]), risk = diff(p$risk[order(p$status)]))))
jeffreys <- suppressWarnings(glm(rep(1, nrow(apart)) ~ 0 + trt + risk, binomial, apart, method = brglm2::brglmFit,
  type = "MPL_Jeffreys", control = list(epsilon = 1e-14, maxit = 10000)))
only <- transform(endo, one = 1, gall = ifelse(d == 1, gall, "No"))
climbed <- function(formula, data, start) {
  at <- function(b) suppressWarnings(coxph(formula, data, init = b, control = coxph.control(iter.max = 0)))
  value <- function(b) { f <- at(b); tail(f$loglik, 1) - 0.5 * as.numeric(determinant(f$var)$modulus) }
  b <- start
  for (i in 1:200) {
    step <- drop(at(b)$var %*% numDeriv::grad(value, b))
    b <- b + step
    if (max(abs(step)) < 1e-11) break
  }
  list(estimate = I(b), std_error = I(unname(sqrt(diag(at(b)$var)))), value = value(b))
}
stratified <- Surv(one, d) ~ I((gall == "Yes") + 0) + I((est == "Yes") + 0) + strata(set)
endo$one <- 1
penalised <- list(pairs = list(estimate = I(unname(coef(jeffreys))), std_error = I(unname(sqrt(diag(vcov(jeffreys)))))),
  separated = climbed(stratified, only, c(1, 1)), plain = climbed(stratified, endo, c(1, 1)))

write_reference("matched", list(fits = fits, efron = efron, alone = alone, mcnemar = mcnemar, haenszel = haenszel,
  chosen = chosen, concordance_error = I(concordance_error), resamples = resamples - 1L, fixed = fixed, selected = selected,
  penalised = penalised),
  c("survival", "rms", "Epi", "brglm2", "numDeriv"))
