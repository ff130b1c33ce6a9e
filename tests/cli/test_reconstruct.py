"""``gen-jax reconstruct RUN photos/``: pairs or files, from the run's own encoder and decoder."""

import dataclasses

import jax
import numpy as np
import pytest
from PIL import Image

from gen_jax.cli.main import dispatch
from gen_jax.errors import UserError
from gen_jax.io.models import load_model
from gen_jax.metrics.psnr import psnr
from tests.saved_run import GAN, VAE, save_run

CONDITIONAL = dataclasses.replace(VAE, model=dataclasses.replace(VAE.model, conditional=True))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with runs of a VAE, a conditional one and a GAN, and three images of several sizes."""
    folder = tmp_path_factory.mktemp("place")
    for name, experiment in (("vae", VAE), ("classes", CONDITIONAL), ("gan", GAN)):
        save_run(folder / name, experiment, 100)
    (folder / "shots" / "more").mkdir(parents=True)
    generator = np.random.default_rng(0)
    for name, shape in (("a.png", (20, 30, 3)), ("b.png", (16, 16)), ("more/c.png", (9, 12))):
        Image.fromarray(generator.integers(0, 256, shape, np.uint8)).save(folder / "shots" / name)
    return folder


@pytest.fixture
def reconstruct(place, tmp_path, monkeypatch):
    """Run the command in the folder of the test, on the shots."""
    monkeypatch.chdir(tmp_path)
    return lambda run, *words: dispatch(["reconstruct", str(place / run), str(place / "shots"), *words])


def _expected(place, name):
    """The image as the model takes it, and what its networks make of it on their own."""
    model = load_model(place / "vae")
    original = model.fitted(np.atleast_3d(np.asarray(Image.open(place / "shots" / name))))

    @jax.jit
    def there_and_back(weights, images):
        bound = model.bind(weights)
        return bound.decode(bound.encode(images, None), None)

    decoded = np.asarray(there_and_back(model.weights, original[None].astype(np.float32) / 127.5 - 1.0))
    return original[..., 0], np.clip(np.round((decoded[0, ..., 0] + 1.0) * 127.5), 0, 255)


def test_a_sheet_holds_pairs_and_a_folder_the_reconstructions(place, reconstruct, tmp_path, capsys):
    assert reconstruct("vae", "--out", "pairs.png") == 0
    assert reconstruct("vae", "--out", "out/", "--batch", "1") == 0
    sheet = np.asarray(Image.open(tmp_path / "pairs.png"))
    made = {name: np.asarray(Image.open(tmp_path / "out" / name)) for name in ("a.png", "b.png", "more/c.png")}
    original, expected = _expected(place, "a.png")
    np.testing.assert_array_equal(sheet[:16, :16], original)
    np.testing.assert_array_equal(sheet[:16, 16:32], made["a.png"])
    np.testing.assert_allclose(made["a.png"].astype(int), expected, atol=1)
    assert len({image.tobytes() for image in made.values()}) == 3
    nearness = psnr(sheet[:16, 16:32, None], sheet[:16, :16, None]).mean
    told = capsys.readouterr().out.splitlines()[1]
    assert told.startswith("3 images, PSNR ") and told.endswith(": out")
    least, most = (float(word) for word in told.split("(")[1].split(")")[0].split(" to "))
    assert least - 0.01 <= nearness <= most + 0.01


@pytest.mark.parametrize(
    ("run", "words", "complaint"),
    [
        ("gan", [], "dcgan has no encoder"),
        ("classes", [], "give --class, of Shirt, Bag, 7"),
        ("vae", ["--class", "Bag"], "--class Bag: the model vae was trained without classes"),
        ("vae", ["absent.png"], "absent.png: there is no such file"),
        ("vae", ["broken.png"], "broken.png: not an image"),
        ("vae", ["--out", "pairs.txt"], "suffix of --out pairs.txt:"),
        ("vae", ["mine.png", "--out", "mine.png"], "mine.png: is one of the images"),
        ("vae", ["--batch", "0"], "--batch 0: must be 1 or more"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(reconstruct, tmp_path, run, words, complaint):
    (tmp_path / "broken.png").write_bytes(b"no image")
    Image.new("L", (16, 16)).save(tmp_path / "mine.png")
    before = (tmp_path / "mine.png").read_bytes()
    with pytest.raises(UserError, match=complaint) as error:
        reconstruct(run, *words)
    assert "\n" not in str(error.value)
    assert {path.name for path in tmp_path.iterdir()} == {"broken.png", "mine.png"}
    assert (tmp_path / "mine.png").read_bytes() == before


def test_the_run_and_the_images_are_both_asked_for(place):
    with pytest.raises(UserError, match="name a run and then the images"):
        dispatch(["reconstruct", str(place / "vae")])
