"""Content credentials: signed with a chain made here, read back by the library's own reader, broken by one byte."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gen_jax.errors import UserError
from gen_jax.io.photos import Photo
from gen_jax.serve.answers import credentials
from gen_jax.serve.answers.credentials import open_signer
from gen_jax.serve.answers.finishing import Finishing, Picture
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Credentials
from tests.serve.certificates import Chain, make_chain

TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
DRAWN = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 10, 3), np.uint8)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    pytest.importorskip("c2pa")
    pytest.importorskip("cryptography")
    return make_chain(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def finishing(chain: Chain) -> Finishing:
    return Finishing(signer=open_signer(chain.settings))


def verified(data: bytes, media_type: str, *, root: str | None = None) -> dict[str, Any]:
    """Return what c2pa's reader says of a file, with its state; a trust list may hold one root."""
    import c2pa

    settings: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}}
    if root is not None:
        settings["trust"] = {"trust_anchors": root}
    with (
        c2pa.Context(settings=c2pa.Settings.from_dict(settings)) as context,
        c2pa.Reader(media_type, io.BytesIO(data), context=context) as reader,
    ):
        return {**json.loads(reader.json()), "state": reader.get_validation_state()}


def actions(report: dict[str, Any], label: str | None = None) -> list[tuple[str, str | None]]:
    """Return the actions of a manifest, the active one where no other is named, and their source types."""
    manifest = report["manifests"][label or report["active_manifest"]]
    assert (manifest["claim_generator_info"][0]["name"]) == "gen_jax"
    [found] = [
        entry["data"]["actions"] for entry in manifest["assertions"] if entry["label"].startswith("c2pa.actions")
    ]
    return [(action["action"], action.get("digitalSourceType")) for action in found]


@pytest.mark.parametrize("format", ["png", "webp", "jpeg"])
@pytest.mark.parametrize(("origin", "source"), [("model", TRAINED), ("rule", DRAWN)])
def test_a_made_picture_is_signed_as_made(format: str, origin: str, source: str, finishing: Finishing) -> None:
    arguments: dict[str, Any] = {"format": format, "origin": origin, "facts": {"seed": 1}}
    answer = finishing.generated([Picture(pixels=PIXELS)], **arguments)
    report = verified(answer.body, answer.media_type)
    assert report["state"] == "Valid"
    assert actions(report) == [("c2pa.created", source)]
    unsigned = Finishing().generated([Picture(pixels=PIXELS)], **arguments)
    with Image.open(io.BytesIO(answer.body)) as signed, Image.open(io.BytesIO(unsigned.body)) as plain:
        assert np.array_equal(np.asarray(signed), np.asarray(plain))
        assert signed.info["xmp"] == plain.info["xmp"] and signed.info.get("gen_jax") == plain.info.get("gen_jax")


