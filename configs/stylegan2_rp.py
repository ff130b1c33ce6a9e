"""The generator of StyleGAN2, with its styles to edit, under the loss of R3GAN: your own images of 256 pixels.

    python train.py stylegan2_rp --data.path FOLDER_OR_ZIP

The relativistic loss with R1 and R2 at every step takes the place of the non-saturating one, lazy R1 and path lengths;
the discriminator compares no batch, so that both penalties are one pass. R1 and R2 begin high and fall, as R3GAN's do.
Expected: unknown; the combination has been published by nobody. Cost: not run at this size by us.
"""

import dataclasses

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.stylegan2 import auto_config
from gen_jax.objectives.config import AdversarialObjective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="stylegan2_rp",
        data=FolderData(path="images", labels=False, mirror=True),
        model=dataclasses.replace(auto_config(256), minibatch_std_group=0),
        objective=AdversarialObjective(
            loss="relativistic", r1=15.0, r1_start=150.0, r2=15.0, r2_start=150.0, style_mixing=0.9
        ),
        optim=OptimConfig(lr=2.5e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=5_000_000,
            batch=32,
            burn_in=1_000_000,
            log_every=10_000,
            sample_every=50_000,
            checkpoint_every=100_000,
            ema_half_life=10_000,
            ema_ramp_up=0.05,
            num_samples=64,
        ),
        ada=AdaConfig(pipe="r3gan", mode="scheduled", p_start=0.0, p=0.3),
    )
