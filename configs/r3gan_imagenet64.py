"""Class-conditional R3GAN on ImageNet of 64 pixels, as published (arXiv 2501.05441).

    python train.py r3gan_imagenet64

Expected: a Frechet distance of 2.09 and a recall of 0.59 are published.
Cost: 64 H100 are published; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.r3gan import PRESETS
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="r3gan_imagenet64",
        data=TfdsData(name="imagenet_resized/64x64", mirror=True),
        model=PRESETS["imagenet64"],
        objective=AdversarialObjective(
            loss="relativistic", r1=0.1, r1_start=1.0, r2=0.1, r2_start=1.0, separate_batches=True
        ),
        optim=OptimConfig(lr=5e-5, lr_start=2e-4, b1=0.0, b2=0.99, b2_start=0.9),
        train=TrainConfig(
            images=1_000_000_000,
            batch=4096,
            burn_in=200_000_000,
            log_every=1_000_000,
            sample_every=10_000_000,
            checkpoint_every=5_000_000,
            ema_half_life=50_000_000,
            ema_half_life_start=0,
            ema_ramp_up=0.0,
            num_samples=100,
        ),
        ada=AdaConfig(pipe="r3gan", mode="scheduled", p_start=0.0, p=0.4),
    )
