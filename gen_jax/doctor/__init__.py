"""What this machine offers a training, and why it may not be what was expected."""
