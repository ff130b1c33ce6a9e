"""What a preset is: a texture with the parameters and colours that make it look like something that has a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preset:
    """A texture as a person knows it."""

    texture: str
    """Name in ``catalog.TEXTURES``."""
    doc: str
    """What it looks like, in one line."""
    colors: tuple[tuple[float, str], ...]
    """Positions in [0, 1] and the colour at each."""
    parameters: Mapping[str, float | str] = dataclasses.field(default_factory=dict)
    """What differs from the defaults of the texture."""
    relief: float = 0.0
    """How far a height of 1 stands out, in shorter sides of the picture: for the normal map and the light."""
    light: float = 0.0
    """How much of the light on the relief is in the colours: 0 none, 1 all."""
    vary: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Share of its value that a seed moves a parameter by, where it is not what the texture says."""
    hue: float = 4.0
    """Degrees that a seed turns all hues by, either way."""
    lightness: float = 0.02
    """What a seed adds to all OKLab lightnesses, either way."""
    chroma: float = 0.1
    """Share that a seed strengthens or weakens all colours by, either way."""
