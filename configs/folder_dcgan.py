"""A DCGAN on your own images: a folder, a zip, or what ``gen-jax data pack`` makes, at 64x64.

    python train.py folder_dcgan --data PATH

Subfolders become classes; add ``--model.conditional`` to use them. Other sizes: ``--model.size 32`` or 128.
A few thousand images are a beginning. The settings are general ones, not tuned to any set.
"""

from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="folder_dcgan",
        data=FolderData(path="images", mirror=True),
        model=DcganConfig(size=64, channels=3, width=64, latent_size=128),
        objective=AdversarialObjective(loss="relativistic", r1=2.0, r2=2.0),
        optim=OptimConfig(lr=2e-4, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=10_000_000,
            batch=64,
            log_every=20_000,
            sample_every=100_000,
            checkpoint_every=200_000,
            ema_half_life=50_000,
            num_samples=64,
        ),
    )
