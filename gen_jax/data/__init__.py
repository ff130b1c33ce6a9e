"""Where images come from: sources, splits, and the feeds that hand batches to the step."""
