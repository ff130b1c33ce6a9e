"""StyleGAN2 with adaptive augmentation on images of 256 pixels, as published: arXiv 2006.06676.

    python train.py stylegan2_paper256 --data.path FOLDER_OR_ZIP --train.batch 64

Expected: a Frechet distance of 3.8 on FFHQ is published (all 70,000 images, no augmentation).
Cost: published at 2.5 s a thousand images on 8 A100, so 17 hours; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.stylegan2 import PRESETS
from gen_jax.objectives.config import StyleGan2Objective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="stylegan2_paper256",
        data=FolderData(path="images256", labels=False),
        model=PRESETS["paper256"],
        objective=StyleGan2Objective(r1=1.0),
        optim=OptimConfig(lr=2.5e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=25_000_000,
            batch=64,
            log_every=10_000,
            sample_every=100_000,
            checkpoint_every=200_000,
            ema_half_life=20_000,
            ema_ramp_up=0.0,
            num_samples=64,
        ),
        ada=AdaConfig(pipe="bgc"),
    )
