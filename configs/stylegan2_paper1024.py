"""StyleGAN2 with adaptive augmentation on images of 1024 pixels, as published: arXiv 2006.06676.

    python train.py stylegan2_paper1024 --data.path FOLDER_OR_ZIP --train.batch 32

Expected: 2.7 on FFHQ is published.
Cost: published at 11.8 s a thousand images on 8 A100, so 3.4 days; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.stylegan2 import PRESETS
from gen_jax.objectives.config import StyleGan2Objective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="stylegan2_paper1024",
        data=FolderData(path="images1024", labels=False),
        model=PRESETS["paper1024"],
        objective=StyleGan2Objective(r1=2.0),
        optim=OptimConfig(lr=2e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=25_000_000,
            batch=32,
            log_every=10_000,
            sample_every=100_000,
            checkpoint_every=200_000,
            ema_half_life=10_000,
            ema_ramp_up=0.0,
            num_samples=16,
        ),
        ada=AdaConfig(pipe="bgc"),
    )
