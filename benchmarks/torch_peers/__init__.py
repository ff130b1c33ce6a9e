"""Networks of the project in plain PyTorch, to measure against."""
