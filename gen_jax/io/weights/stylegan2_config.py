"""The sizes of a StyleGAN2, deduced from the names and shapes of its official tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from gen_jax.errors import UserError
from gen_jax.models.stylegan2 import StyleGan2Config

State = Mapping[str, np.ndarray]

_EMBED = "mapping.embed.weight"
_DEFAULT = StyleGan2Config()


def config_of(
    generator_state: State,
    discriminator_state: State | None = None,
    *,
    init_kwargs: Mapping[str, Any] | None = None,
    discriminator_kwargs: Mapping[str, Any] | None = None,
) -> StyleGan2Config:
    """Return the configuration of a model, in float32.

    Args:
      generator_state: official state dict.
      discriminator_state: of the same model; without it what only a discriminator has keeps its default.
      init_kwargs: what the generator was made with, flat or with ``synthesis_kwargs``: tells the clamp and how many
        resolutions computed in low precision, which no shape does.
      discriminator_kwargs: what the discriminator was made with: tells the size of its groups.

    Raises:
      UserError: a tensor that tells a size is missing, two of them contradict each other, or the networks are of a
        kind that ``models.stylegan2`` does not build.
    """
    given = dict(init_kwargs or {})
    given |= given.get("synthesis_kwargs") or {}
    fields = _generator_fields(generator_state) | _given_fields(given)
    if _fits(given.get("channel_base"), fields):
        fields["channel_base"] = given["channel_base"]
    if discriminator_state is not None:
        other = discriminator_fields(discriminator_state, discriminator_kwargs)
        base = other.pop("channel_base")
        for name in ("size", "channels", "max_width", "conditional"):
            if other[name] != fields[name]:
                raise UserError(
                    f"the discriminator has {name} {other[name]} and the generator {fields[name]}; both must be equal"
                )
        if not _fits(base, fields):
            raise UserError("the discriminator has other channels than the generator; both must have the same")
        fields |= other
    return StyleGan2Config(**fields)


def num_classes_of(state: State) -> int:
    """Return the number of classes that a network knows; 0 for an unconditional one."""
    return state[_EMBED].shape[-1] if _EMBED in state else 0


def find(state: State, name: str, network: str) -> np.ndarray:
    """Return a tensor.

    Raises:
      UserError: it is missing.
    """
    if name not in state:
        raise UserError(f"{network}: tensor {name} is missing; is this a StyleGAN2 {network}?")
    return state[name]


def discriminator_fields(state: State, kwargs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of the configuration that a discriminator tells.

    Raises:
      UserError: as ``config_of``.
    """
    network = "discriminator"
    sizes = _sizes(state, r"b(\d+)\.conv\d?\.", network)
    images = [size for size in sizes if f"b{size}.fromrgb.weight" in state]
    if images[:-1]:
        raise UserError(
            f"{network}: tensor b{images[0]}.fromrgb.weight is of the architecture skip, which looks at the image at "
            "every resolution; only resnet and orig are supported"
        )
    top = _shape(state, f"b{sizes[-1]}.fromrgb.weight", network, axes=4)
    last = _shape(state, "b4.conv.weight", network, axes=4)
    deviations = last[1] - last[0]
    if deviations not in (0, 1):
        raise UserError(
            f"{network}: tensor b4.conv.weight has shape {last}, {deviations} more inputs than outputs; "
            "only 1 (a minibatch standard deviation) and 0 (none) are supported"
        )
    widths = {size: _shape(state, f"b{size}.conv0.weight", network, axes=4)[0] for size in sizes[1:]}
    fields = _width_fields({4: last[0], **widths}, network)
    residual = any(re.fullmatch(r"b\d+\.skip\.weight", name) for name in state)
    layers = {"disc_mapping_layers": _mapping_layers(state)} if _EMBED in state else {}
    group = ((kwargs or {}).get("epilogue_kwargs") or {}).get("mbstd_group_size", _DEFAULT.minibatch_std_group)
    return {
        "size": sizes[-1],
        "channels": top[1],
        "disc_architecture": "resnet" if residual else "orig",
        # The published code takes None for a group of the whole batch, however large.
        "minibatch_std_group": (group or _WHOLE_BATCH) if deviations else 0,
        "conditional": _EMBED in state,
        **layers,
        **fields,
    }


