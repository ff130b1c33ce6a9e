"""A service that generates, edits and draws images over HTTP, and holds its load."""
