"""Unpacks an upload's bytes, and reads the table in them."""
