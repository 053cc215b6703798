# ---- reading -------------------------------------------------------------

read_cells <- function(path) {
  if (plan$format == "csv") {
    frame <- read.csv(path, sep = plan$separator, colClasses = "character", check.names = FALSE,
                      fileEncoding = plan$encoding, na.strings = character(0), quote = "\"")
  } else if (plan$format == "xlsx") {
    frame <- as.data.frame(readxl::read_excel(path, col_types = "text"), check.names = FALSE)
  } else if (plan$format == "sav") {
    frame <- as.data.frame(haven::read_sav(path, user_na = TRUE))
  } else if (plan$format == "dta") {
    frame <- as.data.frame(haven::read_dta(path))
  } else {
    frame <- as.data.frame(arrow::read_parquet(path))
  }
  for (name in names(frame)) {
    column <- unclass(frame[[name]])
    attributes(column) <- NULL
    frame[[name]] <- if (inherits(frame[[name]], c("Date", "POSIXct"))) {
      format(frame[[name]], "%Y-%m-%d")
    } else {
      trimws(as.character(column))
    }
  }
  frame
}

same_code <- function(cells, code) {
  number <- suppressWarnings(as.numeric(code))
  if (is.na(number)) cells == code else cells == code | suppressWarnings(as.numeric(cells)) == number
}

blank <- function(cells, missing_codes) {
  cells[cells == ""] <- NA
  for (code in missing_codes) cells[which(same_code(cells, code))] <- NA
  cells
}

as_number <- function(cells) suppressWarnings(as.numeric(cells))

as_level <- function(cells, codes, labels) {
  found <- rep(NA_character_, length(cells))
  for (i in seq_along(codes)) found[which(is.na(found) & same_code(cells, codes[i]))] <- labels[i]
  for (label in labels) found[which(is.na(found) & cells == label)] <- label
  factor(found, levels = unique(labels))
}

holds <- function(value) !is.na(value) & as.logical(value)

# ---- comparing -----------------------------------------------------------

rows <- list()

compare <- function(quantity, ours, theirs, tolerance, absolute = FALSE) {
  if (is.null(ours) || is.na(ours)) {
    verdict <- "not judged"
  } else if (length(theirs) != 1 || is.na(theirs)) {
    verdict <- "DIFFERS"
    theirs <- NA_real_
  } else if (is.na(tolerance)) {
    verdict <- "not judged"
  } else {
    room <- if (absolute) tolerance else tolerance * max(abs(ours), abs(theirs), 1e-8)
    verdict <- if (abs(ours - theirs) <= room) "agrees" else "DIFFERS"
  }
  rows[[length(rows) + 1]] <<- data.frame(
    quantity = quantity, vertebrisk = ours, R = theirs, difference = theirs - ours, verdict = verdict
  )
}

show_rows <- function() {
  result <- do.call(rbind, rows)
  shown <- result
  for (name in c("vertebrisk", "R")) shown[[name]] <- formatC(result[[name]], digits = 10, format = "g")
  shown$difference <- formatC(result$difference, digits = 2, format = "e")
  options(width = 200)
  print(shown, row.names = FALSE, right = TRUE)
  sum(result$verdict == "DIFFERS")
}
