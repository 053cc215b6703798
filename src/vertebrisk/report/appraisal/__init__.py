"""Appraisals of published studies for the terminal and as a page."""
