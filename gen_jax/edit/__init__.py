"""Image edits: pure functions of images, exact as Pillow on uint8 and differentiable on float."""

from gen_jax.edit.chain import Chain as Chain
from gen_jax.edit.color.enhance import brightness as brightness
from gen_jax.edit.frames import Frames as Frames
from gen_jax.edit.operation import operation as _operation

Brightness = _operation(brightness)
