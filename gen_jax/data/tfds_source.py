"""The source that is a data set prepared by TensorFlow Datasets, read at random without TensorFlow.

TFDS hands over the encoded image (``SkipDecoding``), and ``decode`` does the rest, as for files.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from gen_jax.data.cache import load_note, store_note
from gen_jax.data.config import TfdsData
from gen_jax.data.decode import FORMATS, BadImageError, check_size, decode, form_of
from gen_jax.data.source import checked_labels, stack_in_threads
from gen_jax.data.threads import map_in_threads
from gen_jax.errors import RunError, UserError

_NAME = re.compile(r"(?P<name>\w+)(?:/(?P<config>[^:/]+))?(?::(?P<version>\d+\.\d+\.\d+))?")
_DEFAULTS = TfdsData(name="")


class TfdsSource:
    """The training part of a prepared set, and after it the test part where there is one."""

    def __init__(self, builder: Any, config: TfdsData, size: int | None) -> None:
        form = form_of(config, size)
        self.description = f"{config.name} in {builder.data_dir}"
        self._image_key, self._label_key = config.image_key, config.label_key
        self._parts = [_open_part(builder, config, config.train_split, "data.train_split")]
        if config.test_split != _DEFAULTS.test_split or config.test_split in builder.info.splits:
            self._parts.append(_open_part(builder, config, config.test_split, "data.test_split"))
        self._first = np.cumsum([0, *(len(part) for part in self._parts)])
        self.official_test = range(int(self._first[1]), int(self._first[-1]))

        height, width, depth = _image_feature(builder, config).shape
        channels = form.channels or (1 if depth == 1 else 3)
        self._form = dataclasses.replace(form, channels=channels)
        rows, columns = (size, size) if size else (height, width)
        self.image_shape: tuple[int, int, int] | None = None
        if rows is not None and columns is not None:
            self.image_shape = (rows, columns, channels)
        self.labels, self.class_names = None, ()
        feature = _label_feature(builder, config)
        scan = self._scan(builder, with_label=feature is not None, with_size=None in (height, width))
        if feature is not None:
            names = tuple(getattr(feature, "names", ()))
            self.labels, self.class_names = checked_labels(np.array(scan["labels"]), names, self.description)
        for side, number in scan["smallest"]:
            check_size(side, side, self._form, self.name(number))
        if None not in (height, width):
            check_size(width, height, self._form, f"every image of {self.description}")

    def __len__(self) -> int:
        """Return the number of images of both parts."""
        return int(self._first[-1])

    def name(self, index: int) -> str:
        """Return the number of the image in its set."""
        return f"image {index} of {self.description}"

    def image(self, index: int) -> np.ndarray:
        """Return uint8 [h, w, c]."""
        try:
            return decode(self._example(index)[self._image_key], self._form, self.name(index))
        except BadImageError as error:
            raise RunError(f"{self.name(index)} cannot be read: {error}") from error

    def stack(self, indices: np.ndarray, *, title: str | None = None) -> np.ndarray:
        """Return uint8 [len(indices), h, w, c]."""
        return stack_in_threads(self, indices, title=title)

    def _example(self, index: int) -> dict[str, Any]:
        part = int(np.searchsorted(self._first, index, side="right")) - 1
        return self._parts[part][int(index - self._first[part])]

    def _scan(self, builder: Any, *, with_label: bool, with_size: bool) -> dict[str, list[Any]]:
        """Read every record once for what the index does not tell: labels, and the smallest image; cached."""
        if not with_label and not with_size:
            return {"labels": [], "smallest": []}
        info = Path(builder.data_dir) / "dataset_info.json"
        key = json.dumps([str(builder.data_dir), info.stat().st_mtime_ns, *(str(p.split) for p in self._parts)])
        key += f"{self._image_key},{self._label_key},{with_label},{with_size},{len(self)}"
        if (note := load_note("tfds", key)) is not None:
            return note

        def look(index: int) -> tuple[int, int]:
            example = self._example(index)
            side = _least_side(example[self._image_key]) if with_size else 0
            return (int(example[self._label_key]) if with_label else 0), side

        found = list(map_in_threads(look, range(len(self)), title="reading labels"))
        sides = [side for _, side in found]
        smallest = [[min(sides), sides.index(min(sides))]] if with_size else []
        note = {"labels": [label for label, _ in found] if with_label else [], "smallest": smallest}
        store_note("tfds", key, note)
        return note


def open_tfds(config: TfdsData, size: int | None) -> TfdsSource:
    """Open a prepared set.

    Raises:
      UserError: the set is not there, or in a format that cannot be read at random (the message holds the command
        that prepares it), or has no such split or feature.
    """
    root = _root(config)
    directory = _find(config, root)
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder_from_directory(str(directory))
        formats = {one.value for one in builder.info.available_file_formats()}
    except Exception as error:  # the readers of the metadata raise many kinds
        raise UserError(
            f"data set {config.name!r}: {directory} cannot be read ({_first_line(error)}). {_remedy(config, root)}"
        ) from error
    if "array_record" not in formats:
        raise UserError(
            f"data set {config.name!r} in {directory} is stored as {', '.join(sorted(formats)) or 'nothing known'}, "
            f"and only array_record can be read at random. Prepare it again in another folder. "
            f"{_remedy(config, root.with_name(root.name + '_array_record'))}"
        )
    return TfdsSource(builder, config, size)


def _root(config: TfdsData) -> Path:
    named = config.data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return Path(named).expanduser()


def _find(config: TfdsData, root: Path) -> Path:
    """Return ``root/name[/config]/version``, the newest version where none is named."""
    match = _NAME.fullmatch(config.name)
    if match is None:
        raise UserError(f"data.name={config.name!r} must look like cifar10, mnist:3.0.1 or name/config:1.0.0")
    name, wanted, version = match["name"], match["config"], match["version"]
    base = root / name
    if wanted is None and not _versions(base):
        configs = sorted(p.name for p in _folders(base) if _versions(p))
        wanted = configs[0] if len(configs) == 1 else _default_config(base)
        if wanted is None and configs:
            raise UserError(f"data.name={config.name!r} needs a config; {base} holds {', '.join(configs)}")
    base = base / wanted if wanted else base
    found = _versions(base)
    if version is None and found:
        return base / max(found, key=lambda text: tuple(map(int, text.split("."))))
    if version in found:
        return base / version
    there = f" {base} holds only version {', '.join(found)}." if found else ""
    raise UserError(f"data set {config.name!r} is not prepared in {root}.{there} {_remedy(config, root)}")


def _folders(path: Path) -> list[Path]:
    return [entry for entry in path.iterdir() if entry.is_dir()] if path.is_dir() else []


def _versions(path: Path) -> list[str]:
    names = (entry.name for entry in _folders(path) if (entry / "dataset_info.json").is_file())
    return sorted(name for name in names if re.fullmatch(r"\d+\.\d+\.\d+", name))


def _default_config(base: Path) -> str | None:
    """Return the config that TFDS noted as the default of a set, where that is prepared."""
    try:
        name = json.loads((base / ".config" / "metadata.json").read_text())["default_config_name"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and _versions(base / name) else None


def _remedy(config: TfdsData, root: Path) -> str:
    # TFDS 4.9.10 needs TensorFlow to encode images, and importlib_resources, which it does not ask for, to find its
    # own files. Its `tfds` command needs apache-beam as well, so that is not the one to name.
    code = (
        "import tensorflow_datasets as tfds; "
        f"tfds.builder('{config.name}', data_dir='{root}').download_and_prepare(file_format='array_record')"
    )
    install = "pip install tensorflow importlib_resources"
    return f'This prepares it, once, and needs TensorFlow for that alone: {install} && python -c "{code}"'


def _open_part(builder: Any, config: TfdsData, split: str, field: str) -> Any:
    import tensorflow_datasets as tfds

    _image_feature(builder, config)
    decoders = {config.image_key: tfds.decode.SkipDecoding()}
    try:
        part = builder.as_data_source(split, decoders=decoders)
        count = len(part)
    except (ValueError, KeyError, AssertionError, OSError, RuntimeError) as error:
        splits = ", ".join(builder.info.splits)
        raise UserError(
            f"{field}={split!r} of {config.name} cannot be opened ({_first_line(error)}); its splits: {splits}, "
            "or an expression such as train[:90%]"
        ) from error
    if not count:
        raise UserError(f"{field}={split!r} of {config.name} holds no image")
    return part


def _image_feature(builder: Any, config: TfdsData) -> Any:
    import tensorflow_datasets as tfds

    feature: Any = dict(builder.info.features).get(config.image_key)
    if not isinstance(feature, tfds.features.Image) or feature.np_dtype not in (np.uint8, np.uint16):
        images = [k for k, f in builder.info.features.items() if isinstance(f, tfds.features.Image)]
        raise UserError(
            f"data.image_key={config.image_key!r} is not an image feature of {config.name}; "
            f"it has {', '.join(images) or 'none'}"
        )
    return feature


def _label_feature(builder: Any, config: TfdsData) -> Any | None:
    """Return the feature that holds the class, or None where there are to be no labels."""
    if not config.labels:
        return None
    feature = dict(builder.info.features).get(config.label_key)
    if feature is None and config.label_key == _DEFAULTS.label_key:
        return None
    if feature is None or feature.shape != () or not np.issubdtype(feature.np_dtype, np.integer):
        raise UserError(
            f"data.label_key={config.label_key!r} is not a class of {config.name}, whose features are "
            f"{', '.join(sorted(builder.info.features))}; name another, or set data.labels=false"
        )
    return feature


def _least_side(data: bytes) -> int:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return min(image.size)
    except Image.UnidentifiedImageError:
        return 0


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
