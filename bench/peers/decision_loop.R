# Peer of the decision curve with a bootstrap band: the loop over thresholds of dcurves::dca,
# without its data frames, for as many resamples as its argument says.
event <- given("event")
risk <- given("risk")
thresholds <- given("thresholds")
resamples <- as.integer(arguments[1])

net_benefit <- function(event, risk) {
  vapply(thresholds, function(at) {
    treated <- risk >= at
    tp <- mean(treated & event == 1)
    fp <- mean(treated & event == 0)
    tp - fp * at / (1 - at)
  }, 0)
}

turns("stats", function() {
  replicate(resamples, {
    rows <- sample.int(length(event), replace = TRUE)
    net_benefit(event[rows], risk[rows])
  })
})
