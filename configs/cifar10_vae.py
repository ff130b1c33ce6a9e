"""A convolutional VAE on CIFAR-10 with a mixture of ten logistics, for bits per dimension; meant for a GPU.

    python train.py cifar10_vae --data.data_dir ~/tensorflow_datasets

Expected: not measured yet. Published for a flat convolutional VAE: 4.51 bits per dimension, with a much larger latent
(van den Oord et al., arXiv 1711.00937).
"""

from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import ConvVaeConfig
from gen_jax.objectives.config import ElboObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="cifar10_vae",
        data=TfdsData(name="cifar10", mirror=True, labels=False),
        model=ConvVaeConfig(size=32, channels=3, width=128, latent_size=256, blocks=2),
        objective=ElboObjective(likelihood="logistic_mixture", mixtures=10, kl_warmup=500_000),
        optim=OptimConfig(lr=3e-4, b1=0.9, b2=0.999, warmup=50_000, decay="cosine", clip_norm=1000.0),
        train=TrainConfig(
            images=20_000_000,
            batch=128,
            log_every=50_000,
            sample_every=250_000,
            checkpoint_every=500_000,
            ema_half_life=100_000,
            num_samples=64,
        ),
    )