_WHOLE_BATCH = 2**16


def _generator_fields(state: State) -> dict[str, Any]:
    network = "generator"
    for part, name in (("synthesis.input.", "a StyleGAN3 generator"), (".skip.", "a generator of architecture resnet")):
        found = [tensor for tensor in state if part in tensor]
        if found:
            raise UserError(
                f"{network}: tensor {min(found)} is of {name}; only StyleGAN2's architecture skip is supported"
            )
    sizes = _sizes(state, r"synthesis\.b(\d+)\.conv1\.", network)
    without = [size for size in sizes if f"synthesis.b{size}.torgb.weight" not in state]
    if without:
        raise UserError(
            f"{network}: tensor synthesis.b{without[0]}.torgb.weight is missing, as in the architecture orig; "
            "only StyleGAN2's architecture skip is supported"
        )
    widths = {size: _shape(state, f"synthesis.b{size}.conv1.weight", network, axes=4)[0] for size in sizes}
    first = _shape(state, "mapping.fc0.weight", network, axes=2)
    embedding = _shape(state, _EMBED, network, axes=2)[0] if _EMBED in state else 0
    return {
        "size": sizes[-1],
        "channels": _shape(state, f"synthesis.b{sizes[-1]}.torgb.weight", network, axes=4)[0],
        "latent_size": first[1] - embedding,
        "style_size": _shape(state, "mapping.w_avg", network, axes=1)[0],
        "mapping_layers": _mapping_layers(state),
        "conditional": _EMBED in state,
        **_width_fields(widths, network),
    }


def _given_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "conv_clamp" in given:
        fields["clamp"] = float(given["conv_clamp"] or 0.0)
    if "num_fp16_res" in given:
        fields["bf16_resolutions"] = int(given["num_fp16_res"])
    return fields


def _sizes(state: State, pattern: str, network: str) -> list[int]:
    """Return the resolutions, 4 first.

    Raises:
      UserError: they are not 4, 8, 16, ... without a gap.
    """
    sizes = sorted({int(match[1]) for match in (re.match(pattern, name) for name in state) if match})
    if sizes != [4 << i for i in range(len(sizes))] or len(sizes) < 2:
        found = ", ".join(map(str, sizes)) or "none"
        raise UserError(f"{network}: it has the resolutions {found}, not 4, 8, 16, ...; is this a StyleGAN2 {network}?")
    return sizes


def _shape(state: State, name: str, network: str, *, axes: int) -> tuple[int, ...]:
    shape = find(state, name, network).shape
    if len(shape) != axes:
        raise UserError(f"{network}: tensor {name} has shape {shape}, but it must have {axes} axes")
    return shape


def _mapping_layers(state: State) -> int:
    return len([name for name in state if re.fullmatch(r"mapping\.fc\d+\.weight", name)])


def _width_fields(widths: dict[int, int], network: str) -> dict[str, int]:
    """Return the two numbers that give all widths: ``min(channel_base // size, max_width)``."""
    most, largest = max(widths.values()), max(widths)
    limited = [size * width for size, width in widths.items() if width < most]
    enough = max(_DEFAULT.channel_base, most * largest)
    fields = {"channel_base": max(limited, default=enough), "max_width": most}
    wanted = {size: min(fields["channel_base"] // size, most) for size in widths}
    if wanted != widths:
        size = next(size for size in widths if wanted[size] != widths[size])
        raise UserError(
            f"{network}: it has {widths[size]} channels at {size}x{size}, which does not go with "
            f"{', '.join(f'{width} at {other}' for other, width in widths.items() if other != size)}; "
            "only halving at each doubling, up to a maximum, is supported"
        )
    return fields


def _fits(channel_base: Any, fields: Mapping[str, Any]) -> bool:
    """Return whether another ``channel_base`` gives the same widths."""
    if not isinstance(channel_base, int):
        return False
    sizes = [4 << i for i in range((fields["size"] // 4).bit_length())]
    return all(
        min(channel_base // size, fields["max_width"]) == min(fields["channel_base"] // size, fields["max_width"])
        for size in sizes
    )
