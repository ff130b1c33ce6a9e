"""A grid of mixed styles: sources at the top and the left, and every row's image with styles of every column."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from gen_jax.cli.ranges import parse_numbers
from gen_jax.cli.sample_plan import Request, latents_of, source_of
from gen_jax.cli.sampling import check_place, with_bar
from gen_jax.errors import UserError
from gen_jax.io import images as image_files
from gen_jax.io.models import LoadedModel
from gen_jax.latent.decode import make_decoder
from gen_jax.latent.sample import Coded, make_synthesis
from gen_jax.latent.styles import mix

if TYPE_CHECKING:
    from gen_jax.cli.sample_options import SampleCommand

_MOST_IMAGES = 2_500


def make(model: LoadedModel, request: Request, command: SampleCommand) -> str:
    """Make the grid of ``--rows``, ``--columns`` and ``--mix-styles``; the first process writes it.

    The image at the left end of a row and the one at the top of a column are the sources; the place where both meet
    holds the row's image with the chosen styles taken from the column's.

    Raises:
      UserError: no such styles, too many images, or the place of the output may not be written.
    """
    networks: Any = model.networks
    rows = parse_numbers(command.rows or "", option="rows")
    columns = parse_numbers(command.columns or "", option="columns")
    if (len(rows) + 1) * (len(columns) + 1) > _MOST_IMAGES:
        raise UserError(f"--rows and --columns: {len(rows)} by {len(columns)} is too much for a sheet; give fewer")
    text = command.mix_styles
    chosen: Sequence[int] = range(networks.num_styles // 2)
    if text is not None:
        chosen = parse_numbers(text, option="mix-styles", below=networks.num_styles)
    check_place(request.out)
    if jax.process_index() != 0:
        return ""
    seeds = (*rows, *columns)
    styles = latents_of(model, dataclasses.replace(request, seeds=seeds, count=len(seeds))).latent
    tops, lefts = styles[len(rows) :], styles[: len(rows)]
    cells = np.concatenate([tops, *np.concatenate([lefts[:, None], mix(lefts, tops, chosen)], axis=1)])
    decoder = make_decoder(make_synthesis(model.bind), batch=request.batch)
    parts = decoder.stream(source_of(model, request), Coded(cells, None))
    pictures = np.concatenate(list(with_bar(parts, total=len(cells))))
    white = np.full_like(pictures[:1], 255)
    sheet = image_files.grid(np.concatenate([white, pictures]), columns=len(columns) + 1)
    image_files.save_image(request.out, sheet)
    return f"{len(rows)} by {len(columns)} images with styles {_listed(chosen)} of the column: {request.out}"


def _listed(numbers: Sequence[int]) -> str:
    whole = len(numbers) > 1 and tuple(numbers) == tuple(range(numbers[0], numbers[-1] + 1))
    return f"{numbers[0]}-{numbers[-1]}" if whole else ",".join(map(str, numbers))
