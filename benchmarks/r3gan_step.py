"""Is a whole iteration of R3GAN (discriminator, then generator) as fast as the same work in PyTorch?

    python benchmarks/r3gan_step.py [--rounds 3] [--iterations 3] [--batch 8] [--width 768] [--json FILE]

The conditional CIFAR-10 preset in float32: relativistic loss with R1 and R2 at every image, Adam, EMA, a batch of its
own for each network, no augmentation. Each side runs in a process of its own, in turns; PyTorch is optional. Prints
the median over the rounds, the ratio, and the floating point operations of the matrix products and convolutions.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SIDES = ("jax", "torch")
STAGES, BLOCKS, CLASSES, LATENT, EMBEDDING, GAMMA = 4, 2, 10, 64, 64, 0.05


@dataclasses.dataclass(frozen=True)
class Case:
    """What is measured."""

    batch: int
    width: int
    iterations: int


def measure_jax(case: Case) -> float:
    """Return seconds an iteration of the compiled step on fixed batches."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from gen_jax import parallel, rng
    from gen_jax.data.config import EmbeddedData
    from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
    from gen_jax.models import r3gan
    from gen_jax.objectives.config import AdversarialObjective
    from gen_jax.train import gan_step
    from gen_jax.types import Batch

    preset = r3gan.PRESETS["cifar10"]
    groups = 2 * case.width // 16
    model = dataclasses.replace(
        preset,
        precision="float32",
        widths=(case.width,) * STAGES,
        cardinality=(groups,) * STAGES,
        disc_class_embedding=case.width,
    )
    experiment = Experiment(
        name="r3gan",
        data=EmbeddedData(),
        model=model,
        objective=AdversarialObjective(loss="relativistic", r1=GAMMA, r2=GAMMA, separate_batches=True),
        optim=OptimConfig(lr=2e-4, b2=0.9),
        train=TrainConfig(batch=case.batch),
    )
    networks = r3gan.build(model, num_classes=CLASSES)
    draw = np.random.default_rng(0)
    images = draw.integers(256, size=(2 * case.batch, 32, 32, 3), dtype=np.uint8)
    batch = Batch(jnp.asarray(images), jnp.asarray(draw.integers(CLASSES, size=2 * case.batch), jnp.int32))
    state = jax.jit(lambda: gan_step.init_state(experiment, networks))()
    key = rng.stream(0, "step")
    jitted = jax.jit(gan_step.make_step(experiment, networks), donate_argnums=0)
    step = parallel.compile_lowered(jitted.lower(state, batch, key))
    carried = [state]

    def iterate() -> None:
        carried[0], metrics = step(carried[0], batch, key)
        jax.block_until_ready(metrics)

    return seconds_each(iterate, case.iterations)


def measure_torch(case: Case) -> float:
    """Return seconds an iteration of the same networks, losses and optimisers in plain PyTorch."""
    import torch
    from torch.nn import functional

    from benchmarks.torch_peers.r3gan import Discriminator, Generator

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    sizes = {"width": case.width, "stages": STAGES, "blocks": BLOCKS, "classes": CLASSES}
    discriminator = Discriminator(**sizes).to(device)
    generator, average = (Generator(**sizes, latent=LATENT, embedding=EMBEDDING).to(device) for _ in range(2))
    options = {"lr": 2e-4, "betas": (0.0, 0.9), "eps": 1e-8}
    gen_adam = torch.optim.Adam(generator.parameters(), **options)
    disc_adam = torch.optim.Adam(discriminator.parameters(), **options)
    real, others = (torch.rand(case.batch, 3, 32, 32, device=device) * 2 - 1 for _ in range(2))
    y = torch.randint(CLASSES, (case.batch,), device=device)

    def squared_gradient(images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
        return gradient.square().sum((1, 2, 3))

    def iterate() -> None:
        with torch.no_grad():
            fake = generator(torch.randn(case.batch, LATENT, device=device), y)
        inputs = [images.detach().requires_grad_() for images in (real, fake)]
        on_real, on_fake = (discriminator(images, y) for images in inputs)
        penalty = squared_gradient(inputs[0], on_real) + squared_gradient(inputs[1], on_fake)
        disc_adam.zero_grad(set_to_none=True)
        (functional.softplus(on_fake - on_real) + 0.5 * GAMMA * penalty).mean().backward()
        disc_adam.step()
        discriminator.requires_grad_(False)
        fake = generator(torch.randn(case.batch, LATENT, device=device), y)
        loss = functional.softplus(discriminator(others, y) - discriminator(fake, y)).mean()
        gen_adam.zero_grad(set_to_none=True)
        loss.backward()
        gen_adam.step()
        discriminator.requires_grad_(True)
        with torch.no_grad():
            for mean, value in zip(average.parameters(), generator.parameters(), strict=True):
                mean.lerp_(value, 0.01)
        if device == "cuda":
            torch.cuda.synchronize()

    return seconds_each(iterate, case.iterations)


def seconds_each(iterate: Callable[[], None], iterations: int) -> float:
    """Return the median seconds of some iterations after a first."""
    iterate()
    times = []
    for _ in range(iterations):
        start = time.perf_counter()
        iterate()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def products(case: Case) -> float:
    """Return the floating point operations of one forward pass of the convolutions of one network, on one image."""
    pixels = sum(4**stage for stage in range(2, 2 + STAGES)) * BLOCKS
    return 2.0 * pixels * (2 * case.width * 2 * case.width + 2 * case.width * 16 * 9)


def run_side(side: str, case: Case) -> float | None:
    """Measure one side in a process of its own; None where it cannot run."""
    sizes = ["--batch", str(case.batch), "--width", str(case.width), "--iterations", str(case.iterations)]
    result = subprocess.run(
        [sys.executable, __file__, "--side", side, *sizes], capture_output=True, text=True, check=False
    )
    if result.returncode:
        print(f"{side}: not measured ({result.stderr.strip().splitlines()[-1]})")
        return None
    return float(result.stdout.split()[-1])


def main() -> None:
    """Measure, print a table, write JSON where asked."""
    parser = argparse.ArgumentParser(description="Time an iteration of R3GAN against PyTorch.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=3, help="timed in each round, after a first")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--width", type=int, default=768, help="channels of every stage; 768 is the preset's")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    case = Case(options.batch, options.width, options.iterations)
    if options.side:
        print({"jax": measure_jax, "torch": measure_torch}[options.side](case))
        return
    times: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(options.rounds):
        for side in SIDES:
            value = run_side(side, case)
            if value is not None:
                times[side].append(value)
    medians = {side: statistics.median(values) for side, values in times.items() if values}
    print(f"conditional R3GAN, 32x32, width {case.width}, batch {case.batch}, float32: seconds an iteration")
    for side, median in medians.items():
        print(f"  {side:6} {median:8.2f}  ({min(times[side]):.2f} - {max(times[side]):.2f})")
    print(f"  one forward pass of a batch: {1e-9 * case.batch * products(case):.0f} GFLOP in convolutions")
    ratio = medians["jax"] / medians["torch"] if len(medians) == 2 else None
    if ratio is not None:
        print(f"  jax / torch  {ratio:.3f}")
    if options.json:
        options.json.write_text(json.dumps({"seconds": times, "ratio": ratio}, indent=2) + "\n")


if __name__ == "__main__":
    main()
