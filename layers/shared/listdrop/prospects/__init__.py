"""Rows to people: which column is what, who opted out, who is never written to."""
