"""From sets of images to numbers that say how they came about: sets, features, measures, reports."""
