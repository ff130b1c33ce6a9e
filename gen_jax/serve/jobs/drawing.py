"""Textures and logos as jobs: recipes as ``gen-jax draw`` makes them, drawn, and answered with their recipes."""

from __future__ import annotations

import dataclasses
import functools
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gen_jax.draw.logo import parameters as logos
from gen_jax.draw.logo.design import scene_of
from gen_jax.draw.logo.letters import FONTS
from gen_jax.draw.logo.parameters import LogoParameters, logo_parameters
from gen_jax.draw.logo.svg import svg
from gen_jax.draw.texture import recipe as textures
from gen_jax.draw.texture.recipe import texture_recipe
from gen_jax.io.drawings import Record
from gen_jax.registry import lookup
from gen_jax.serve.answers.finishing import Finishing, Picture
from gen_jax.serve.jobs.draw_work import FileWork, LogoWork, TextureWork
from gen_jax.serve.limits import Limits
from gen_jax.serve.problem import Problem
from gen_jax.serve.requests import LogoRequest, TextureRequest
from gen_jax.serve.work import Answer, Job

MOST_PARAMETERS = 1 << 14
"""Letters of JSON; all parameters of a logo are about 1200."""
MOST_HUE = 1e6
_LOGO_NAMES = frozenset({field.name for field in dataclasses.fields(LogoParameters)} - {"seed", "text"}) | {
    "family",
    "scheme",
    "hue",
}
"""Of parameters; any other is one of the family."""
_WORDS = ("family", "scheme", "font", "kind", "mark.kind")
_RECORDED = {
    "color": (),
    "normal": ("normal",),
    "normal_directx": ("normal_directx",),
    "height": ("height16",),
    "mask": ("mask",),
}
"""Output -> how the record of ``gen-jax draw texture`` says it."""

_FILTERED_HEIGHT = 256
"""Pixels of the picture of an SVG file that the content filter looks at."""


def texture_job(request: TextureRequest, limits: Limits, finishing: Finishing) -> Job:
    """Return the work that drawing textures is.

    Raises:
      Problem: more than is allowed.
      UserError: an unknown name or parameter, or a value that is not allowed.
    """
    size = (request.height, request.width or request.height)
    seeds = _seeds(request.seed, request.num, limits)
    _check_pixels(request.num * size[0] * size[1], limits)
    recipes = [
        texture_recipe(
            request.name,
            seed=seed,
            tile=request.tile,
            parameters=request.parameters,
            colors=_stops(request.colors),
            vary=request.vary,
        )
        for seed in seeds
    ]
    described = tuple(map(textures.to_json, recipes))
    return Job(
        work=TextureWork(recipes, size, request.output),
        rows=recipes,
        finish=functools.partial(
            _finish,
            finishing=finishing,
            format=request.format,
            facts={"texture": request.name, "output": request.output, "seed": seeds[0]},
            record=Record(draw="texture", size=size, outputs=_RECORDED[request.output], recipes=described),
        ),
    )


def _stops(colors: Sequence[str | tuple[float, str]] | None) -> list[tuple[float, str]] | None:
    """Return positions and colours; colours alone stand at equal distances.

    Raises:
      Problem: some have positions and some have none.
    """
    if colors is None:
        return None
    alone = [color for color in colors if isinstance(color, str)]
    if len(alone) == len(colors):
        return [(place / max(1, len(alone) - 1), color) for place, color in enumerate(alone)]
    if alone:
        raise Problem("unprocessable", "colors: every one needs a position from 0 to 1, or none of them")
    return [color for color in colors if not isinstance(color, str)]


def logo_job(request: LogoRequest, limits: Limits, finishing: Finishing) -> Job:
    """Return the work that drawing logos is.

    Raises:
      Problem: more than is allowed.
      UserError: an unknown name or parameter, or a value that is not allowed.
    """
    seeds = _seeds(request.seed, request.num, limits)
    _check_pixels(request.num * request.height**2, limits)
    given = _given(request)
    drawn = [logo_parameters(seed, text=request.text, **given) for seed in seeds]
    scenes = [scene_of(logo) for logo in drawn]
    facts = {"text": request.text, "seed": seeds[0]}
    if request.format == "svg":
        return _vector_job(drawn, finishing, facts)
    _check_pixels(sum(round(request.height**2 * scene.width) for scene in scenes), limits)
    described = tuple(map(logos.to_json, drawn))
    return Job(
        work=LogoWork(scenes, request.height),
        rows=scenes,
        finish=functools.partial(
            _finish,
            finishing=finishing,
            format=request.format,
            facts=facts,
            record=Record(draw="logo", size=(request.height, request.height), recipes=described),
        ),
    )


