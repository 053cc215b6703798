# A Cox model of the Rotterdam patients on the German ones, and Fine and Gray's of half of mgus2 on
# the other half: what is measured at each horizon and over the whole of follow-up.
source("scripts/common.R")
suppressPackageStartupMessages({library(survival); library(riskRegression); library(prodlim)})
control <- coxph.control(eps = 1e-14, toler.inf = 1e-9, toler.chol = 1e-15, iter.max = 50)
z <- qnorm(0.975)

# Shift of log(-log(1 - risk)) that makes the mean risk the observed share, by its derivative.
in_the_large <- function(risk, observed, error) {
  hazard <- -log1p(-risk)
  shift <- uniroot(function(a) mean(1 - exp(-hazard * exp(a))) - observed, c(-5, 5), tol = 1e-14)$root
  reach <- z * error / mean(hazard * exp(shift) * exp(-hazard * exp(shift)))
  c(shift, shift - reach, shift + reach)
}
three <- function(estimate, error) c(estimate, estimate - z * error, estimate + z * error)

rotterdam <- read_frame("rotterdam")
gbsg <- read_frame("gbsg")
developed <- coxph(Surv(rtime, recur) ~ age + pmin(nodes, 20) + grade, rotterdam, control = control)
horizons <- c(365.5, 1095.5, 1825.5)
cox <- lapply(horizons, function(h) {
  risk <- 1 - exp(-predict(developed, transform(gbsg, rtime = h, recur = 0), type = "expected"))
  by <- data.frame(time = pmin(gbsg$rfstime, h), status = gbsg$status * (gbsg$rfstime <= h))
  at <- summary(survfit(Surv(rfstime, status) ~ 1, gbsg), times = h)
  harrell <- concordance(Surv(rfstime, status) ~ risk, gbsg, reverse = TRUE, ymax = h)
  uno <- concordance(Surv(rfstime, status) ~ risk, gbsg, reverse = TRUE, ymax = h, timewt = "n/G2")
  slope <- coxph(Surv(time, status) ~ log(-log(1 - risk)), by, control = control)
  score <- Score(list(model = matrix(risk, ncol = 1)), formula = Hist(rfstime, status) ~ 1, data = gbsg, times = h,
                 metrics = c("auc", "brier"), se.fit = TRUE, conf.int = 0.95)
  list(horizon = h, observed = 1 - at$surv, expected = mean(risk), at_risk = at$n.risk,
       c_index = three(harrell$concordance, sqrt(harrell$var)), c_index_uno = three(uno$concordance, sqrt(uno$var)),
       in_the_large = in_the_large(risk, 1 - at$surv, at$std.err),
       slope = three(unname(coef(slope)), sqrt(slope$var[1, 1])),
       auc = score$AUC$score$AUC, brier = score$Brier$score[model == "model"]$Brier)
})
linear <- predict(developed, gbsg, type = "lp", reference = "zero")
whole <- concordance(Surv(rfstime, status) ~ linear, gbsg, reverse = TRUE)
recalibrated <- coxph(Surv(rfstime, status) ~ linear, gbsg, control = control)
expected <- predict(developed, transform(gbsg, rtime = rfstime, recur = 0), type = "expected")
# Who left before the first event of the others expects none, and says nothing.
events <- glm(status ~ offset(log(expected)), poisson, gbsg, subset = expected > 0, control = glm.control(epsilon = 1e-14))
overall <- list(c_index = three(whole$concordance, sqrt(whole$var)),
                slope = three(unname(coef(recalibrated)), sqrt(recalibrated$var[1, 1])),
                in_the_large = three(unname(coef(events)), sqrt(vcov(events)[1, 1])),
                linear_mean = mean(linear), linear_sd = sd(linear))

# No two times are tied, so that no rule for ties has a say.
mgus <- read_frame("mgus2")
mgus <- mgus[!is.na(mgus$mspike) & !is.na(mgus$hgb), ]
mgus$id <- seq_len(nrow(mgus))
mgus$months <- mgus$months + seq_len(nrow(mgus)) / 1e5
old <- mgus[mgus$id %% 2 == 0, ]
new <- mgus[mgus$id %% 2 == 1, ]
spread <- function(d) {
  d$state <- factor(d$status, 0:2)
  finegray(Surv(months, state) ~ ., data = d, etype = 1)
}
weighted <- spread(old[c("months", "status", "mspike", "hgb")])
fine_gray <- coxph(Surv(fgstart, fgstop, fgstatus) ~ mspike + hgb, weighted, weights = fgwt, ties = "breslow",
                   control = control)
hazard <- basehaz(fine_gray, centered = FALSE)
index <- as.matrix(new[c("mspike", "hgb")]) %*% coef(fine_gray)
times <- c(60.5, 120.5)
competing <- lapply(times, function(h) {
  risk <- as.numeric(1 - exp(-max(hazard$hazard[hazard$time <= h]) * exp(index)))
  curve <- survfit(Surv(months, factor(status, 0:2)) ~ 1, new)
  at <- summary(curve, times = h)
  share <- at$pstate[1, 2]
  score <- Score(list(model = matrix(risk, ncol = 1)), formula = Hist(months, status) ~ 1, data = new, times = h, cause = 1,
                 metrics = c("auc", "brier"), se.fit = TRUE, conf.int = 0.95)
  never <- ifelse(new$status == 2, max(new$months) + 1, new$months)
  harrell <- concordance(Surv(never, new$status == 1) ~ risk, reverse = TRUE, ymax = h)
  by <- data.frame(months = pmin(new$months, h), status = ifelse(new$months <= h, new$status, 0), x = log(-log(1 - risk)))
  slope <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x, spread(by), weights = fgwt,
                 ties = "breslow", control = control)
  list(horizon = h, observed = share, expected = mean(risk), c_index = three(harrell$concordance, sqrt(harrell$var)),
       in_the_large = in_the_large(risk, share, at$std.err[1, 2]), slope = unname(coef(slope)),
       auc = score$AUC$score$AUC, brier = score$Brier$score[model == "model"]$Brier,
       auc_se = score$AUC$score$se)
})
# Case mix: the concordance expected of risks that are right, over all pairs of two patients; a logistic model that
# tells the patients of the model from the new ones.
train <- pima("pima_tr")
test <- pima("pima_te")
fit <- tight(type == "Yes" ~ npreg + glu + bp + skin + bmi + ped + age, train)
p <- predict(fit, test, type = "response")
apart <- sign(outer(p, p, "-"))
weight <- outer(p, 1 - p)
diag(weight) <- 0
logs <- outer(linear, linear, "-")
first <- 1 / (1 + exp(-abs(logs)))
both <- rbind(cbind(train, new = 0), cbind(test, new = 1))
member <- tight(new ~ npreg + glu + bp + skin + bmi + ped + age + type, both)
area <- pROC::ci.auc(pROC::roc(both$new, fitted(member), quiet = TRUE, direction = "<"))
without <- tight(new ~ npreg + glu + bp + skin + bmi + ped + age, both)
mix <- list(developed = c(mean(predict(fit)), sd(predict(fit))), c_expected = sum(weight * (apart + 1) / 2) / sum(weight),
            c_expected_cox = mean(first[upper.tri(first)]), membership = area[c(2, 1, 3)],
            auc_without = as.numeric(pROC::auc(both$new, fitted(without), quiet = TRUE, direction = "<")))

write_reference("external", list(mix = mix, cox = cox, overall = overall, competing = competing,
                                 fine_gray = unname(coef(fine_gray))), c("survival", "riskRegression", "prodlim", "pROC"))
