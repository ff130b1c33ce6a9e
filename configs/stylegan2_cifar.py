"""Class-conditional StyleGAN2 with adaptive augmentation on CIFAR-10, as published (arXiv 2006.06676).

    python train.py stylegan2_cifar

Expected: a Frechet distance of 2.42 (Inception, 50,000 samples) is published. Cost: 100M images; not run by us.
"""

import dataclasses

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import TfdsData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.stylegan2 import PRESETS
from gen_jax.objectives.config import StyleGan2Objective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="stylegan2_cifar",
        data=TfdsData(name="cifar10"),
        model=dataclasses.replace(PRESETS["cifar"], conditional=True),
        objective=StyleGan2Objective(r1=0.01, path_length=0.0, style_mixing=0.0),
        optim=OptimConfig(lr=2.5e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=100_000_000,
            batch=64,
            log_every=50_000,
            sample_every=500_000,
            checkpoint_every=1_000_000,
            ema_half_life=500_000,
            ema_ramp_up=0.05,
            num_samples=100,
        ),
        ada=AdaConfig(pipe="bgc"),
    )
