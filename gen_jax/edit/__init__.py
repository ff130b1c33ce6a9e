"""Image edits: pure functions of images, exact as Pillow on uint8 and differentiable on float."""
