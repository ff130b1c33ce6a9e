"""A certificate authority of the tests, and a signer with the usages that C2PA asks for."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import NamedTuple

from gen_jax.serve.settings import Credentials


class Chain(NamedTuple):
    """PEM files of a certificate authority's signer."""

    certificate: Path
    key: Path
    root: str

    @property
    def settings(self) -> Credentials:
        return Credentials(certificate=str(self.certificate), key=str(self.key))


def make_chain(folder: Path, *, days: int = 30, passphrase: bytes | None = None) -> Chain:
    """Make a root and a signer with the usages that C2PA asks for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)

    def certified(name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *, root: bool) -> str:
        names = [
            x509.Name(
                [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test"), x509.NameAttribute(NameOID.COMMON_NAME, n)]
            )
            for n in (name, "Root")
        ]
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
             "decipher_only"), False)  # fmt: skip
        builder = (
            x509.CertificateBuilder(*reversed(names), key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(root, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(digital_signature=not root, key_cert_sign=root, crl_sign=root, **usage), critical=True
            )
        )
        if not root:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
        return builder.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    authority, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = certified("Root", authority, authority, root=True)
    hidden = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    chain = Chain(folder / "chain.pem", folder / "key.pem", root)
    chain.certificate.write_text(certified("Signer", signer, authority, root=False) + root)
    chain.key.write_bytes(signer.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden))
    return chain
