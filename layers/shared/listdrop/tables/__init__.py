"""Bytes to rows: unpacks an upload, and reads the table in it."""
