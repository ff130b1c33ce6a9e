"""``${{...}}``: every expression names something that is declared, in a place where Azure puts it in."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from gen_jax.azure.blocks import Command, Map, commands, component_of, mapping, pipelines
from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document, read

EXPRESSION = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")
BROKEN = re.compile(
    r"\$?\{+\s*(?:parent\.)?(?:inputs?|outputs?|search_space|jobs)\.[\w.]*\s*\}*"
    r"|(?:parent\.)?(?:inputs|outputs|search_space)\.[\w.]+\s*\}\}|\$\{\{"
)
BRACKETS = re.compile(r"\$\[\[.*?\]\]", re.DOTALL)
SERVER = ("name", "output_name", "default_datastore", "experiment_name")
"""Names that Azure fills in on its side, in the paths of outputs (learn.microsoft.com, "concept-expressions")."""


ON_SCHEDULE = (*SERVER, "creation_context.trigger_time")
"""Names that Azure fills in when a schedule starts its job (how-to-schedule-pipeline-job)."""


def broken_expressions(document: Document, kind: str) -> Iterator[Finding]:
    """``${inputs.x}}`` has a brace too few: Azure hands it on as it is, and the program sees it."""
    if kind not in ("job", "component", "schedule", "batch deployment"):
        return
    for key, value in document.leaves():
        rest = EXPRESSION.sub("", value) if isinstance(value, str) else ""
        for match in BROKEN.finditer(rest):
            yield Finding(key, f"{match[0].strip()!r} is not a whole expression", "write ${{inputs.NAME}}")


def command_expressions(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK does not compare the names in a command with what is declared: the job fails once it runs."""
    for command in commands(document, kind):
        line = command.data.get("command")
        if not isinstance(line, str):
            continue
        for name in EXPRESSION.findall(line):
            finding = _in_command(name, command, (*command.at, "command"))
            if finding is not None:
                yield finding


def _in_command(name: str, command: Command, key: Key) -> Finding | None:
    scope, _, rest = name.partition(".")
    declared = {"inputs": command.inputs, "outputs": command.outputs, "search_space": command.search_space}
    if scope == "search_space" and not command.search_space:
        return Finding(key, f"${{{{{name}}}}} stands outside a sweep", "declare an input and use ${{inputs.NAME}}")
    if scope in declared:
        return _declared(key, name, rest.split(".")[0], declared[scope], f"`{scope}`")
    if scope in SERVER and not rest:
        return None
    if scope == "parent":
        reason = f"${{{{{name}}}}} stands in a command"
        return Finding(key, reason, "bind it to an input of the step, and use ${{inputs.NAME}} here")
    return Finding(key, f"${{{{{name}}}}} is nothing that Azure knows", _perhaps(scope, declared, "${{inputs.NAME}}"))


def _declared(key: Key, name: str, part: str, there: Map, where: str) -> Finding | None:
    if part in there:
        return None
    known = f"; {where} has {', '.join(map(str, there))}" if there else f"; {where} has nothing"
    return Finding(key, f"${{{{{name}}}}} is not declared{known}", _perhaps(part, there, f"declare it in {where}"))


def _perhaps(name: str, names: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, [str(other) for other in names], n=1)
    return f"perhaps you meant {near[0]!r}" if near else otherwise


def optional_inputs(document: Document, kind: str) -> Iterator[Finding]:
    """An optional input that is not given leaves ``${{...}}`` as text, unless it stands inside ``$[[ ]]``."""
    for command in commands(document, kind):
        line = command.data.get("command")
        if not isinstance(line, str):
            continue
        key = (*command.at, "command")
        if not command.is_component and "$[[" in line:
            yield Finding(key, "$[[ ]] stands in a job: it works in components only", "make a component of it")
        if line.count("$[[") != len(BRACKETS.findall(line)):
            yield Finding(key, "a $[[ has no ]]", "close it")
        for name in EXPRESSION.findall(BRACKETS.sub("", line)):
            scope, _, part = name.partition(".")
            value = command.inputs.get(part) if scope == "inputs" else None
            if command.is_component and isinstance(value, dict) and value.get("optional") is True:
                yield Finding(key, f"{name} is optional, and used as if it were always there",
                              f"write $[[--{part} ${{{{{name}}}}}]]")  # fmt: skip


def step_expressions(document: Document, kind: str) -> Iterator[Finding]:
    """The SDK does not compare what a step is bound to with what the pipeline has."""
    for pipeline in pipelines(document, kind):
        for key, _, step in pipeline.steps():
            for at, value in document.leaves(key):
                inside = at[len(key) : len(key) + 1]
                if not isinstance(value, str) or inside in (("command",), ("jobs",), ("component",), ("trial",)):
                    continue
                for name in EXPRESSION.findall(value):
                    finding = _in_step(document, pipeline, (at, name, step))
                    if finding is not None:
                        yield finding


def _in_step(document: Document, pipeline: object, place: tuple[Key, str, Map]) -> Finding | None:
    key, name, step = place
    inputs, outputs, jobs = (getattr(pipeline, part) for part in ("inputs", "outputs", "jobs"))
    parts = name.split(".")
    if parts[:2] == ["parent", "inputs"] and len(parts) > 2:
        return _declared(key, name, parts[2], inputs, "`inputs` of the pipeline")
    if parts[:2] == ["parent", "outputs"] and len(parts) > 2:
        return _declared(key, name, parts[2], outputs, "`outputs` of the pipeline")
    if parts[:2] == ["parent", "jobs"] and len(parts) > 2:
        return _other_step(document, key, parts, jobs)
    if parts[0] in ("inputs", "outputs", "search_space") and len(parts) > 1:
        return (
            None if component_like(step) else _declared(key, name, parts[1], mapping(step, parts[0]), f"`{parts[0]}`")
        )
    if name in SERVER:
        return None
    if parts[0] == "jobs":
        return Finding(key, f"${{{{{name}}}}} lacks the word parent", f"write ${{{{parent.{name}}}}}")
    near = _perhaps(parts[0], ("parent", "inputs", "outputs"), "write ${{parent.inputs.NAME}}")
    return Finding(key, f"${{{{{name}}}}} is nothing that Azure knows", near)


