"""Training: the state, one step a family of models, and the loop around them."""
