"""What ``gen-jax evaluate`` does once its words are understood: sets, measures, tables, files."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gen_jax.cli.evaluate_options import EvaluateCommand
from gen_jax.errors import UserError
from gen_jax.evaluate import measures, page, report, sources
from gen_jax.evaluate.measures.memorization import closest_sheet
from gen_jax.evaluate.result import Evaluation, from_json, to_json
from gen_jax.evaluate.run import evaluate as measure_subject
from gen_jax.evaluate.sources import Choices, OpenSources, Sampling
from gen_jax.evaluate.subject import Progress, Subject
from gen_jax.io import files
from gen_jax.io.feature_networks import load_network
from gen_jax.io.images import save_image

log = logging.getLogger(__name__)

MOST_GENERATED = 50_000
"""Images generated where nothing is said: what the field reports distances on."""
MOST_WITHOUT_REFERENCE = 10_000


def evaluate(command: EvaluateCommand) -> None:
    """Measure every subject, print what was found, and then write what there is to write."""
    names = measures.parse(command.metrics)
    _check_out(command)
    with bars(shown=command.progress) as progress:
        # All of them are opened first: a misspelt one shall not cost the work on the others.
        subjects = [open_subject(text, command, progress) for text in command.subjects]
        for subject in subjects:
            measures.check(subject, names)
    done: list[Evaluation] = []
    for text, subject in zip(command.subjects, subjects, strict=True):
        with bars(shown=command.progress) as progress:
            subject.progress = progress
            done.append(measure_subject(subject, names, called=text))
    # Printed before anything is written, which a full disk may prevent.
    print(json.dumps([to_json(one) for one in done], indent=2) if command.json else report.table(done), flush=True)
    written = _write(done, subjects, command, sheets="memorization" in names)
    if written and not command.json:
        print("\n" + "\n".join(map(str, written)))


def _write(
    done: Sequence[Evaluation], subjects: Sequence[Subject], command: EvaluateCommand, *, sheets: bool
) -> list[Path]:
    """Write the files of an evaluation or a comparison; return where they are."""
    if len(done) == 1:
        written = _write_one(done[0], subjects[0], command)
    else:
        written = _write_page(done, Path(command.out or "comparison.html"))
    if sheets:
        written += [_write_sheet(subject, command, place=place) for place, subject in enumerate(subjects, 1)]
    return written


def open_subject(text: str, command: EvaluateCommand, progress: Progress) -> Subject:
    """Return a subject ready to be measured.

    Raises:
      UserError: no such run or images, or no real images to compare with.
    """
    sampling = Sampling(
        count=command.num or MOST_GENERATED,
        seed=command.seed,
        weights=command.weights,
        checkpoint=command.checkpoint,
        size=command.size,
        files=faults_of(command),
    )
    model = sources.open_model(text, sampling)
    generated = None if model is not None else sources.generated_elsewhere(text, sampling)
    own = None if model is None else model.experiment.data
    shape = model.networks.image_shape if model is not None else generated.image_shape  # type: ignore[union-attr]
    opened = OpenSources(own, shape=shape, limit=command.num_reference, seed=command.seed, files=faults_of(command))
    choices = Choices(reference=command.reference, train=command.train, held_out=command.held_out)
    needed = frozenset(role for name in measures.parse(command.metrics) for role in measures.MEASURES[name].needs)
    real = sources.real_sets(choices, opened, has_own=own is not None, needed=needed)
    if model is not None:
        count = command.num or min(MOST_GENERATED, real.reference.count if real.reference else MOST_WITHOUT_REFERENCE)
        generated = sources.generated_by(model, dataclasses.replace(sampling, count=count))
    assert generated is not None
    return Subject(
        generated=generated,
        model=model,
        network=load_network(
            command.features, weights=command.feature_weights, size=command.feature_size, images=shape[:2]
        ),
        seed=command.seed,
        batch=command.batch,
        latents=command.latents,
        keep=command.cache,
        progress=progress,
        reference=real.reference,
        train=real.train,
        held_out=real.held_out,
    )


def faults_of(command: EvaluateCommand) -> dict[str, str]:
    """Return what to do with files that are not as they should be, as fields of the data's configuration."""
    return {"on_bad_image": command.on_bad_image, "on_small_image": command.on_small_image}