def step_outputs(document: Document, kind: str) -> Iterator[Finding]:
    """An output of a step is bound as a whole: there is nothing that joins texts."""
    for pipeline in pipelines(document, kind):
        for key, _, step in pipeline.steps():
            for name, value in mapping(step, "outputs").items():
                if isinstance(value, str) and not EXPRESSION.fullmatch(value.strip()):
                    yield Finding((*key, "outputs", name), f"{value!r} is not one whole expression",
                                  "write ${{parent.outputs.NAME}}")  # fmt: skip


def component_like(step: Map) -> bool:
    """Whether what a step declares is in a component, and not in the step."""
    return "component" in step


def _other_step(document: Document, key: Key, parts: list[str], jobs: Map) -> Finding | None:
    """Check ``parent.jobs.STEP.outputs.NAME``."""
    name = ".".join(parts)
    found = _declared(key, name, parts[2], jobs, "`jobs`")
    if found is not None:
        return found
    if len(parts) < 5 or parts[3] not in ("outputs", "inputs"):
        return Finding(key, f"${{{{{name}}}}} is not whole", "write ${{parent.jobs.STEP.outputs.NAME}}")
    if key[: len(key)] and parts[2] in key and key[key.index(parts[2]) - 1] == "jobs":
        return Finding(key, f"${{{{{name}}}}} names the step that it stands in", "name the step that comes before")
    step = jobs[parts[2]]
    if not isinstance(step, dict):
        return None
    there = dict(mapping(step, parts[3]))
    if "component" in step or "trial" in step:
        component = component_of(document, step.get("component") or step.get("trial"))
        if component is None:
            return None
        there |= mapping(component, parts[3])
    elif step.get("type") in ("automl", "data_transfer"):
        return None
    return _declared(key, name, parts[4], there, f"`{parts[3]}` of {parts[2]}")


def pipeline_outputs(document: Document, kind: str) -> Iterator[Finding]:
    """An output of the pipeline that no step writes stays empty."""
    for pipeline in pipelines(document, kind):
        bound = " ".join(
            str(value) for key, _, _ in pipeline.steps() for _, value in document.leaves(key) if isinstance(value, str)
        )
        for name, value in pipeline.outputs.items():
            is_bound = isinstance(value, str) or re.search(rf"parent\.outputs\.{re.escape(str(name))}\b", bound)
            if not is_bound:
                yield Finding((*pipeline.at, "outputs", name), "no step writes this output",
                              f"bind the output of a step to ${{{{parent.outputs.{name}}}}}")  # fmt: skip


def search_space_used(document: Document, kind: str) -> Iterator[Finding]:
    """A hyper-parameter that no trial uses is paid for in trials and changes nothing."""
    for command in commands(document, kind):
        used = " ".join(str(value) for _, value in document.leaves(command.at) if isinstance(value, str))
        for name in command.search_space:
            if f"search_space.{name}" not in used:
                yield Finding((*command.scope, "search_space", name), "the trial does not use it",
                              f"put ${{{{search_space.{name}}}}} into the command")  # fmt: skip


def scopes_elsewhere(document: Document, kind: str) -> Iterator[Finding]:
    """Outside pipelines only outputs have a path that Azure fills in, and only with names of its own."""
    if kind not in ("job", "component") or "jobs" in document.data:
        return
    for key, value in document.leaves():
        if not isinstance(value, str) or key[-1] == "command" or "description" in key or "tags" in key:
            continue
        for name in EXPRESSION.findall(value):
            scope = name.split(".")[0]
            if scope == "parent":
                yield Finding(
                    key, f"${{{{{name}}}}} stands outside a pipeline", "only steps of a pipeline have a parent"
                )
            elif scope not in ("inputs", "outputs", "search_space") and name not in SERVER:
                yield Finding(key, f"${{{{{name}}}}} is nothing that Azure knows", f"known are {', '.join(SERVER)}")


def schedule_inputs(document: Document, kind: str) -> Iterator[Finding]:
    """A schedule may give its job other inputs: they must be there, and their expressions known."""
    given = mapping(document.data, "create_job")
    if kind != "schedule" or not given:
        return
    job = document.folder / str(given.get("job", "")).removeprefix("file:")
    declared = mapping(read(job).data, "inputs") if job.is_file() else None
    for name, value in mapping(given, "inputs").items():
        key = ("create_job", "inputs", name)
        if declared is not None and name not in declared:
            known = ", ".join(map(str, declared)) or "nothing"
            yield Finding(key, f"the job has no input {name!r}", f"it takes {known}")
        for expression in EXPRESSION.findall(value) if isinstance(value, str) else ():
            if expression not in ON_SCHEDULE:
                yield Finding(
                    key, f"${{{{{expression}}}}} is nothing that Azure knows", f"known are {', '.join(ON_SCHEDULE)}"
                )


RULES = (
    schedule_inputs,
    broken_expressions,
    command_expressions,
    optional_inputs,
    step_expressions,
    step_outputs,
    pipeline_outputs,
    search_space_used,
    scopes_elsewhere,
)
