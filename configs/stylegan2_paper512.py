"""StyleGAN2 with adaptive augmentation on images of 512 pixels, as published: arXiv 2006.06676.

    python train.py stylegan2_paper512 --data.path FOLDER_OR_ZIP --train.batch 64

Expected: 7.4 on AFHQ dogs and 3.1 on wild animals are published.
Cost: published at 5.3 s a thousand images on 8 A100, so 37 hours; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.stylegan2 import PRESETS
from gen_jax.objectives.config import StyleGan2Objective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="stylegan2_paper512",
        data=FolderData(path="images512", labels=False),
        model=PRESETS["paper512"],
        objective=StyleGan2Objective(r1=0.5),
        optim=OptimConfig(lr=2.5e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=25_000_000,
            batch=64,
            log_every=10_000,
            sample_every=100_000,
            checkpoint_every=200_000,
            ema_half_life=20_000,
            ema_ramp_up=0.0,
            num_samples=32,
        ),
        ada=AdaConfig(pipe="bgc"),
    )
