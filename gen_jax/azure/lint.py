"""All complaints about files of Azure Machine Learning: what reading shows, what the SDK says, what our rules find."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gen_jax.azure.complaint import Complaint, Finding, dotted
from gen_jax.azure.documents import Document, read
from gen_jax.azure.kinds import kind_of
from gen_jax.azure.loading import require_sdk, sdk_findings
from gen_jax.azure.rules import ADVICE, RULES
from gen_jax.azure.rules.together import registered, version_findings
from gen_jax.errors import UserError

SKIPPED_FOLDERS = ("node_modules", "__pycache__")


@dataclasses.dataclass(frozen=True)
class Report:
    """What a look over some files gave."""

    complaints: tuple[Complaint, ...]
    checked: tuple[str, ...]
    """The files that were checked."""
    left_alone: tuple[str, ...]
    """YAML files that are none of Azure Machine Learning's, such as conda files."""


def lint(paths: Sequence[Path | str], *, advice: bool = False) -> Report:
    """Check files, and every ``.yml`` and ``.yaml`` file below folders; nothing goes over a network.

    Args:
      paths: files and folders.
      advice: also say what Azure accepts and an experienced person would do otherwise.

    Raises:
      UserError: a path does not exist, or azure-ai-ml is not installed.
    """
    require_sdk()
    looked_at = [(read(path), named) for path, named in _files(paths)]
    ours = [(document, kind_of(document.data)) for document, named in looked_at if _is_ours(document, named)]
    known = registered((document, kind) for document, kind in ours if kind is not None)
    complaints: list[Complaint] = []
    for document, kind in ours:
        found = document_findings(document, kind, advice=advice)
        found += version_findings(document, known) if kind is not None else ()
        complaints += sorted(_complaint(finding, document) for finding in found)
    checked = tuple(str(document.path) for document, _ in ours)
    left_alone = tuple(str(document.path) for document, named in looked_at if not _is_ours(document, named))
    return Report(tuple(complaints), checked, left_alone)


def _is_ours(document: Document, named: bool) -> bool:
    """Tell a file to check from one to leave alone; one that is broken may be anything, unless the user named it."""
    broken = document.data is None and bool(document.findings)
    return kind_of(document.data) is not None or (broken and (named or _says_azure(document)))


def _says_azure(document: Document) -> bool:
    return "azuremlschemas" in document.path.read_text(encoding="utf-8", errors="replace")


def document_findings(document: Document, kind: str | None, *, advice: bool = False) -> list[Finding]:
    """Return what is wrong with one file; where a rule speaks of a key, or of one below it, the SDK is not heard."""
    found = list(document.findings)
    if kind is None:
        return found
    for rule in (*RULES, *(ADVICE if advice else ())):
        found += rule(document, kind)
    known = {finding.key[:end] for finding in found for end in range(1, len(finding.key) + 1)}
    found += [
        finding for finding in sdk_findings(document, kind) if finding.key not in known and (finding.key or not found)
    ]
    return list(dict.fromkeys(found))


def _complaint(finding: Finding, document: Document) -> Complaint:
    line = document.line(finding.key)
    return Complaint(str(document.path), line, dotted(finding.key), finding.reason, finding.remedy)


def _files(paths: Iterable[Path | str]) -> Iterator[tuple[Path, bool]]:
    """Yield each file once, and whether the user named it."""
    seen: set[Path] = set()
    for path in map(Path, paths):
        if not path.exists():
            raise UserError(f"{path}: there is no such file or folder")
        for file in [path] if path.is_file() else sorted(_below(path)):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, path.is_file()


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in SKIPPED_FOLDERS for part in parts)
        if path.suffix in (".yml", ".yaml") and path.is_file() and not hidden:
            yield path
