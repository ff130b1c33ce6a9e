"""Schedules: cron expressions, times, time zones."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterator
from typing import Any

from gen_jax.azure.blocks import mapping
from gen_jax.azure.complaint import Finding
from gen_jax.azure.documents import Document

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ()),
    ("day of the week", 0, 6, DAYS),
)
"""The five fields of NCRONTAB as Azure Machine Learning takes it: (name, least, most, words)."""
PER_UNIT = {"minute": 60, "hour": 24, "day": 31, "week": 53, "month": 16}


def cron(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes any text as a cron expression."""
    trigger = mapping(document.data, "trigger")
    expression = trigger.get("expression")
    if kind != "schedule" or not isinstance(expression, str):
        return
    reason = cron_mistake(expression)
    if reason is not None:
        yield Finding(("trigger", "expression"), f"{expression!r}: {reason}",
                      'write "MINUTES HOURS DAYS MONTHS WEEK-DAYS", such as "30 2 * * 1-5"')  # fmt: skip


def cron_mistake(expression: str) -> str | None:
    """Return what is wrong with a cron expression, or None."""
    fields = expression.split()
    if len(fields) != len(FIELDS):
        return f"it has {len(fields)} fields in place of 5"
    for text, (name, least, most, words) in zip(fields, FIELDS, strict=True):
        for part in text.split(","):
            reason = _part(part, least, most, words)
            if reason is not None:
                return f"{part!r} as {name}: {reason}"
    return None


def _part(part: str, least: int, most: int, words: tuple[str, ...]) -> str | None:
    match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\w+))?", part)
    if match is None:
        return "it is not built like one"
    first, last, step = match.groups()
    if step is not None and (not step.isdigit() or int(step) < 1):
        return f"{step} is no step"
    if first == "*":
        return "* has no end" if last else None
    ends = []
    for text in (first, last):
        if text is None:
            continue
        number = int(text) if text.isdigit() else words.index(text.lower()[:3]) if text.lower()[:3] in words else None
        if number is None or not least <= number <= most:
            return f"allowed are {least} to {most}"
        ends.append(number)
    return "the range runs backwards" if len(ends) == 2 and ends[0] > ends[1] else None


def recurrence(document: Document, kind: str) -> Iterator[Finding]:
    """The schema takes an hour 25 and an interval 0."""
    trigger = mapping(document.data, "trigger")
    if kind != "schedule" or trigger.get("type") != "recurrence":
        return
    interval = trigger.get("interval")
    if isinstance(interval, int) and interval < 1:
        yield Finding(("trigger", "interval"), f"{interval} is no interval", "give 1 or more")
    for name, most in (("hours", 23), ("minutes", 59), ("month_days", 31)):
        values = mapping(trigger, "schedule").get(name)
        for value in values if isinstance(values, list) else [values]:
            least = 1 if name == "month_days" else 0
            if isinstance(value, int) and not least <= value <= most:
                yield Finding(
                    ("trigger", "schedule", name), f"{value} is none of the {name}", f"give {least} to {most}"
                )
    days, frequency = mapping(trigger, "schedule").get("week_days"), trigger.get("frequency")
    if days and isinstance(frequency, str) and frequency.lower() not in ("week", "day"):
        yield Finding(("trigger", "schedule", "week_days"), f"week days say nothing for every {frequency}",
                      "make the frequency week")  # fmt: skip


def times(document: Document, kind: str) -> Iterator[Finding]:
    """A time that is none, an end before the start, and a zone that Azure does not know."""
    if kind != "schedule":
        return
    trigger = mapping(document.data, "trigger")
    read = {}
    for name in ("start_time", "end_time"):
        value = trigger.get(name)
        read[name] = _time(value)
        if value is not None and read[name] is None and not (isinstance(value, str) and "{" in value):
            yield Finding(("trigger", name), f"{value!r} is no time", "write it like 2026-11-22T08:00:00")
    start, end = read["start_time"], read["end_time"]
    if start is not None and end is not None and end <= start:
        yield Finding(("trigger", "end_time"), "it ends before it starts", "correct one of the two")
    yield from _zone(trigger.get("time_zone"))


def _time(value: Any) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    try:
        return datetime.datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return None


def _zone(zone: Any) -> Iterator[Finding]:
    from azure.ai.ml.constants import TimeZone

    known = [str(item.value) for item in TimeZone]
    if not isinstance(zone, str) or zone.lower() in {name.lower() for name in known}:
        return
    near = difflib.get_close_matches(zone, known, n=1)
    remedy = (
        f"perhaps you meant {near[0]!r}" if near else "use a name of Windows, such as 'W. Europe Standard Time', or UTC"
    )
    yield Finding(("trigger", "time_zone"), f"{zone!r} is no time zone that Azure knows", remedy)


def what_runs(document: Document, kind: str) -> Iterator[Finding]:
    """A schedule needs something to run."""
    if kind == "schedule" and not {"create_job", "create_monitor", "import_data"} & document.data.keys():
        yield Finding(("create_job",), "is missing", "name the file of a job")


RULES = (cron, recurrence, times, what_runs)
