# Peer of Cox regression, Efron's ties: survival::coxph.
library(survival)
x <- given("x")
follow_up <- Surv(given("time"), given("event"))
turns("survival", function() coxph(follow_up ~ x, ties = "efron"), function(fit) {
  c(coef(fit), sqrt(diag(vcov(fit))))
})
