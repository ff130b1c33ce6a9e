"""Notices that Azure gives before it takes a machine away, from a metadata service of our own."""

import contextlib
import http.server
import json
import queue
import threading

import pytest

from gen_jax.io.scheduled_events import ScheduledEvents, ours

MACHINE = "cluster_3"


def event(identity, kind="Preempt", machine=MACHINE):
    return {
        "EventId": identity,
        "EventStatus": "Scheduled",
        "EventType": kind,
        "ResourceType": "VirtualMachine",
        "Resources": [machine],
        "NotBefore": "Mon, 19 Sep 2016 18:29:47 GMT",
    }


@contextlib.contextmanager
def metadata_service(answers):
    """Answers in order, the last one again and again; what is no list is sent as it is, with status 500."""
    asked = queue.Queue()
    left = list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.headers["Metadata"] != "true":
                self.send_error(400)
                return
            if self.path == "/metadata/instance/compute/name?api-version=2021-02-01&format=text":
                status, body = 200, MACHINE
            else:
                assert self.path == "/metadata/scheduledevents?api-version=2020-07-01"
                answer = left.pop(0) if len(left) > 1 else left[0]
                status = 200 if isinstance(answer, list) else 500
                body = json.dumps({"DocumentIncarnation": 1, "Events": answer}) if status == 200 else answer
                asked.put(status)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/metadata", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def notices_of(answers):
    """How often a run is asked to save while the service gives these answers and then the last one once more."""
    notices = []
    with metadata_service(answers) as (address, asked):
        events = ScheduledEvents(lambda: notices.append(1), address=address, every=0.01, timeout=30)
        for _ in range(len(answers) + 1):
            asked.get(timeout=60)
        events.close()
    return len(notices)


def test_an_event_is_noticed_once_however_often_it_is_told():
    assert notices_of([[], [event("a")], [event("a")], [event("a")]]) == 1


def test_a_withdrawn_event_asks_for_nothing_more_and_a_new_one_does():
    assert notices_of([[event("a")], [], [], [event("b", "Terminate")], []]) == 2


def test_what_concerns_others_or_lets_the_run_live_is_not_noticed():
    assert notices_of([[event("a", machine="cluster_4"), event("b", "Freeze")]]) == 0


def test_answers_that_make_no_sense_end_nothing():
    assert notices_of(["overloaded", "{", [{"EventType": "Preempt"}], [event("a")]]) == 1


def test_nobody_there_is_no_error(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    events = ScheduledEvents(lambda: pytest.fail("there was no event"), address="http://127.0.0.1:1", every=0.001)
    events.close()
    assert not events._thread.is_alive()


@pytest.mark.parametrize("kind", ["Preempt", "Terminate", "Reboot", "Redeploy"])
def test_events_after_which_the_machine_is_gone(kind):
    document = {"Events": [event("a", kind), event("b", kind, "other")]}
    assert ours(document, MACHINE) == {"a": kind}
    assert ours({}, MACHINE) == {}
