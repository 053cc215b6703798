# The patients of the example in the README of pminternal (github.com/stephenrho/pminternal), and the resamples that its
# validate() drew of them: both follow from the seed. What it printed stands in the test.
source("scripts/common.R")

set.seed(2345)
values <- matrix(rnorm(800 * 10), nrow = 800)
y <- rbinom(800, 1, plogis(-1 + rowSums(values[, 1:5])))
index <- t(replicate(100, sample(800, replace = TRUE)))

frame <- data.frame(y = y, matrix(sprintf("%.6f", values), nrow = 800))
con <- file("data/ten_normals.csv", "wb")
write.csv(frame, con, row.names = FALSE, quote = FALSE, eol = "\n")
close(con)

write_reference("published", list(index = index - 1L))
