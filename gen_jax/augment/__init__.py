"""Random policies over the edits: one random parameter an image, pure functions of images and a key."""
