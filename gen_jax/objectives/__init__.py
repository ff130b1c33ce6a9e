"""What training minimises: pure functions from arrays to a loss and its named terms."""
