"""Networks; to add one, write its file and name it in the two tables here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pydantic

from gen_jax.models import conv_vae, dcgan, r3gan
from gen_jax.models.conv_vae import ConvVaeConfig as ConvVaeConfig
from gen_jax.models.dcgan import DcganConfig as DcganConfig
from gen_jax.models.r3gan import R3ganConfig as R3ganConfig
from gen_jax.types import GanNetworks, VaeNetworks

ModelConfig = Annotated[DcganConfig | R3ganConfig | ConvVaeConfig, pydantic.Field(discriminator="kind")]

GANS: dict[str, Callable[..., GanNetworks]] = {"dcgan": dcgan.build, "r3gan": r3gan.build}
"""kind -> ``build(config, *, num_classes)``."""

VAES: dict[str, Callable[..., VaeNetworks]] = {"conv_vae": conv_vae.build}
"""kind -> ``build(config, *, num_classes, out_channels)``."""
