"""What one cell says: text in, text out."""
