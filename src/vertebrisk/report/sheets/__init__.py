"""The tables of a page as a workbook: numbers as numbers, one sheet a table."""
