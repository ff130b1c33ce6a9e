"""A run comes home whole: resumed after a cut, nothing newer overwritten, and loaded once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("azure.ai.ml")

from gen_jax.azure import fetching
from gen_jax.azure.fetching import fetch, where
from gen_jax.azure.storage import BlobStore, Place, place_of, run_place
from gen_jax.errors import RunError, UserError
from tests.azure.fake_workspace import FakeStore, FakeWorkspace, job
from tests.saved_run import GAN, save_run

PLACE = Place("workspaceblobstore", "gen_jax/runs/photos")
LAST_WEEK, YESTERDAY = 1_760_000_000.0, 1_760_500_000.0


def remote(**more: bytes) -> FakeStore:
    """Return a run with one checkpoint, as files of a datastore."""
    names = {
        "config.json": b"{}", "metrics.jsonl": b'{"images": 1}\n', "checkpoints/6400/manifest.json": b"{ }",
        "checkpoints/6400/ema/data": bytes(1000), "checkpoints/6400/empty": b"", ".lock": b"12",
        "checkpoints/.6400.abc.tmp": b"half", **more,
    }  # fmt: skip
    return FakeStore({f"{PLACE.folder}/{name}": (data, LAST_WEEK) for name, data in names.items()})


def here(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "verify", lambda out: 6400)


@pytest.mark.usefixtures("unverified")
def test_every_file_comes_but_locks_and_halves_and_the_second_time_none(tmp_path: Path) -> None:
    store, arrived = remote(), []
    done = fetch(store, PLACE, tmp_path / "photos", progress=arrived.append)
    wanted = {name.removeprefix(f"{PLACE.folder}/"): data for name, (data, _) in store.files.items()}
    assert here(tmp_path / "photos") == {name: data for name, data in wanted.items() if "/." not in f"/{name}"}
    assert done.bytes == sum(arrived) == sum(map(len, here(tmp_path / "photos").values()))
    again = fetch(store, PLACE, tmp_path / "photos")
    assert (again.files, again.there) == (0, done.files)


@pytest.mark.usefixtures("unverified")
def test_an_interrupted_fetch_leaves_whole_files_no_run_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "WORKERS", 1)
    store = remote()
    store.break_after = 2
    with pytest.raises(KeyboardInterrupt):
        fetch(store, PLACE, tmp_path)
    cut = here(tmp_path)
    assert len(cut) == 2 and "config.json" not in cut, "a part of a run is not taken for a run"
    assert all(store.files[f"{PLACE.folder}/{name}"][0] == data for name, data in cut.items())
    first = list(store.read_names)
    store.break_after = None
    fetch(store, PLACE, tmp_path)
    assert not set(store.read_names[len(first) :]) & set(first), "what is here is not fetched again"
    assert "config.json" in here(tmp_path)


@pytest.mark.usefixtures("unverified")
def test_a_file_that_arrives_in_part_is_absent(tmp_path: Path) -> None:
    store = remote()
    store.cut = "checkpoints/6400/ema/data"
    with pytest.raises(RunError, match="500 of 1000 bytes"):
        fetch(store, PLACE, tmp_path)
    assert not (tmp_path / "checkpoints/6400/ema/data").exists()
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.usefixtures("unverified")
def test_what_changed_in_azure_comes_again(tmp_path: Path) -> None:
    store = remote()
    fetch(store, PLACE, tmp_path)
    store.files[f"{PLACE.folder}/metrics.jsonl"] = (b'{"images": 1}\n{"images": 2}\n', YESTERDAY)
    assert fetch(store, PLACE, tmp_path).files == 1
    assert (tmp_path / "metrics.jsonl").read_bytes().endswith(b"2}\n")


@pytest.mark.usefixtures("unverified")
def test_a_newer_run_here_is_not_overwritten_unless_asked_for(tmp_path: Path) -> None:
    store = remote()
    fetch(store, PLACE, tmp_path)
    (tmp_path / "checkpoints/12800").mkdir()
    (tmp_path / "checkpoints/12800/manifest.json").write_text("{}")
    before = here(tmp_path)
    with pytest.raises(UserError, match=r"12800 images against 6400.*--overwrite"):
        fetch(store, PLACE, tmp_path)
    assert here(tmp_path) == before
    fetch(store, PLACE, tmp_path, overwrite=True)
    assert not (tmp_path / "checkpoints/12800").exists(), "a newer checkpoint would hide what was fetched"


@pytest.mark.usefixtures("unverified")
def test_a_file_that_was_changed_here_stays_and_is_named(tmp_path: Path) -> None:
    store, said = remote(**{"report.html": b"old"}), []
    fetch(store, PLACE, tmp_path)
    (tmp_path / "report.html").write_text("made anew")
    fetch(store, PLACE, tmp_path, say=said.append)
    assert (tmp_path / "report.html").read_text() == "made anew" and "report.html" in said[0]
    fetch(store, PLACE, tmp_path, overwrite=True)
    assert (tmp_path / "report.html").read_text() == "old"


@pytest.mark.parametrize(
    ("names", "reason"), [((), "is empty"), (("notes.txt",), "holds no run"), (("../config.json",), "is empty")]
)
def test_a_folder_without_a_run_is_refused(tmp_path: Path, names: tuple[str, ...], reason: str) -> None:
    store = FakeStore({f"{PLACE.folder}/{name}": (b"x", LAST_WEEK) for name in names})
    with pytest.raises(UserError, match=reason):
        fetch(store, PLACE, tmp_path / "out")
    assert not (tmp_path / "out").exists() and not (tmp_path / "config.json").exists()


def test_a_run_that_came_home_loads_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    run = save_run(tmp_path / "azure", GAN, 6400)
    files = {f"{PLACE.folder}/{name}": (data, LAST_WEEK) for name, data in here(run.path).items()}
    assert fetch(FakeStore(files), PLACE, tmp_path / "home").images == 6400
    [damaged] = [name for name in files if "/ema/" in name and name.endswith("manifest.ocdbt")][:1]
    files[damaged] = (b"x" + files[damaged][0][1:], YESTERDAY)
    with pytest.raises(RunError, match="cannot be loaded"):
        fetch(FakeStore(files), PLACE, tmp_path / "home")


def output(path: str) -> SimpleNamespace:
    return SimpleNamespace(path=path, type="uri_folder")


def test_a_job_says_where_its_run_lies() -> None:
    long = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/store/paths/gen_jax/runs/"
    workspace = FakeWorkspace(a=job("photos-1", "Completed", key="photos", outputs={"runs": output(long)}))
    assert where(workspace, "photos", None) == ("photos", Place("store", "gen_jax/runs/photos"))
    assert where(workspace, "photos-1", None)[0] == "photos"
    given = "azureml://datastores/mine/paths/a"
    assert where(FakeWorkspace(), "photos", given) == ("photos", Place("mine", "a/photos"))
    # A pipeline's outputs are its steps': the shipped jobs' folder is taken.
    workspace = FakeWorkspace(a=job("photos-1", "Completed", key="photos"))
    assert where(workspace, "photos", None) == ("photos", PLACE)


def test_an_address_that_is_no_datastore_is_refused() -> None:
    assert run_place(job("a", "Failed", outputs={"run": output("https://a/b")}), "key") is None
    with pytest.raises(UserError, match="no folder of a datastore"):
        place_of("https://account.blob.core.windows.net/c/runs")


def test_entries_of_folders_are_no_files() -> None:
    blob = {"size": 0, "last_modified": None, "metadata": {}}
    blobs = [
        SimpleNamespace(**{**blob, "name": "runs/a/checkpoints", "metadata": {"hdi_isfolder": "true"}}),
        SimpleNamespace(**{**blob, "name": "runs/a/config.json"}),
    ]
    asked: list[str] = []

    def list_blobs(name_starts_with: str, include: list[str]) -> list[SimpleNamespace]:
        asked.append(name_starts_with)
        return blobs

    found = list(BlobStore(SimpleNamespace(list_blobs=list_blobs)).list("runs/a"))
    assert [file.name for file in found] == ["config.json"] and asked == ["runs/a/"]
