"""R3GAN on faces of 256 pixels, as published (arXiv 2501.05441).

    python train.py r3gan_ffhq256 --data.path FOLDER_OR_ZIP

Expected: a Frechet distance of 2.75 and a recall of 0.49 on FFHQ are published; 7.05 after 5M images.
Cost: 3 weeks on 8 A6000 are published; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.r3gan import PRESETS
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="r3gan_ffhq256",
        data=FolderData(path="ffhq256", labels=False, mirror=True),
        model=PRESETS["ffhq256"],
        objective=AdversarialObjective(
            loss="relativistic", r1=15.0, r1_start=150.0, r2=15.0, r2_start=150.0, separate_batches=True
        ),
        optim=OptimConfig(lr=5e-5, lr_start=2e-4, b1=0.0, b2=0.99, b2_start=0.9),
        train=TrainConfig(
            images=200_000_000,
            batch=256,
            burn_in=20_000_000,
            log_every=50_000,
            sample_every=500_000,
            checkpoint_every=500_000,
            ema_half_life=500_000,
            ema_half_life_start=0,
            ema_ramp_up=0.0,
            num_samples=32,
        ),
        ada=AdaConfig(pipe="r3gan", mode="scheduled", p_start=0.0, p=0.3),
    )
