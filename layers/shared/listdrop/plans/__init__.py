"""What will be sent to each destination, in which batches, and what will not."""
