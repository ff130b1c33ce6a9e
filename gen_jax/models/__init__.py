"""Networks; to add one, write its file and name it in the two tables here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pydantic

from gen_jax.models import classic_dcgan, conv_vae, dcgan, r3gan, stylegan2
from gen_jax.models.classic_dcgan import ClassicDcganConfig as ClassicDcganConfig
from gen_jax.models.conv_vae import ConvVaeConfig as ConvVaeConfig
from gen_jax.models.dcgan import DcganConfig as DcganConfig
from gen_jax.models.r3gan import R3ganConfig as R3ganConfig
from gen_jax.models.stylegan2 import StyleGan2Config as StyleGan2Config
from gen_jax.types import GanNetworks, VaeNetworks

ModelConfig = Annotated[
    DcganConfig | ClassicDcganConfig | R3ganConfig | StyleGan2Config | ConvVaeConfig,
    pydantic.Field(discriminator="kind"),
]

GANS: dict[str, Callable[..., GanNetworks]] = {
    "dcgan": dcgan.build,
    "classic_dcgan": classic_dcgan.build,
    "r3gan": r3gan.build,
    "stylegan2": stylegan2.build,
}
"""kind -> ``build(config, *, num_classes)``."""

VAES: dict[str, Callable[..., VaeNetworks]] = {"conv_vae": conv_vae.build}
"""kind -> ``build(config, *, num_classes, out_channels)``."""
