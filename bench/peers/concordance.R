# Peer of Harrell's C with its standard error: survival::concordance.
library(survival)
score <- given("score")
follow_up <- Surv(given("time"), given("event"))
turns("survival", function() concordance(follow_up ~ score, reverse = TRUE), function(found) {
  c(found$concordance, sqrt(found$var))
})
