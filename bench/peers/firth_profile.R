# Peer of Firth's logistic regression with profile limits and tests: brglm2 for the estimates, then
# the penalised likelihood of each coefficient followed to its limits.
suppressPackageStartupMessages(library(brglm2))
patients <- data.frame(given("x"), y = given("y"))

# Modified scores with one coefficient held at a value, the others from where they were last.
constrained <- function(X, y, j, b) {
  for (step in 1:50) {
    risk <- plogis(drop(X %*% b))
    spread <- risk * (1 - risk)
    half <- chol(crossprod(X * sqrt(spread)))
    leverage <- spread * colSums(backsolve(half, t(X), transpose = TRUE)^2)
    score <- drop(crossprod(X, y - risk + leverage * (0.5 - risk)))[-j]
    way <- solve(crossprod(half)[-j, -j], score)
    if (sum(way * score) < 1e-12) break
    b[-j] <- b[-j] + way
  }
  value <- sum(log(ifelse(y == 1, risk, 1 - risk))) + sum(log(diag(half)))
  list(b = b, value = value)
}

work <- function() {
  fit <- glm(y ~ ., binomial, patients, method = "brglmFit", type = "AS_mean")
  X <- model.matrix(fit)
  y <- fit$y
  b <- coef(fit)
  error <- sqrt(diag(vcov(fit)))
  top <- constrained(X, y, 1, b)$value
  goal <- qchisq(0.95, 1) / 2
  table <- sapply(seq_along(b)[-1], function(j) {
    from <- b
    fall <- function(at) {
      from[j] <<- at
      found <- constrained(X, y, j, from)
      from <<- found$b
      top - found$value
    }
    limit <- function(sign) {
      from <<- b
      far <- b[j] + sign * 2 * error[j]
      while (fall(far) < goal) far <- b[j] + 1.5 * (far - b[j])
      uniroot(function(at) fall(at) - goal, sort(c(b[j], far)), tol = 1e-6 * error[j])$root
    }
    low <- limit(-1)
    high <- limit(1)
    from <- b
    c(low, high, pchisq(2 * fall(0), 1, lower.tail = FALSE))
  })
  table
}

turns("brglm2", work, function(found) as.vector(found[1:2, ]))
