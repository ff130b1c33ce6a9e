"""Networks whose activations are features; for inference only."""
