"""Listdrop: drop a CSV of prospects, learn what became of every row."""
