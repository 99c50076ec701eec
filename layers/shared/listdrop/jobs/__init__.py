"""The use cases: one public function each, and what they share."""
