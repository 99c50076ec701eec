"""The `listdrop` command, which imports `listdrop` and nothing of the repository around it."""
