"""One module for each verb, as it is typed."""
