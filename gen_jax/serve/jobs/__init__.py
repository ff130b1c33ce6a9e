"""Requests become jobs: rows of work, and the answer made of their results."""
