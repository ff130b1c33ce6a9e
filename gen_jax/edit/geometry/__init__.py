"""Edits that move pixels; masks, boxes and keypoints move with them."""
