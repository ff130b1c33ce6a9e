"""Measures of generated images: arrays in, a small result with named values out."""

from gen_jax.metrics.authenticity import authenticity as authenticity
from gen_jax.metrics.classification import classification_report as classification_report
from gen_jax.metrics.data_copying import c_t as c_t
from gen_jax.metrics.features import extract as extract
from gen_jax.metrics.frechet import frechet_distance as frechet_distance
from gen_jax.metrics.frechet import frechet_infinity as frechet_infinity
from gen_jax.metrics.kernel import kernel_distance as kernel_distance
from gen_jax.metrics.kernel import kernel_distance_full as kernel_distance_full
from gen_jax.metrics.lpips import lpips as lpips
from gen_jax.metrics.memorization import closest as closest
from gen_jax.metrics.memorization import neighbour_ratio as neighbour_ratio
from gen_jax.metrics.memorization_penalty import memorization_penalty as memorization_penalty
from gen_jax.metrics.moments import moments as moments
from gen_jax.metrics.ms_ssim import ms_ssim as ms_ssim
from gen_jax.metrics.neighbours import nearest as nearest
from gen_jax.metrics.prdc import density_coverage as density_coverage
from gen_jax.metrics.prdc import prdc as prdc
from gen_jax.metrics.prdc import precision_recall as precision_recall
from gen_jax.metrics.psnr import psnr as psnr
from gen_jax.metrics.scores import inception_score as inception_score
from gen_jax.metrics.scores import vendi_score as vendi_score
from gen_jax.metrics.sliced import sliced_distance as sliced_distance
from gen_jax.metrics.ssim import ssim as ssim
