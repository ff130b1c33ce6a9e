"""``gen-jax weights import FILE --out RUN`` and ``gen-jax weights export RUN``: weights from and for other programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated, Literal

import tyro

from gen_jax.counts import ImageCount

FILE = """A StyleGAN2 snapshot (.pkl) of stylegan2-ada-pytorch or stylegan3, an R3GAN snapshot (.pkl), a PyTorch state
dict (.pth, .pt) of a DCGAN generator, a wheel or zip with one of them inside, or a .safetensors file of
`gen-jax weights export`"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Import:
    """Make a run directory of pretrained weights; nothing in the file is run, and one that asks for it is refused."""

    file: Annotated[tyro.conf.Positional[str], tyro.conf.arg(help=FILE, metavar="FILE")]
    out: str
    """The run directory to make; it must not exist, or be empty."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Export:
    """Write the weights of a run as one file: safetensors, everything; or onnx, the generator."""

    run: Annotated[
        tyro.conf.Positional[str],
        tyro.conf.arg(metavar="RUN", help="A run directory, its name under runs/, or one of its checkpoints."),
    ]
    format: Literal["safetensors", "onnx"]
    """safetensors: all weights, to be read back by import. onnx: latents (and labels) to images [batch, h, w, c]."""
    out: str | None = None
    """The file; left out, model.safetensors or generator.onnx in RUN."""
    weights: Literal["ema", "raw"] = "ema"
    """ema: averaged over the training; raw: those of the last step."""
    checkpoint: ImageCount | None = None
    """Use the checkpoint saved after so many images; left out, the newest."""
    names: Literal["gen_jax", "official"] = "gen_jax"
    """With safetensors: our names of the arrays, or those of the published snapshots (stylegan2 and r3gan)."""
    uint8: bool = False
    """With onnx: images are uint8 in [0, 255]; else they are float32 in [-1, 1]."""


Command = (
    Annotated[Import, tyro.conf.subcommand("import", prefix_name=False)]
    | Annotated[Export, tyro.conf.subcommand("export", prefix_name=False)]
)


def main(words: Sequence[str], prog: str = "gen-jax weights") -> int:
    """Run ``gen-jax weights`` with the words after it; return the exit code.

    Raises:
      UserError, RunError: as the work does; ``cli/exit.py`` shows them.
    """
    command = tyro.cli(Command, args=list(words), prog=prog, description=__doc__)  # type: ignore[call-overload]
    return _import(command) if isinstance(command, Import) else _export(command)


def _import(command: Import) -> int:
    from gen_jax.io.weights.importing import import_weights

    run, model = import_weights(command.file, command.out)
    config = model.experiment.model
    classes = model.info.num_classes if config.conditional else 0
    kind = f"{config.kind}, {config.size}x{config.size}" + (f", {classes} classes" if classes else "")
    print(f"{kind}: {run.path}")
    for note in model.notes:
        print(note)
    return 0


def _export(command: Export) -> int:
    from gen_jax.io.weights.exporting import export_weights

    path = export_weights(
        command.run,
        kind=command.format,
        out=command.out,
        weights=command.weights,
        images=command.checkpoint,
        names=command.names,
        integers=command.uint8,
    )
    print(f"{path.stat().st_size:,} bytes: {path}")
    return 0
