"""A small class-conditional R3GAN learns garments from 10,000 images of Fashion-MNIST, on a CPU in minutes.

    python train.py r3gan_fashion

Expected: ten columns of recognisable garments, one a class, and a Frechet distance below that of fashion_dcgan
(docs/results.md). Cost: two and a half minutes on two CPU cores.
"""

from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import R3ganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="r3gan_fashion",
        data=EmbeddedData(),
        model=R3ganConfig(
            size=28,
            channels=1,
            widths=(64, 32, 16),
            cardinality=(1, 1, 1),
            blocks=(1, 1, 1),
            expansion=1,
            class_embedding=64,
            disc_class_embedding=64,
            conditional=True,
        ),
        objective=AdversarialObjective(loss="relativistic", r1=0.5, r1_start=2.0, r2=0.5, r2_start=2.0),
        optim=OptimConfig(lr=5e-4, lr_start=4e-3, b1=0.0, b2=0.99, b2_start=0.9),
        train=TrainConfig(
            images=52_000,
            # Many small steps: a network this small learns little from a larger batch, and time is what is short.
            batch=16,
            burn_in=52_000,
            log_every=2_600,
            sample_every=8_000,
            checkpoint_every=13_000,
            ema_half_life=5_000,
            num_samples=80,
        ),
    )
