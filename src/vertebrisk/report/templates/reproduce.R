# ---- reading -------------------------------------------------------------

read_text <- function(path) {
  text <- iconv(list(readBin(path, "raw", file.size(path))), plan$encoding, "UTF-8")
  text <- gsub("\r\n?", "\n", sub("^\ufeff", "", text))
  lines <- strsplit(text, "\n", fixed = TRUE)[[1]]
  if (grepl("^\"?sep=.\"?$", lines[1])) lines <- lines[-1]
  mark <- sprintf("\\x%02x", utf8ToInt(plan$separator))
  # A quotation mark counts only where it begins a cell; elsewhere it is a letter.
  cell <- sprintf("(?:\"[^\"]*(?:\"\"[^\"]*)*\"(?=%s|\\z)|[^\"%s][^%s]*|)", mark, mark, mark)
  lines <- whole_rows(lines, sprintf("^%s(?:%s%s)*\\z", cell, mark, cell))
  found <- gregexpr(paste0(mark, cell), paste0(plan$separator, lines), perl = TRUE)
  rows <- lapply(regmatches(paste0(plan$separator, lines), found), unquoted)
  width <- length(rows[[1]])
  table <- do.call(rbind, lapply(rows[-1], function(row) c(row, rep("", width))[seq_len(width)]))
  frame <- as.data.frame(table, stringsAsFactors = FALSE)
  names(frame) <- rows[[1]]
  frame
}

# Lines put together where a quoted cell holds a line break.
whole_rows <- function(lines, complete) {
  if (all(grepl(complete, lines, perl = TRUE))) return(lines)
  rows <- character(0)
  open <- NULL
  for (line in lines) {
    row <- if (is.null(open)) line else paste(open, line, sep = "\n")
    open <- if (grepl(complete, row, perl = TRUE)) NULL else row
    if (is.null(open)) rows <- c(rows, row)
  }
  c(rows, open)
}

unquoted <- function(cells) {
  cells <- substring(cells, 2)
  quoted <- startsWith(cells, "\"")
  inside <- substr(cells[quoted], 2, nchar(cells[quoted]) - 1)
  cells[quoted] <- gsub("\"\"", "\"", inside, fixed = TRUE)
  trimws(cells)
}

read_cells <- function(path) {
  frame <- switch(plan$format,
    csv = read_text(path),
    xlsx = readxl::read_excel(path, col_types = "text", .name_repair = "minimal"),
    sav = haven::read_sav(path, user_na = TRUE),
    dta = haven::read_dta(path),
    sas = haven::read_sas(path),
    xpt = haven::read_xpt(path),
    arrow::read_parquet(path)
  )
  cells <- lapply(frame, as_cells)
  names(cells) <- trimws(names(frame))
  cells
}

bare <- function(values) {
  attributes(values) <- NULL
  trimws(as.character(values))
}

# A column as text. The codes of a labelled file stay, with their labels beside them;
# what the file itself declares missing is missing.
as_cells <- function(column) {
  if (inherits(column, c("Date", "POSIXct"))) return(format(column, "%Y-%m-%d"))
  if (is.factor(column)) return(trimws(as.character(column)))
  if (is.logical(column)) return(tolower(as.character(column)))
  values <- bare(column)
  values[is.na(column)] <- NA
  labels <- attr(column, "labels")
  if (is.null(labels)) return(values)
  range <- attr(column, "na_range")
  lost <- is.na(labels) | labels %in% attr(column, "na_values")
  if (!is.null(range)) lost <- lost | (labels >= range[1] & labels <= range[2])
  structure(values, codes = bare(labels)[!lost], texts = trimws(names(labels))[!lost])
}

# Labels in place of codes where every code that occurs has one, unless the protocol's
# levels are the codes.
named <- function(cells, missing_codes, levels = character(0)) {
  codes <- attr(cells, "codes")
  texts <- attr(cells, "texts")
  attributes(cells) <- NULL
  cells <- blank(cells, missing_codes)
  if (is.null(codes)) return(cells)
  lost <- codes %in% missing_codes | texts %in% missing_codes
  cells[cells %in% codes[lost]] <- NA
  texts <- ifelse(texts == "", codes, texts)[!lost]
  codes <- codes[!lost]
  unlabelled <- !all(cells[!is.na(cells)] %in% codes)
  if (length(codes) == 0 || unlabelled) return(cells)
  twice <- texts %in% texts[duplicated(texts)]
  apart <- ifelse(twice, paste0(texts, " (", codes, ")"), texts)
  if (length(levels) > 0 && !any(levels %in% c(texts, apart))) return(cells)
  apart[match(cells, codes)]
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

as_number <- function(cells) {
  if (plan$separator == ";") cells <- sub("^(-?[0-9]+),([0-9]+)$", "\\1.\\2", cells)
  suppressWarnings(as.numeric(cells))
}

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
