"""R3GAN on StackedMNIST, a test of whether all 1000 modes are found, as published (arXiv 2501.05441).

    python train.py r3gan_stacked_mnist

Expected: 1000 modes and a divergence of 0.029 are published; diversity/classes shows the way there.
Cost: 7 hours on 8 L40 are published; not run by us.
"""

from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.r3gan import PRESETS
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="r3gan_stacked_mnist",
        data=TfdsData(name="mnist", channels=1, stacked=128_000, on_small_image="enlarge"),
        model=PRESETS["stacked_mnist"],
        objective=AdversarialObjective(
            loss="relativistic", r1=0.1, r1_start=1.0, r2=0.1, r2_start=1.0, separate_batches=True
        ),
        optim=OptimConfig(lr=2e-4, b1=0.0, b2=0.99, b2_start=0.9),
        train=TrainConfig(
            images=10_000_000,
            batch=512,
            burn_in=2_000_000,
            log_every=50_000,
            sample_every=250_000,
            checkpoint_every=500_000,
            ema_half_life=500_000,
            ema_half_life_start=0,
            ema_ramp_up=0.0,
            num_samples=100,
        ),
    )
