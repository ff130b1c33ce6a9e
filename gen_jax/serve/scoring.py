"""One address for everything: what a request asks for is in its query or its body, and the answer is waited for."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gen_jax.serve.access.gate import Gate
from gen_jax.serve.batching.admission import Admission
from gen_jax.serve.http.middleware import as_problem, problem_headers
from gen_jax.serve.http.receiving import check_head
from gen_jax.serve.memory import settle
from gen_jax.serve.problem import MEDIA_TYPE, Problem
from gen_jax.serve.reading.forms import read_edit, read_reconstruct
from gen_jax.serve.reading.json_body import read_json, read_native
from gen_jax.serve.requests import GenerateRequest, LogoRequest, TextureRequest
from gen_jax.serve.service import Service
from gen_jax.serve.settings import settings_from
from gen_jax.serve.work import Answer, Job

WORDS = ("generate", "edit", "texture", "logo", "reconstruct", "models", "operations")
"""What ``?do=`` may be."""

_JSON = "application/json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """A request before its body is read."""

    method: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    """Looked up without regard to case by the transport's own mapping."""
    read: Callable[[int], bytes]
    """Return at most so many bytes of the body."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scoring:
    """A service whose requests each have a thread, which waits for the answer."""

    service: Service
    gate: Gate
    admission: Admission

    @classmethod
    def open(cls, environment: Mapping[str, str]) -> Scoring:
        """Open the service that GEN_JAX_SERVE and AZUREML_MODEL_DIR describe, and warm it up.

        Raises:
          UserError: there is no run, or a setting cannot be met.
        """
        settings = settings_from(environment)
        service = Service.open(settings)
        service.warm_up()
        settle()
        return cls(service=service, gate=Gate(settings.access), admission=Admission(settings.limits))

    def answer(self, call: Call) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body; what nobody foresaw is in the log, and not in the answer."""
        try:
            made = self._answer(call)
            return 200, {**made.headers, "Content-Type": made.media_type}, made.body
        except Exception as error:
            problem = as_problem(error, call.headers.get("X-Request-Id") or uuid.uuid4().hex)
        headers = {name.decode().title(): value.decode() for name, value in problem_headers(problem)}
        return problem.status, {**headers, "Content-Type": MEDIA_TYPE}, problem.document().text()

    def _answer(self, call: Call) -> Answer:
        if call.method != "POST":
            raise Problem("method-not-allowed", f"the method is {call.method}; send POST")
        self.gate.check(call.headers.get("Authorization"))
        most = self.service.limits.body_bytes
        check_head({name.lower(): value for name, value in call.headers.items()}, most)
        with self.admission.request() as held:
            body = call.read(most + 1)
            if len(body) > most:
                raise Problem("content-too-large", f"the body has more than {most} bytes, which are allowed")
            held.hold(len(body))
            word = _word(call, body)
            if word == "models":
                return _json({"models": self.service.describe_models()})
            if word == "operations":
                return _json(self.service.describe_operations())
            return self.service.answer(self._job(word, call, body))

    def _job(self, word: str, call: Call, body: bytes) -> Job:
        service = self.service
        query = {name: values for name, values in call.query.items() if name != "do"}
        content_type, accept = call.headers.get("Content-Type") or _JSON, call.headers.get("Accept")
        if word == "edit":
            return service.edit(read_edit(content_type, query, body, service.limits, accept=accept))
        if word == "reconstruct":
            return service.reconstruct(read_reconstruct(content_type, query, body, service.limits, accept=accept))
        if word == "texture":
            return service.texture(read_native(TextureRequest, content_type, query, body, accept=accept))
        if word == "logo":
            return service.logo(read_native(LogoRequest, content_type, query, body, accept=accept))
        return service.generate(read_native(GenerateRequest, content_type, query, body, accept=accept))


def _word(call: Call, body: bytes) -> str:
    """Return what is asked for: what the query says, else an edit where there is an image, else images."""
    words = call.query.get("do", ())
    if words:
        if len(words) > 1 or words[0] not in WORDS:
            raise Problem("not-found", f"do is {','.join(words)[:64]!r}; it can be {', '.join(WORDS)}")
        return words[0]
    if (call.headers.get("Content-Type") or _JSON).partition(";")[0].strip().lower() != _JSON:
        return "edit"
    sent = read_json(body, what="the body")
    return "edit" if isinstance(sent, dict) and ("image" in sent or "edits" in sent) else "generate"


def _json(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode(), media_type=_JSON)
