"""StyleGAN2 with adaptive augmentation on your own images of 256 pixels, on one GPU: the place to begin.

    python train.py stylegan2_auto --data.path FOLDER_OR_ZIP

For another size S and batch B set --model.size S, --train.batch B, --objective.r1 (0.0002 S^2 / B; then look at
docs/gamma.md), --train.ema-half-life (312 B), and from 512 pixels on --model.channel-base 32768.
Expected: faces or animals that can be recognised after 1M images, good ones after 5M, the best after 25M.
Cost: published at 12.5 s a thousand images on an A100, so 17 hours for 5M; not run by us.
"""

from gen_jax.augment.ada_pipes import AdaConfig
from gen_jax.data.config import FolderData
from gen_jax.experiment import Experiment, OptimConfig, TrainConfig
from gen_jax.models.stylegan2 import auto_config
from gen_jax.objectives.config import StyleGan2Objective


def experiment() -> Experiment:
    """Return the experiment."""
    return Experiment(
        name="stylegan2_auto",
        data=FolderData(path="images", labels=False, mirror=True),
        model=auto_config(256),
        objective=StyleGan2Objective(r1=0.8),
        optim=OptimConfig(lr=2.5e-3, b1=0.0, b2=0.99),
        train=TrainConfig(
            images=5_000_000,
            batch=16,
            log_every=10_000,
            sample_every=50_000,
            checkpoint_every=100_000,
            ema_half_life=5_000,
            ema_ramp_up=0.05,
            num_samples=64,
        ),
        ada=AdaConfig(pipe="bgc"),
    )
