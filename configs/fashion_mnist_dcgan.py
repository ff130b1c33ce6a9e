"""A class-conditional DCGAN on all 60,000 training images of Fashion-MNIST, read through TensorFlow Datasets.

    python train.py fashion_mnist_dcgan --data.data_dir ~/tensorflow_datasets

Expected: ten columns of garments, one a class; not measured yet. ``fashion_dcgan`` is its small sister, which needs no
download.
"""

from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="fashion_mnist_dcgan",
        data=TfdsData(name="fashion_mnist"),
        model=DcganConfig(size=28, channels=1, width=64, latent_size=64, conditional=True),
        objective=AdversarialObjective(loss="relativistic", r1=1.0, r2=1.0),
        optim=OptimConfig(lr=5e-4, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=5_000_000,
            batch=128,
            log_every=25_000,
            sample_every=100_000,
            checkpoint_every=250_000,
            ema_half_life=50_000,
            num_samples=100,
        ),
    )