@contextmanager
def bars(*, shown: bool) -> Iterator[Progress]:
    """Give a function that draws one progress bar a task, on stderr where that is a terminal."""
    from tqdm import tqdm

    shown_bars: dict[str, tqdm] = {}

    def progress(title: str, done: int, total: int) -> None:
        if title not in shown_bars:
            shown_bars[title] = tqdm(desc=title, unit="img", total=total, disable=None if shown else True, leave=False)
        shown_bars[title].update(done - shown_bars[title].n)

    try:
        yield progress
    finally:
        for bar in shown_bars.values():
            bar.close()


def _check_out(command: EvaluateCommand) -> None:
    """Refuse a place that cannot be written before the work begins."""
    if command.out is None:
        return
    path = Path(command.out).expanduser()
    if path.suffix.lower() not in ("", ".json", ".html") and not path.is_dir():
        raise UserError(f"--out {command.out}: give a .json or .html file, or a folder for both")
    folder = path.parent if path.suffix else path
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {command.out}: {error.strerror} to make {folder}; choose another place") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UserError(f"--out {command.out}: the folder {folder} may not be written; choose another place")


def _folder(subject: Subject, command: EvaluateCommand) -> Path | None:
    """Return where the files of one subject go; None where nothing was asked for and it is no run."""
    if command.out is not None:
        path = Path(command.out).expanduser()
        return path.parent if path.suffix else path
    return None if subject.model is None else subject.model.run.evaluations


def _stem(subject: Subject) -> str:
    seen = "images" if subject.model is None else f"{subject.model.images_seen:012d}"
    return f"{seen}-{subject.network.name}-n{subject.generated.count}-seed{subject.seed}"


def _write_one(evaluation: Evaluation, subject: Subject, command: EvaluateCommand) -> list[Path]:
    folder = _folder(subject, command)
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    asked = Path(command.out).expanduser() if command.out else None
    wanted = {".json", ".html"} if asked is None or not asked.suffix else {asked.suffix.lower()}
    stem = folder / _stem(subject) if asked is None or not asked.suffix else asked.with_suffix("")
    written = []
    if ".json" in wanted:
        path = stem.with_name(stem.name + ".json")
        files.write_json(path, to_json(_joined(path, evaluation)))
        written.append(path)
    if ".html" in wanted and asked is not None:
        path = stem.with_name(stem.name + ".html")
        files.write_text(path, page.render([evaluation], title=evaluation.subject))
        written.append(path)
    return written


def _joined(path: Path, evaluation: Evaluation) -> Evaluation:
    """Keep what an earlier evaluation of the same sets measured besides."""
    try:
        old = from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return evaluation
    if json.loads(json.dumps(old.sets)) != json.loads(json.dumps(evaluation.sets)):
        return evaluation
    new = {result.key for result in evaluation.results}
    labels = {result.features for result in evaluation.results}
    kept = tuple(result for result in old.results if result.key not in new and result.features in labels)
    return dataclasses.replace(evaluation, results=(*kept, *evaluation.results))


def _write_sheet(subject: Subject, command: EvaluateCommand, *, place: int) -> Path:
    folder = _folder(subject, command) or Path(".")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{_stem(subject)}-closest.png" if subject.model is not None else f"closest-{place}.png"
    save_image(folder / name, closest_sheet(subject))
    return folder / name


def _write_page(done: Sequence[Evaluation], out: Path) -> list[Path]:
    out = out.expanduser() if out.suffix else out.expanduser() / "comparison.html"
    writers: dict[str, Callable[[Path], None]] = {
        ".html": lambda path: files.write_text(path, page.render(done, title="Comparison")),
        ".json": lambda path: files.write_json(path, [to_json(evaluation) for evaluation in done]),
    }
    written = []
    for suffix, write in writers.items():
        path = out.with_suffix(suffix)
        write(path)
        written.append(path)
    return written
