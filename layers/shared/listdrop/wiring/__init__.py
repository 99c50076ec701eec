"""Builds the real objects on first use: a module for each function. Only this room knows all.

A function imports its own module here, and so nothing that only others need.
"""
