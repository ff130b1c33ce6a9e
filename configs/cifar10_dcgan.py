"""A class-conditional DCGAN on CIFAR-10 at 32x32, read through TensorFlow Datasets; meant for a GPU.

    python train.py cifar10_dcgan --data.data_dir ~/tensorflow_datasets

Expected: small pictures, one column a class; a baseline, not the state of the art, and not measured yet.
"""

from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="cifar10_dcgan",
        data=TfdsData(name="cifar10", mirror=True),
        model=DcganConfig(size=32, channels=3, width=128, latent_size=128, conditional=True),
        objective=AdversarialObjective(loss="relativistic", r1=0.5, r2=0.5),
        optim=OptimConfig(lr=2e-4, b1=0.0, b2=0.99, warmup=20_000),
        train=TrainConfig(
            images=20_000_000,
            batch=128,
            log_every=50_000,
            sample_every=250_000,
            checkpoint_every=500_000,
            ema_half_life=100_000,
            num_samples=100,
        ),
    )
