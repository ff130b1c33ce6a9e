"""Content credentials (C2PA): what was done to a picture, signed with the operator's key inside the file."""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from gen_jax import __version__
from gen_jax.errors import UserError
from gen_jax.io import images
from gen_jax.io.photos import READS
from gen_jax.registry import lookup
from gen_jax.serve.answers.provenance import SOURCE_TYPES, Origin
from gen_jax.serve.problem import Problem
from gen_jax.serve.settings import Credentials

_log = logging.getLogger(__name__)

ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")

_SETTINGS = {
    # A picture that is sent may name a place on the network where its manifest lies: that is never fetched.
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": []},
    "builder": {"thumbnail": {"enabled": False}},
}
_AGENT = {"name": "gen_jax", "version": __version__}
_MOST_BYTES = 1 << 20
"""Of a certificate or key file."""


def open_signer(credentials: Credentials) -> Signer | None:
    """Return the signer that the settings ask for, or None.

    Raises:
      UserError: it cannot sign: c2pa-python is missing, a file cannot be read or holds something else.
    """
    if credentials.certificate is None:
        if credentials.key is not None or credentials.timestamp_url is not None:
            raise UserError("credentials.certificate is left out; give the PEM file of the certificate chain")
        return None
    if credentials.key is None:
        raise UserError("credentials.key is left out; give the PEM file of the certificate's private key")
    lookup(dict.fromkeys(ALGORITHMS), credentials.algorithm, what="credentials.algorithm")
    url = credentials.timestamp_url
    if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise UserError(f"credentials.timestamp_url {url!r} must be the http(s) URL of a time stamping authority")
    certificate = _read(credentials.certificate, "credentials.certificate", b"CERTIFICATE")
    key = _read(credentials.key, "credentials.key", b"PRIVATE KEY")
    return Signer(certificate, key, algorithm=credentials.algorithm, timestamp_url=url)


def _read(path: str, field: str, holds: bytes) -> bytes:
    """Return a PEM file; no message shows any of it."""
    try:
        with open(Path(path).expanduser(), "rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError as error:
        raise UserError(f"{field} {path}: cannot be read ({error.strerror or error}); check the path") from None
    if b"-----BEGIN " not in data or holds not in data or b"\0" in data:
        raise UserError(f"{field} {path}: holds no {holds.decode()} in PEM form; give another file")
    if b"ENCRYPTED" in data:
        raise UserError(
            f"{field} {path}: is encrypted; give a key without a pass phrase, readable by the service alone"
        )
    return data


class Signer:
    """Signs pictures; safe to use from several threads.

    Signatures hold random numbers and names, so that the bytes of a signed file differ each time; its pixels do not.

    Args:
      certificate: PEM chain, the signing one first.
      key: PEM private key.
      algorithm: of ``ALGORITHMS``.
      timestamp_url: of a time stamping authority, the only place on the network that is ever asked.

    Raises:
      UserError: c2pa-python is missing, or these cannot sign a picture.
    """

    def __init__(self, certificate: bytes, key: bytes, *, algorithm: str, timestamp_url: str | None = None) -> None:
        try:
            import c2pa
        except ImportError:
            raise UserError(
                "credentials.certificate needs c2pa-python; run `pip install 'gen_jax[serve-credentials]'`"
            ) from None
        self._c2pa: Any = c2pa
        try:
            self._context = c2pa.Context(settings=c2pa.Settings.from_dict(_SETTINGS))
            # Without time stamps, which need a network: the files are what is tried at the start.
            self._signer = self._make(certificate, key, algorithm, None)
            self._created(images.encode(np.zeros((8, 8, 3), np.uint8)), "image/png", "rule")
            if timestamp_url is not None:
                self._signer = self._make(certificate, key, algorithm, timestamp_url)
        except c2pa.C2paError as error:
            raise UserError(f"credentials: this certificate and key cannot sign ({_line(error)})") from None

    def _make(self, certificate: bytes, key: bytes, algorithm: str, timestamp_url: str | None) -> Any:
        return self._c2pa.Signer.from_info(
            self._c2pa.C2paSignerInfo(algorithm.encode(), certificate, key, timestamp_url)
        )

    def created(self, data: bytes, media_type: str, origin: Origin) -> bytes:
        """Return an image file signed as made by the service.

        Args:
          data: PNG, WebP, JPEG or SVG.
          media_type: of the file.
          origin: what made the picture.

        Raises:
          Problem: it cannot be signed; it must not go out without.
        """
        try:
            return self._created(data, media_type, origin)
        except self._c2pa.C2paError as error:
            raise _unsigned(error) from None

    def edited(self, data: bytes, media_type: str, original: bytes | None) -> bytes:
        """Return an image file signed as an edit of another, whose own credentials it takes along.

        Args:
          data: PNG, WebP or JPEG.
          media_type: of the file.
          original: the file that was sent; where its credentials cannot be read, none are taken along.

        Raises:
          Problem: it cannot be signed; it must not go out without.
        """
        try:
            if original is not None:
                try:
                    return self._edited(data, media_type, _parent(original), original)
                except self._c2pa.C2paError as error:  # damaged credentials must not make a picture uneditable
                    _log.info("credentials of an input are not taken along: %s", _line(error))
            return self._edited(data, media_type, _parent(original), None)
        except self._c2pa.C2paError as error:
            raise _unsigned(error) from None

    def _created(self, data: bytes, media_type: str, origin: Origin) -> bytes:
        action = {"action": "c2pa.created", "softwareAgent": _AGENT, "digitalSourceType": SOURCE_TYPES[origin]}
        manifest = {
            "claim_generator_info": [_AGENT],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
        }
        with self._c2pa.Builder.from_json(manifest, self._context) as builder:
            return self._signed(builder, data, media_type)

    def _edited(self, data: bytes, media_type: str, parent: dict[str, str], original: bytes | None) -> bytes:
        manifest = {"claim_generator_info": [_AGENT], "ingredients": [parent] if original is None else []}
        with self._c2pa.Builder.from_json(manifest, self._context) as builder:
            builder.set_intent(self._c2pa.C2paBuilderIntent.EDIT)  # says c2pa.opened of the parent
            if original is not None:
                builder.add_ingredient(parent, parent["format"], io.BytesIO(original))
            builder.add_action({"action": "c2pa.edited", "softwareAgent": _AGENT})
            return self._signed(builder, data, media_type)

    def _signed(self, builder: Any, data: bytes, media_type: str) -> bytes:
        signed = io.BytesIO()
        builder.sign(self._signer, media_type, io.BytesIO(data), signed)
        return signed.getvalue()


def _parent(original: bytes | None) -> dict[str, str]:
    """Describe the picture that was edited."""
    media_type = "application/octet-stream"
    if original is not None:
        with contextlib.suppress(Exception), Image.open(io.BytesIO(original), formats=READS) as image:
            media_type = Image.MIME.get(image.format or "", media_type)
    return {"relationship": "parentOf", "title": "input", "format": media_type}


def _unsigned(error: Exception) -> Problem:
    _log.error("content credentials cannot be signed: %s", _line(error))
    return Problem("not-ready", "content credentials cannot be signed at the moment; try again later")


def _line(error: Exception) -> str:
    """Return what the library says; it may quote a hostile file, so only what is printed as it stands is kept."""
    return "".join(letter if letter.isprintable() else " " for letter in str(error))[:200]
