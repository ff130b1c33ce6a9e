"""Weights of other programs: from their files to our parameters, and back."""
