"""Hear from Azure's metadata service, over HTTP, that this machine is about to be taken away."""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

_log = logging.getLogger(__name__)

ADDRESS = "http://169.254.169.254/metadata"
"""The same on every virtual machine of Azure; nothing outside the machine answers there."""

TAKEN_AWAY = ("Preempt", "Terminate", "Reboot", "Redeploy")
"""Kinds of event after which the processes of a machine are gone; in a Freeze they only stand still."""


class ScheduledEvents:
    """Asks every few seconds, in a thread of its own, and calls ``notice`` once for each event that concerns us.

    A service that does not answer is no error: there may be none. An event may be withdrawn, so nothing but
    saving should follow from it.
    """

    def __init__(
        self,
        notice: Callable[[], None],
        *,
        address: str | None = None,
        every: float = 5.0,
        timeout: float = 1.0,
    ) -> None:
        """Begin to ask.

        Args:
          notice: called in the thread, without arguments.
          address: of the metadata service; left out, Azure's.
          every: seconds between questions; an eviction is announced 30 seconds ahead.
          timeout: seconds to wait for an answer.
        """
        self._notice, self._address = notice, address or ADDRESS
        self._every, self._timeout = every, timeout
        # The address must not go through a proxy, which would ask on its own machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._machine: str | None = None
        self._announced: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduled-events", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop asking; a question under way is not waited for longer than its time-out."""
        self._stop.set()
        self._thread.join(self._timeout + 1.0)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._ask()
            except Exception as error:
                _log.debug("scheduled events: no answer from %s (%s)", self._address, error)
            self._stop.wait(self._every)

    def _ask(self) -> None:
        if self._machine is None:
            self._machine = self._get("/instance/compute/name?api-version=2021-02-01&format=text").strip()
        document = json.loads(self._get("/scheduledevents?api-version=2020-07-01"))
        events = ours(document, self._machine)
        for identity, kind in events.items():
            if identity not in self._announced:
                _log.warning("Azure announces %s of this machine (%s): saving a checkpoint", kind, self._machine)
                self._notice()
        for identity in self._announced.keys() - events.keys():
            _log.warning("Azure has withdrawn or carried out %s of this machine", self._announced[identity])
        self._announced = events

    def _get(self, path: str) -> str:
        request = urllib.request.Request(self._address + path, headers={"Metadata": "true"})
        with self._opener.open(request, timeout=self._timeout) as answer:
            return answer.read(1 << 20).decode()


def ours(document: Mapping[str, Any], machine: str) -> dict[str, str]:
    """Return the events that take ``machine`` away: kind by identity; those of its neighbours are listed there too."""
    return {
        event["EventId"]: event["EventType"]
        for event in document.get("Events", [])
        if event.get("EventType") in TAKEN_AWAY and machine in event.get("Resources", [])
    }
