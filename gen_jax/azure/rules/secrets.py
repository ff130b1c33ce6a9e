"""Secrets in files: keys, tokens, passwords, connection strings, signed URLs. Identities take their place."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.complaint import Finding, Key
from gen_jax.azure.documents import Document

NAMES = re.compile(
    r"(?:^|[_\-.])(?:secret|secrets|password|passwd|pwd|passphrase|token|pat|credential|credentials|sas|"
    r"(?:api|access|account|storage|private|subscription|admin|auth|shared|encryption|client)[_\-]?(?:key|secret)s?|"
    r"connection[_\-]?string|conn[_\-]?str)(?:[_\-.](?:value|\d+))?$",
    re.IGNORECASE,
)
NOT_SECRET = re.compile(
    r"key_?vault|public|max_|min_|num_|_tokens$|tokenizer|token_(?:limit|length|type|file|url|endpoint)|partition_?key|"
    r"sort_?key|primary_?key|foreign_?key|key_(?:column|name|field|path|id)|secret_(?:name|uri|url)|_(?:path|file|uri|url)$",
    re.IGNORECASE,
)
SHAPES = (
    (
        "a connection string",
        re.compile(r"(?:AccountKey|SharedAccessKey|SharedAccessSignature|InstrumentationKey)=\S{8,}"),
    ),
    ("a signed URL", re.compile(r"[?&](?:sig|X-Amz-Signature|X-Goog-Signature)=[\w%+/=-]{8,}")),
    ("a token of Hugging Face", re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    ("a token of GitHub", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})")),
    ("a key of OpenAI", re.compile(r"\bsk-[A-Za-z0-9_-]{20,}")),
    ("a key of Weights & Biases", re.compile(r"(?i)wandb[\w ]*[=: ]+[0-9a-f]{40}\b")),
    ("a key of AWS", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a key of Google", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("a token of Slack", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+]*://[^/\s:@]+:[^/\s:@${}]{3,}@")),
    ("a bearer token", re.compile(r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{20,}")),
)
OPTION = re.compile(
    r"--?(?P<name>[\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|sas))[ =]+"
    r"(?P<value>[^\s$'\"][^\s]*|'[^']+'|\"[^\"]+\")",
    re.IGNORECASE,
)
ASSIGNED = re.compile(r"\b(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>[^\s;&|$'\"]+|'[^']+'|\"[^\"$]+\")")
KEY_SHAPE = re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}")
PLACES = ("environment_variables", "tags", "properties", "inputs", "credentials")
"""Where people choose names themselves."""
STRONG = re.compile(r"password|account_key|sas_token|client_secret|connection_string", re.IGNORECASE)
"""Names that say so wherever they stand."""
PLACEHOLDER = re.compile(
    r"\$|\{\{|^<.*>$|^\[.*\]$|x{3,}|\*{3,}|^azureml:|@https|keyvault|example|place_?holder|^your|changeme", re.I
)
MAYBE = re.compile(r"(?:^|[_\-.])key$", re.IGNORECASE)
"""Names of a secret if the value is built like one; a run has a key too."""
LEAST_BITS = 4.2
"""Bits a character above which a long text is taken for a key; words and paths lie below 4."""
REMEDY = "take it out: use a managed identity, or read it from Key Vault in the job"


def secrets(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes a secret in ``environment_variables`` silently; everybody who can read the job reads it."""
    for key, value in document.leaves():
        if not isinstance(value, str | int) or isinstance(value, bool) or key[-1:] == ("$schema",):
            continue
        what = secret_in(key, str(value))
        if what is not None:
            yield Finding(key, f"holds {what}", REMEDY)


def secret_in(key: Key, value: str) -> str | None:
    """Return what secret a value holds ("a signed URL"), or None. The value itself is never returned."""
    shape = next((name for name, pattern in SHAPES if pattern.search(value)), None)
    if shape is not None:
        return shape
    name = str(key[-1]) if key else ""
    named = next(
        (str(part) for part in reversed(key) if part not in ("value", "default") and isinstance(part, str)), ""
    )
    open_place = any(place in key for place in PLACES) and name not in ("type", "mode", "description", "path")
    if (open_place or STRONG.search(named)) and is_secret_name(named) and is_literal(value):
        return f"what the name {named} says is a secret"
    if (
        open_place
        and MAYBE.search(named)
        and re.fullmatch(r"(?=.*\d)[A-Za-z0-9+/=_-]{16,}", value)
        and is_literal(value)
    ):
        return f"what the name {named} says is a secret"
    if "environment_variables" in key and looks_random(value):
        return "a text that looks like a key"
    if name == "command":
        return _in_command(value)
    return None


def _in_command(line: str) -> str | None:
    for pattern in (OPTION, ASSIGNED):
        for match in pattern.finditer(line):
            if pattern is OPTION or is_secret_name(match["name"]):
                value = match["value"].strip("'\"")
                if is_literal(value) and not NOT_SECRET.search(match["name"]):
                    return f"a value for {match['name'].strip('-')}"
    return None


def is_secret_name(name: str) -> bool:
    """Whether a name says that its value is a secret."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return bool(NAMES.search(spaced)) and not NOT_SECRET.search(spaced)


def is_literal(value: str) -> bool:
    """Whether a value stands there itself, and is no reference, placeholder, switch or number of one digit."""
    text = value.strip().strip("'\"")
    placeholder = not text or PLACEHOLDER.search(text)
    return not placeholder and len(text) > 1 and text.lower() not in ("true", "false", "none", "null", "default")


def looks_random(value: str) -> bool:
    """Whether a text is as long and as mixed as a key."""
    if not KEY_SHAPE.fullmatch(value) or value.count("/") > 2 or value.count("-") > 3:
        return False
    mixed = sum(bool(re.search(pattern, value)) for pattern in (r"[a-z]", r"[A-Z]", r"\d"))
    return bits(value) >= LEAST_BITS and mixed == 3


def bits(text: Any) -> float:
    """Return the entropy of a text's characters, in bits."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


RULES = (secrets,)
