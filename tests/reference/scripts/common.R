# Shared by every script: data frames read from ../data, JSON written to ../output.
# Numbers are written with 17 significant digits, so that reading them back gives the same double.
# NA, NaN and infinite values become null.

options(warn = 1, stringsAsFactors = FALSE)

quote_json <- function(s) {
  s <- enc2utf8(s)
  s <- gsub("\\", "\\\\", s, fixed = TRUE)
  s <- gsub("\"", "\\\"", s, fixed = TRUE)
  s <- gsub("\n", "\\n", s, fixed = TRUE)
  s <- gsub("\t", "\\t", s, fixed = TRUE)
  paste0("\"", s, "\"")
}

atoms <- function(x) {
  if (is.factor(x)) x <- as.character(x)
  if (is.character(x)) {
    out <- quote_json(x)
  } else if (is.logical(x)) {
    out <- ifelse(x, "true", "false")
  } else if (is.integer(x)) {
    out <- format(x, scientific = FALSE, trim = TRUE)
  } else {
    out <- sprintf("%.17g", as.double(x))
    short <- sprintf("%.15g", as.double(x))
    same <- is.finite(x)
    same[same] <- as.double(short[same]) == as.double(x[same])
    out[same] <- short[same]
    out[!is.finite(x)] <- "null"
  }
  out[is.na(x)] <- "null"
  unname(out)
}

# A vector of length one is a scalar unless wrapped in I(); a matrix is a list of rows;
# a data frame is an object of columns; a list with names is an object.
to_json <- function(x, indent = "") {
  inner <- paste0(indent, " ")
  if (is.null(x)) return("null")
  if (is.data.frame(x)) x <- lapply(as.list(x), I)
  if (is.list(x)) {
    if (length(x) == 0) return(if (is.null(names(x))) "[]" else "{}")
    parts <- vapply(x, to_json, "", indent = inner)
    if (!is.null(names(x))) {
      parts <- paste0(quote_json(names(x)), ": ", parts)
      return(paste0("{\n", inner, paste(parts, collapse = paste0(",\n", inner)), "\n", indent, "}"))
    }
    return(paste0("[\n", inner, paste(parts, collapse = paste0(",\n", inner)), "\n", indent, "]"))
  }
  if (is.matrix(x)) {
    rows <- vapply(seq_len(nrow(x)), function(i) paste0("[", paste(atoms(x[i, ]), collapse = ", "), "]"), "")
    return(paste0("[", paste(rows, collapse = paste0(",\n", inner)), "]"))
  }
  boxed <- inherits(x, "AsIs")
  if (boxed) class(x) <- setdiff(class(x), "AsIs")
  values <- atoms(x)
  if (length(x) == 1 && !boxed) return(values)
  paste0("[", paste(values, collapse = ", "), "]")
}

# A named vector as an object.
named <- function(x) as.list(x)

write_reference <- function(name, content, packages = character()) {
  versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
                lapply(setNames(packages, packages), function(p) as.character(packageVersion(p))))
  document <- c(list(name = name, versions = versions), content)
  path <- file.path("output", paste0(name, ".json"))
  con <- file(path, "wb")
  writeBin(charToRaw(paste0(to_json(document), "\n")), con)
  close(con)
  cat(path, file.size(path), "bytes\n")
}

read_frame <- function(name, levels = list()) {
  frame <- read.csv(file.path("data", paste0(name, ".csv")), check.names = FALSE,
                    numerals = "no.loss", fileEncoding = "UTF-8")
  for (v in names(levels)) frame[[v]] <- factor(frame[[v]], levels = levels[[v]])
  frame
}

LEVELS <- list(
  pima = list(type = c("No", "Yes")),
  pima_groups = list(type = c("No", "Yes"), age_group = c("21-25", "26-35", "36+"), age_two = c("21-25", "26+"),
                     bmi_group = c("normal", "overweight", "obese"),
                     parous = c("no", "yes")),
  biopsy = list(class = c("benign", "malignant")),
  rotterdam = list(size = c("<=20", "20-50", ">50")),
  pvp = list(cleft = c("no", "yes"), fascia = c("no", "yes"), muscle = c("0-1", "2", "3-4"),
             cement = c("Spongy", "Blocky")),
  clusters = list(grade = c("mild", "moderate", "severe")),
  small = list(arm = c("a", "b", "c")),
  separated = list(grade = c("mild", "moderate", "severe"))
)

pvp <- function() read_frame("pvp", LEVELS$pvp)
pima <- function(name = "pima_tr") read_frame(name, LEVELS$pima)

# Iterated to the last digit, so that the answer does not depend on where a program stops.
tight <- function(formula, data, weights = NULL, ...) {
  environment(formula) <- environment()
  suppressWarnings(glm(formula, family = binomial, data = data, weights = weights,
                       control = glm.control(epsilon = 1e-14, maxit = 100), ...))
}
