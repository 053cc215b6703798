# Peer of the area under the ROC curve with DeLong's interval: pROC.
suppressPackageStartupMessages(library(pROC))
event <- given("event")
score <- given("score")
turns("pROC", function() {
  ci.auc(roc(event, score, levels = 0:1, direction = "<", quiet = TRUE), method = "delong")
}, function(found) as.numeric(found)[c(2, 1, 3)])
