"""What jobs cost, before and after: list prices and measured counts are data beside the code."""
