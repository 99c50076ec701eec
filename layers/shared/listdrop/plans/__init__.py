"""Plans what is sent to each destination, in which batches, and what is not sent."""
