"""A DCGAN learns the digits of MNIST, read through TensorFlow Datasets.

    python train.py mnist_dcgan --data.data_dir ~/tensorflow_datasets

Expected: ten columns of digits, one a class; not measured yet. The networks, and so the cost of an image, are those of
fashion_dcgan.
"""

from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models import DcganConfig
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="mnist_dcgan",
        data=TfdsData(name="mnist"),
        model=DcganConfig(size=28, channels=1, width=32, latent_size=64, conditional=True),
        objective=AdversarialObjective(loss="relativistic", r1=1.0, r2=0.0, penalty_share=0.25),
        optim=OptimConfig(lr=1e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=1_000_000,
            batch=64,
            log_every=10_000,
            sample_every=50_000,
            checkpoint_every=100_000,
            ema_half_life=20_000,
            num_samples=100,
        ),
    )
