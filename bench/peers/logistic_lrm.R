# Peer of logistic regression with standard errors: rms::lrm.fit.
suppressPackageStartupMessages(library(rms))
x <- given("x")
y <- given("y")
turns("rms", function() {
  fit <- lrm.fit(x, y)
  rbind(coef(fit), sqrt(diag(vcov(fit))))
}, function(found) as.vector(t(found)))
