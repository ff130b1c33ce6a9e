"""A small DCGAN learns garments from 10,000 images of Fashion-MNIST, on a CPU in minutes.

python train.py fashion_dcgan
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
        model=DcganConfig(size=28, channels=1, width=32, latent_size=64),
        objective=AdversarialObjective(loss="relativistic", r1=1.0, r2=0.0, penalty_share=0.25),
        optim=OptimConfig(lr=1e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=128_000,
            batch=64,
            log_every=6_400,
            sample_every=12_800,
            checkpoint_every=32_000,
            ema_half_life=10_000,
            num_samples=64,
        ),
    )
