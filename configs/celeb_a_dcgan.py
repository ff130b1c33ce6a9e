"""A DCGAN on the faces of CelebA, centre-cropped to 64x64, read through TensorFlow Datasets; meant for a GPU.

    python train.py celeb_a_dcgan --data.data_dir ~/tensorflow_datasets

Expected: faces. The settings are a beginning; this run has not been measured yet.
"""

from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="celeb_a_dcgan",
        data=TfdsData(name="celeb_a", labels=False, mirror=True),
        model=DcganConfig(size=64, channels=3, width=64, latent_size=128),
        objective=AdversarialObjective(loss="relativistic", r1=2.0, r2=2.0),
        optim=OptimConfig(lr=2e-4, b1=0.0, b2=0.99, warmup=20_000),
        train=TrainConfig(
            images=25_000_000,
            batch=128,
            log_every=50_000,
            sample_every=250_000,
            checkpoint_every=500_000,
            ema_half_life=100_000,
            num_samples=64,
        ),
    )
