"""Is the compiled step of ``fashion_dcgan`` as fast as the same network written plainly in PyTorch?

    python benchmarks/train_step.py [--rounds 3] [--seconds 10] [--json FILE]

Three sides, each in processes of its own, taking turns: the compiled step alone (data already on the
device), the whole training loop (data order, metrics, pictures, checkpoints), and PyTorch on the same device.
Prints the median over the rounds and the ratios. PyTorch is optional.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SIDES = ("step", "loop", "torch")


def measure_step(seconds: float) -> float:
    """Return milliseconds a step of the compiled step on one fixed batch."""
    import jax
    import jax.numpy as jnp

    from gen_jax import build, parallel, rng
    from gen_jax.cli.options import load_config
    from gen_jax.data.dataset import open_dataset
    from gen_jax.train import program
    from gen_jax.types import Batch

    experiment = load_config("fashion_dcgan")
    dataset = open_dataset(experiment.data, size=experiment.model.size)
    networks = build.build_networks(experiment, dataset.info)
    jitted = jax.jit(program.make_full_step(experiment, networks), donate_argnums=0)
    state = jax.jit(lambda: program.STEPS[experiment.objective.kind].init_state(experiment, networks))()
    images, labels = dataset.load_all(progress=False)
    first = slice(experiment.train.batch)
    batch = Batch(jnp.asarray(images[first]), jnp.asarray(labels[first]))
    key = rng.stream(0, "step")
    step = parallel.compile_lowered(jitted.lower(state, batch, key))
    state, metrics = step(state, batch, key)
    jax.block_until_ready(metrics)
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(10):
            state, metrics = step(state, batch, key)
        jax.block_until_ready(metrics)
        steps += 10
    return 1e3 * (time.perf_counter() - start) / steps


def measure_loop(seconds: float) -> float:
    """Return milliseconds a step of ``train.loop``, from the end of the first logged interval to the last but one."""
    import dataclasses

    from gen_jax.cli.options import load_config
    from gen_jax.io.writers import read_metrics
    from gen_jax.train.loop import train

    experiment = load_config("fashion_dcgan")
    images = max(25_600, int(seconds * 4000) // 6400 * 6400)
    experiment = dataclasses.replace(experiment, train=dataclasses.replace(experiment.train, images=images))
    with tempfile.TemporaryDirectory() as folder:
        outcome = train(experiment, folder, progress=False)
        lines = read_metrics(outcome.run.metrics)
    spent = 3600 * (lines[-2]["perf/hours"] - lines[0]["perf/hours"])
    return 1e3 * spent * experiment.train.batch / (lines[-2]["images"] - lines[0]["images"])


def measure_torch(seconds: float) -> float:
    """Return milliseconds a step of the same networks, losses and optimiser in plain PyTorch."""
    import torch
    from torch.nn import functional

    from benchmarks.torch_peers.fashion_dcgan import LATENT, Discriminator, Generator

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    batch, penalised = 64, 16

    generator, discriminator = Generator().to(device), Discriminator().to(device)
    average = Generator().to(device)
    options = {"lr": 1e-3, "betas": (0.0, 0.99), "eps": 1e-8}
    gen_adam = torch.optim.Adam(generator.parameters(), **options)
    disc_adam = torch.optim.Adam(discriminator.parameters(), **options)
    real = torch.rand(batch, 1, 28, 28, device=device) * 2 - 1
    y = torch.randint(10, (batch,), device=device)

    def step() -> None:
        with torch.no_grad():
            fake = generator(torch.randn(batch, LATENT, device=device), y)
        on_real, on_fake = discriminator(torch.cat([real, fake]), torch.cat([y, y])).chunk(2)
        some = real[::4].detach().requires_grad_()
        (gradient,) = torch.autograd.grad(discriminator(some, y[::4]).sum(), some, create_graph=True)
        r1 = gradient.square().sum((1, 2, 3)).mean()
        loss = functional.softplus(on_fake - on_real).mean() + 0.5 * r1
        disc_adam.zero_grad(set_to_none=True)
        loss.backward()
        disc_adam.step()
        discriminator.requires_grad_(False)
        fake = generator(torch.randn(batch, LATENT, device=device), y)
        loss = functional.softplus(discriminator(real, y) - discriminator(fake, y)).mean()
        gen_adam.zero_grad(set_to_none=True)
        loss.backward()
        gen_adam.step()
        discriminator.requires_grad_(True)
        with torch.no_grad():
            for mean, value in zip(average.parameters(), generator.parameters(), strict=True):
                mean.lerp_(value, 0.01)

    assert penalised == len(real[::4])
    for _ in range(5):
        step()
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(10):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
        steps += 10
    return 1e3 * (time.perf_counter() - start) / steps


def run_side(side: str, seconds: float) -> float | None:
    """Measure one side in a process of its own; None where it cannot run."""
    command = [sys.executable, __file__, "--side", side, "--seconds", str(seconds)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        print(f"{side}: not measured ({result.stderr.strip().splitlines()[-1]})")
        return None
    return float(result.stdout.split()[-1])


def main() -> None:
    """Measure, print a table, write JSON where asked."""
    parser = argparse.ArgumentParser(description="Time the training step against PyTorch.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of measuring a side a round")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        measure = {"step": measure_step, "loop": measure_loop, "torch": measure_torch}[options.side]
        print(measure(options.seconds))
        return
    times: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(options.rounds):
        for side in SIDES:
            value = run_side(side, options.seconds)
            if value is not None:
                times[side].append(value)
    medians = {side: statistics.median(values) for side, values in times.items() if values}
    print("fashion_dcgan, batch 64, float32: milliseconds a step, median (least - most)")
    for side, median in medians.items():
        print(f"  {side:6} {median:8.2f}  ({min(times[side]):.2f} - {max(times[side]):.2f})")
    ratios = {f"{side} / step": medians[side] / medians["step"] for side in medians if side != "step"}
    for name, ratio in ratios.items():
        print(f"  {name:14} {ratio:.3f}")
    if options.json:
        options.json.write_text(json.dumps({"milliseconds": times, "ratios": ratios}, indent=2) + "\n")


if __name__ == "__main__":
    main()
