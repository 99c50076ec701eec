"""Turns rows into prospects: what each column is, who opted out, who is suppressed."""
