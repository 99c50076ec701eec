"""Reads one cell: text in, text out."""
