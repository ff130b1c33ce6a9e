"""What a user can say about data; one dataclass a kind of source, told apart by ``kind``."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import pydantic
import tyro

from gen_jax.augment.policies import PolicyConfig, check_for_training
from gen_jax.augment.words import parse_policies, words_of
from gen_jax.counts import ImageCount

Resample = Literal["lanczos", "bicubic", "bilinear", "hamming", "box", "nearest"]
Channels = Literal[1, 3, 4]

Policies = Annotated[
    tuple[PolicyConfig, ...],
    tyro.constructors.PrimitiveConstructorSpec(
        nargs="*",
        metavar="POLICY ...",
        instance_from_str=parse_policies,
        is_instance=lambda value: isinstance(value, tuple),
        str_from_instance=words_of,
    ),
]
"""Random policies; on the command line a word each, such as ``horizontal_flip color_jitter=0.4``."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CommonData:
    """The choices that every kind of source has."""

    split: Literal["train", "validation", "test", "all"] = "train"
    """The part to use. Sources with an official test set keep it apart; the rest is cut by the shares below."""
    validation: float = 0.0
    """Share of the training part held out as validation, in [0, 1)."""
    test: float = 0.0
    """Share held out as test where the source has no test set of its own, in [0, 1)."""
    folds: int = 0
    """k of k-fold cross-validation; 0 means none. Fold ``fold`` is then the validation part."""
    fold: int = 0
    """Which fold is held out, in [0, folds)."""
    split_seed: int = 0
    """Seed of the splits; they are stratified by class where there are labels."""
    labels: bool = True
    """Use class labels where the source has them."""
    channels: Channels | None = None
    """1 grey, 3 RGB, 4 RGBA; left out, what the source has (alpha is laid over white)."""
    stacked: ImageCount = 0
    """Make so many images, each of three grey ones drawn at random with ``split_seed`` as its red, green and blue, of
    as many classes as there are triples (StackedMNIST: 1000); needs ``channels`` 1. 0: the images as they are."""
    crop: Literal["center", "stretch"] = "center"
    """How an image that is not square becomes so: cut its middle out, or squeeze it."""
    resample: Resample = "lanczos"
    """Filter of the resize; every one is antialiased but nearest."""
    on_small_image: Literal["stop", "enlarge"] = "stop"
    """What to do with an image smaller than the model's size."""
    mirror: bool = False
    """Flip each image left to right with probability one half, on the device."""
    augment: Policies = ()
    """Random edits of the training images, on the device, in their order; those that mix labels are for classifiers.
    A word each, such as ``horizontal_flip color_jitter=0.4,hue=0.1 random_affine=10,scale=0.9:1.1``; or a JSON list."""
    placement: Literal["auto", "device", "stream"] = "auto"
    """device: the whole set in accelerator memory; stream: read while training; auto: device where it fits."""

    def __post_init__(self) -> None:
        """Refuse policies that training cannot use."""
        check_for_training(self.augment, where="data.augment")


@dataclasses.dataclass(frozen=True, kw_only=True)
class EmbeddedData(CommonData):
    """10,000 training and 2,000 test images of Fashion-MNIST, shipped with the package."""

    kind: Literal["embedded"] = "embedded"


@dataclasses.dataclass(frozen=True, kw_only=True)
class TfdsData(CommonData):
    """A data set prepared by TensorFlow Datasets, read without TensorFlow."""

    name: str
    """Such as ``cifar10`` or ``mnist:3.0.1``, or ``name/config:version``."""
    kind: Literal["tfds"] = "tfds"
    data_dir: str | None = None
    """Folder that holds the prepared sets; left out, ``$TFDS_DATA_DIR`` or ``~/tensorflow_datasets``."""
    train_split: str = "train"
    """TFDS expression of the training part, such as ``train[:90%]`` or ``train+extra``."""
    test_split: str = "test"
    """TFDS expression of the test part."""
    image_key: str = "image"
    """Feature that holds the image."""
    label_key: str = "label"
    """Feature that holds the class."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FileData(CommonData):
    """What folders and zips of images share."""

    path: str
    """The folder or the .zip file."""
    on_bad_image: Literal["stop", "skip"] = "stop"
    """What to do with a file that cannot be read as an image."""
    max_bad_share: float = 0.01
    """With ``on_bad_image=skip``: the share of bad files above which the run still stops, in [0, 1]."""
    max_pixels: int = 100_000_000
    """An image of more pixels is taken for a decompression bomb and stops the run; at most 178,956,970."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FolderData(FileData):
    """A folder of PNG, JPEG or WebP images; subfolders or a ``dataset.json`` give the classes."""

    kind: Literal["folder"] = "folder"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ZipData(FileData):
    """The same, packed in one .zip file."""

    kind: Literal["zip"] = "zip"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArrayData(CommonData):
    """An ``.npy`` or ``.npz`` file of uint8 images [n, h, w] or [n, h, w, c]; ``gen-jax data pack`` makes one."""

    path: str
    """The file. An ``.npz`` holds ``images``; it may hold ``labels``, ``class_names`` and ``num_test``."""
    kind: Literal["array"] = "array"


@dataclasses.dataclass(frozen=True, kw_only=True)
class DrawnData(CommonData):
    """What data that are drawn by rule share: training never sees an image twice, nor one of the numbered ones."""

    images: ImageCount = 50_000
    """Numbered images, apart from those that train: what metrics compare with, and what an epoch counts."""
    test_images: ImageCount = 10_000
    """Further numbered images, kept for testing."""
    seed: int = 0
    """Another seed draws other images."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextureData(DrawnData):
    """Textures, drawn on the device inside the training step; ``gen-jax draw texture --list`` names them."""

    kind: Literal["texture"] = "texture"
    names: tuple[str, ...] = ()
    """Presets or textures, such as ``oak carrara clouds``; in turn, and each is a class."""
    output: Literal["color", "height", "normal", "mask"] = "color"
    """The picture, how far the surface stands out (grey), its slope as a normal map, or the mask (grey)."""
    tile: bool = True
    """Draw textures that continue at their own opposite edges."""
    vary: float = 1.0
    """How far the parameters of a preset move from image to image, as a multiple of its own variation; 0: none."""
    label: str = ""
    """In place of the name the class is this number of the texture, such as ``scale``, sorted into ``bins``; for one
    name alone."""
    bins: int = 8
    """Classes that the range of ``label`` is cut into."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LogoData(DrawnData):
    """Logos, designed on the host ahead of the step and drawn on the device; the family of a mark is its class."""

    kind: Literal["logo"] = "logo"
    families: tuple[str, ...] = ()
    """Families of marks, such as ``rosette``; left out, all. ``gen-jax draw logo --list`` names them."""
    variant: Literal["light", "dark", "one_color", "one_color_dark"] = "light"
    """The ground that the logos are made for; with ``channels`` 4 it is transparent."""


DataConfig = Annotated[
    EmbeddedData | TfdsData | FolderData | ZipData | ArrayData | TextureData | LogoData,
    pydantic.Field(discriminator="kind"),
]
