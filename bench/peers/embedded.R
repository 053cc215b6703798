# The embedded study's patients as `rows_small` wrote them, texts as factors, the outcome as 0 and 1.
patients <- read.csv("patients.csv", stringsAsFactors = TRUE)
patients$goutallier <- factor(patients$goutallier)
candidates <- setdiff(names(patients), "pain")