def _vector_job(drawn: Sequence[LogoParameters], finishing: Finishing, facts: Mapping[str, Any]) -> Job:
    if len(drawn) != 1:
        raise Problem("unprocessable", f"num is {len(drawn)}: an svg is one logo; ask for each by its seed")
    scene = scene_of(drawn[0])
    file = svg(scene, title=drawn[0].text).encode()
    if finishing.filters:
        work = LogoWork([scene], _FILTERED_HEIGHT)
        return Job(work=work, rows=[scene], finish=lambda seen: finishing.vector(file, facts=facts, pixels=seen[0]))
    return Job(work=FileWork(), rows=[file], finish=lambda files: finishing.vector(files[0], facts=facts))


def _given(request: LogoRequest) -> dict[str, Any]:
    """Return what the request says of the parameters; those of a family together as ``mark``.

    Raises:
      Problem: a parameter twice, or a value that is no JSON of a moderate size.
      UserError: a font that is not shipped: its name would be taken for the path of a file.
    """
    _check_values(request.parameters)
    given: dict[str, Any] = {}
    mark: dict[str, Any] = {}
    for name, value in request.parameters.items():
        (given if name in _LOGO_NAMES else mark)[name] = value
    for name in ("family", "layout", "variant", "background", "padding", "font"):
        value = getattr(request, name)
        if value is None:
            continue
        if name in given:
            raise Problem("unprocessable", f"{name} is given twice: by itself, and among parameters")
        given[name] = value
    if mark and "mark" in given:
        raise Problem("unprocessable", f"parameters: {next(iter(mark))!r:.80} belongs into mark, which is given too")
    if given.get("background") == "transparent":
        given["background"] = None
    if "font" in given:
        lookup(FONTS, given["font"], what="font")
    return {**given, **({"mark": mark} if mark else {})}


def _check_values(parameters: Mapping[str, Any]) -> None:
    try:
        size = len(json.dumps(parameters, allow_nan=False))
    except (ValueError, TypeError, RecursionError):
        raise Problem("unprocessable", "parameters: allowed are finite numbers, words, and lists of them") from None
    if size > MOST_PARAMETERS:
        raise Problem("content-too-large", f"parameters: {size} letters of JSON; allowed are {MOST_PARAMETERS}")
    mark = parameters.get("mark")
    inner = {f"mark.{name}": value for name, value in mark.items()} if isinstance(mark, Mapping) else {}
    for name, value in {**parameters, **inner}.items():
        if name in _WORDS and not isinstance(value, str):
            raise Problem("unprocessable", f"parameters: {name} is {value!r:.80}; allowed is a word")
    hue = parameters.get("hue", 0)
    if not isinstance(hue, int | float) or abs(hue) > MOST_HUE:
        raise Problem("unprocessable", f"parameters: hue is {hue!r:.80}; allowed are degrees from 0 to 360")


def _seeds(first: int | None, num: int, limits: Limits) -> range:
    """Return the seeds of a request; where it names none, the first is drawn."""
    if num > limits.images:
        raise Problem("content-too-large", f"num is {num}; allowed are {limits.images} images in a request")
    if first is None:
        first = secrets.randbelow(2**32 - num + 1)
    if first + num > 2**32:
        raise Problem("unprocessable", f"seed is {first} and num {num}: the last seed would be above {2**32 - 1}")
    return range(first, first + num)


def _check_pixels(pixels: int, limits: Limits) -> None:
    if pixels > limits.output_pixels:
        raise Problem(
            "content-too-large", f"the request asks for {pixels} pixels in all; allowed are {limits.output_pixels}"
        )


def _finish(
    images: Sequence[np.ndarray], *, finishing: Finishing, format: Any, facts: Mapping[str, Any], record: Record
) -> Answer:
    pictures = [
        Picture(pixels=image, facts={"seed": recipe["seed"], "recipe": recipe})
        for image, recipe in zip(images, record.recipes, strict=True)
    ]
    return finishing.generated(pictures, format=format, origin="rule", facts=facts, record=record)