def test_an_svg_file_is_signed(finishing: Finishing) -> None:
    answer = finishing.vector(b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1z"/></svg>\n', facts={})
    report = verified(answer.body, answer.media_type)
    assert (report["state"], actions(report)) == ("Valid", [("c2pa.created", DRAWN)])


@pytest.mark.parametrize("format", ["png", "webp", "jpeg"])
def test_a_changed_byte_is_detected(format: str, finishing: Finishing) -> None:
    answer = finishing.generated([Picture(pixels=PIXELS)], format=format, origin="model", facts={})
    changed = bytearray(answer.body)
    changed[-20] ^= 1  # of the picture: the manifest lies before it, in a WebP file after it
    if format == "webp":
        changed = bytearray(answer.body)
        changed[answer.body.index(b"VP8L") + 40] ^= 1
    report = verified(bytes(changed), answer.media_type)
    assert report["state"] == "Invalid"
    assert "assertion.dataHash.mismatch" in {status["code"] for status in report["validation_status"]}


def test_only_a_trust_list_with_the_root_trusts_the_signer(chain: Chain, finishing: Finishing) -> None:
    answer = finishing.generated([Picture(pixels=PIXELS)], format="png", origin="model", facts={})
    unknown = verified(answer.body, answer.media_type)
    assert unknown["state"] == "Valid"
    assert {status["code"] for status in unknown["validation_status"]} == {"signingCredential.untrusted"}
    assert verified(answer.body, answer.media_type, root=chain.root)["state"] == "Trusted"


def image_file(format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize("sent", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_an_edit_is_signed_as_an_edit_of_what_was_sent(sent: str, finishing: Finishing) -> None:
    answer = finishing.edited(Photo(pixels=PIXELS), format="png", facts={}, original=image_file(sent))
    report = verified(answer.body, answer.media_type)
    assert (report["state"], actions(report)) == ("Valid", [("c2pa.opened", None), ("c2pa.edited", None)])
    [parent] = report["manifests"][report["active_manifest"]]["ingredients"]
    assert (parent["relationship"], parent["format"]) == ("parentOf", f"image/{sent.lower()}")


def test_an_edit_takes_the_credentials_of_what_was_sent_along(finishing: Finishing) -> None:
    made = finishing.generated([Picture(pixels=PIXELS)], format="jpeg", origin="model", facts={})
    answer = finishing.edited(Photo(pixels=PIXELS), format="webp", facts={}, original=made.body)
    report = verified(answer.body, answer.media_type)
    [parent] = report["manifests"][report["active_manifest"]]["ingredients"]
    assert (report["state"], actions(report, parent["active_manifest"])) == ("Valid", [("c2pa.created", TRAINED)])


def test_damaged_credentials_do_not_make_a_picture_uneditable(
    finishing: Finishing, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = finishing.generated([Picture(pixels=PIXELS)], format="jpeg", origin="model", facts={}).body
    for original in (made.replace(b"jumd", b"xxxx"), b"no image at all", None):
        answer = finishing.edited(Photo(pixels=PIXELS), format="png", facts={}, original=original)
        report = verified(answer.body, answer.media_type)
        assert (report["state"], actions(report)[-1]) == ("Valid", ("c2pa.edited", None))
    assert caplog.text.count("not taken along") >= 1


@contextlib.contextmanager
def listening(status: int) -> Iterator[tuple[str, list[str]]]:
    """Run a server that notes what it is asked; yields its URL and the notes."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(status)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_no_url_inside_a_picture_is_ever_fetched(finishing: Finishing) -> None:
    import c2pa

    with listening(404) as (url, asked):
        xmp = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
            f'dcterms:provenance="{url}/manifest"/></rdf:RDF></x:xmpmeta>'
        )
        sent = image_file("JPEG", xmp=xmp.encode())
        answer = finishing.edited(Photo(pixels=PIXELS), format="png", facts={}, original=sent)
        assert verified(answer.body, answer.media_type)["state"] == "Valid"
        assert asked == []
        with contextlib.suppress(c2pa.C2paError):  # as the library comes, it does fetch
            c2pa.Reader("image/jpeg", io.BytesIO(sent))
        assert asked == ["/manifest"]


def test_a_picture_that_cannot_be_signed_does_not_go_out(chain: Chain, caplog: pytest.LogCaptureFixture) -> None:
    with listening(500) as (url, asked):
        settings = Credentials(certificate=str(chain.certificate), key=str(chain.key), timestamp_url=f"{url}/stamp")
        stamping = Finishing(signer=open_signer(settings))
        assert asked == []  # not needed to start
        with caplog.at_level(logging.ERROR), pytest.raises(Problem, match="cannot be signed at the moment") as problem:
            stamping.generated([Picture(pixels=PIXELS)], format="png", origin="model", facts={})
        with pytest.raises(Problem, match="cannot be signed at the moment"):
            stamping.edited(Photo(pixels=PIXELS), format="png", facts={}, original=image_file("PNG"))
    assert problem.value.status == 503 and set(asked) == {"/stamp"}
    assert "cannot be signed" in caplog.text and "PRIVATE" not in caplog.text


def test_threads_share_a_signer(finishing: Finishing) -> None:
    def make(seed: int) -> bytes:
        return finishing.generated([Picture(pixels=PIXELS + seed)], format="png", origin="model", facts={}).body  # type: ignore[operator]

    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(make, np.arange(12, dtype=np.uint8)))
    assert {verified(file, "image/png")["state"] for file in files} == {"Valid"}


# --- what stops the start


def refused(settings: Credentials) -> str:
    with pytest.raises(UserError) as error:
        open_signer(settings)
    text = str(error.value)
    assert "\n" not in text and "MIG" not in text  # how the base64 of a key begins
    return text


def test_wrong_files_stop_the_start(chain: Chain, tmp_path: Path) -> None:
    certificate, key = str(chain.certificate), str(chain.key)
    (tmp_path / "text.pem").write_text("not a certificate")
    (tmp_path / "empty.pem").write_text("-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n")
    (tmp_path / "root.pem").write_text(chain.root)
    other = make_chain(tmp_path)
    assert "holds no CERTIFICATE in PEM form" in refused(Credentials(certificate=str(tmp_path / "text.pem"), key=key))
    assert "holds no CERTIFICATE" in refused(Credentials(certificate=key, key=key))
    assert "holds no PRIVATE KEY" in refused(Credentials(certificate=certificate, key=certificate))
    assert "cannot be read (No such file" in refused(Credentials(certificate=certificate, key=str(tmp_path / "none")))
    for wrong in (
        Credentials(certificate=certificate, key=str(other.key)),
        Credentials(certificate=certificate, key=str(tmp_path / "empty.pem")),
        Credentials(certificate=str(tmp_path / "root.pem"), key=key),
        Credentials(certificate=certificate, key=key, algorithm="ps256"),
    ):
        assert "this certificate and key cannot sign" in refused(wrong)


def test_an_expired_certificate_and_a_key_under_a_pass_phrase_stop_the_start(chain: Chain, tmp_path: Path) -> None:
    assert "cannot sign" in refused(make_chain(tmp_path, days=-1).settings)
    assert "is encrypted" in refused(make_chain(tmp_path, passphrase=b"secret").settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Credentials(certificate="a.pem"), "credentials.key is left out"),
        (Credentials(key="a.pem"), "credentials.certificate is left out"),
        (Credentials(timestamp_url="http://stamp"), "credentials.certificate is left out"),
        (Credentials(certificate="a.pem", key="b.pem", algorithm="rs256"), "unknown credentials.algorithm 'rs256'"),
        (Credentials(certificate="a.pem", key="b.pem", timestamp_url="file:///etc"), "must be the http"),
    ],
)
def test_half_a_set_up_stops_the_start(settings: Credentials, says: str) -> None:
    assert says in refused(settings)


def test_a_missing_library_stops_the_start(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    assert "pip install 'gen_jax[serve-credentials]'" in refused(chain.settings)


def test_without_settings_nothing_is_signed() -> None:
    assert open_signer(Credentials()) is None
    assert "es256" in credentials.ALGORITHMS
