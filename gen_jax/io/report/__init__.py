"""The report of a run: one self-contained HTML page, drawn from the run directory alone."""

from gen_jax.io.report.page import render_report as render_report
from gen_jax.io.report.page import write_report as write_report
