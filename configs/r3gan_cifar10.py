"""Class-conditional R3GAN on CIFAR-10, as published (arXiv 2501.05441).

    python train.py r3gan_cifar10

Expected: a Frechet distance of 1.96 (Inception, 50,000 samples) and a recall of 0.57 are published.
Cost: 4 days on 8 L40 are published; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.r3gan import PRESETS
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="r3gan_cifar10",
        data=TfdsData(name="cifar10", mirror=True),
        model=PRESETS["cifar10"],
        objective=AdversarialObjective(
            loss="relativistic", r1=0.005, r1_start=0.05, r2=0.005, r2_start=0.05, separate_batches=True
        ),
        optim=OptimConfig(lr=5e-5, lr_start=2e-4, b1=0.0, b2=0.99, b2_start=0.9),
        train=TrainConfig(
            images=250_000_000,
            batch=512,
            burn_in=20_000_000,
            log_every=100_000,
            sample_every=1_000_000,
            checkpoint_every=1_000_000,
            ema_half_life=5_000_000,
            ema_half_life_start=0,
            ema_ramp_up=0.0,
            num_samples=100,
        ),
        ada=AdaConfig(pipe="r3gan", mode="scheduled", p_start=0.0, p=0.55),
    )
