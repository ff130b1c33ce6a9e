"""A small class-conditional DCGAN learns garments from 10,000 images of Fashion-MNIST, on a CPU in minutes.

    python train.py fashion_dcgan

Expected: ten columns of recognisable garments, one a class. Cost: under three minutes on two CPU cores.
"""

from gen_jax.data.config import EmbeddedData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="fashion_dcgan",
        data=EmbeddedData(),
        model=DcganConfig(size=28, channels=1, width=32, latent_size=64, conditional=True),
        # A quarter of the batch at every step: the cost of a whole batch every fourth, without its jumps.
        objective=AdversarialObjective(loss="relativistic", r1=1.0, r2=0.0, penalty_share=0.25),
        optim=OptimConfig(lr=1e-3, b1=0.0, b2=0.99, decay="cosine", final_share=0.05),
        train=TrainConfig(
            images=192_000,
            batch=64,
            log_every=6_400,
            sample_every=16_000,
            checkpoint_every=32_000,
            ema_half_life=10_000,
            num_samples=80,
        ),
    )
