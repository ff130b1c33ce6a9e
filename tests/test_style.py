"""The shape of the code: what ruff cannot see (sizes, machine paths, what configs and pages say).

Docstrings, annotations and print() are ruff's: rules D, ANN and T20 in pyproject.toml.
"""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen_jax.experiment import KINDS, OptimConfig, TrainConfig
from gen_jax.parallel import Distributed

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "gen_jax"

MOST_LINES = 400
MOST_LINES_IN_FUNCTION = 60
MOST_POSITIONAL = 5


def sources() -> list[Path]:
    """Every Python file of the project, tests and benchmarks included."""
    folders = ("gen_jax", "configs", "tests", "benchmarks", "scripts")
    return [*sorted(REPOSITORY.glob("*.py")), *(path for name in folders for path in sorted_files(name, "*.py"))]


def pages() -> list[Path]:
    """Every page of documentation."""
    return [*sorted(REPOSITORY.glob("*.md")), *sorted_files("docs", "*.md")]


def sorted_files(folder: str, pattern: str) -> list[Path]:
    return sorted((REPOSITORY / folder).rglob(pattern))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the parameters that may be passed by position, self and cls not counted."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function less those of the functions inside it, which are counted on their own."""
    inner = {
        line
        for node in ast.walk(function)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not function
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return (function.end_lineno or function.lineno) - function.lineno + 1 - len(inner)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(REPOSITORY)}:{line}"


def test_a_file_is_at_most_400_lines() -> None:
    long = {str(path.relative_to(REPOSITORY)): len(path.read_text().splitlines()) for path in sources()}
    long = {path: lines for path, lines in long.items() if lines > MOST_LINES}
    assert not long, f"split these into one story a file: {long}"


def test_a_function_is_at_most_60_lines() -> None:
    long = [
        f"{place(path, function.lineno)}: {function.name} has {own_lines(function)} lines"
        for path in sources()
        for function in functions(path)
        if own_lines(function) > MOST_LINES_IN_FUNCTION
    ]
    assert not long, "\n" + "\n".join(long)


def test_a_function_takes_at_most_5_positional_parameters() -> None:
    many = [
        f"{place(path, function.lineno)}: {function.name} takes {positional(function)}; make the options keyword-only"
        for path in sorted(PACKAGE.rglob("*.py"))
        for function in functions(path)
        if positional(function) > MOST_POSITIONAL
    ]
    assert not many, "\n" + "\n".join(many)


def test_every_folder_of_the_package_is_a_package() -> None:
    """One without ``__init__.py`` works here and is left out of the wheel."""
    missing = [
        folder for folder in {path.parent for path in PACKAGE.rglob("*.py")} if not (folder / "__init__.py").exists()
    ]
    assert not missing


def test_nothing_names_a_folder_of_one_machine() -> None:
    machine = re.compile(r"(?<![\w.~])/(?:home|root|work|Users)/\w+")
    files = [*sources(), *pages(), REPOSITORY / "Makefile", REPOSITORY / "pyproject.toml", REPOSITORY / ".ci" / "run"]
    found = [
        f"{place(path, number)}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if machine.search(line)
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("config", sorted_files("configs", "*.py"), ids=lambda path: path.stem)
def test_a_config_says_its_command(config: Path) -> None:
    docstring = ast.get_docstring(ast.parse(config.read_text())) or ""
    command = f"gen-jax sweep {config.stem}" if config.parent.name == "sweeps" else f"train.py {config.stem}"
    assert command in docstring, "the docstring says the command, the expected result and the cost"


def test_links_between_the_pages_lead_somewhere() -> None:
    dead = []
    for page in pages():
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if "://" not in target and not target.startswith("#"):
                file = page.parent / target.split("#")[0]
                if not file.exists():
                    dead.append(f"{page.relative_to(REPOSITORY)}: {target}")
    assert not dead, "\n" + "\n".join(dead)


def test_every_option_that_the_pages_name_exists() -> None:
    known = {"train": field_names(TrainConfig), "optim": field_names(OptimConfig)}
    known["distributed"] = field_names(Distributed)
    for section, kinds in KINDS.items():
        known[section] = set().union(*(field_names(kind) for kind in kinds.values()))
    unknown = [
        f"{page.relative_to(REPOSITORY)}: --{section}.{field}"
        for page in pages()
        for section, field in re.findall(r"--(\w+)\.(no-\w+|[a-z]\w*)", page.read_text())
        if section in known and field.removeprefix("no-") not in known[section]
    ]
    assert not unknown, "\n" + "\n".join(unknown)


def field_names(config: type) -> set[str]:
    return {field.name for field in dataclasses.fields(config)}
