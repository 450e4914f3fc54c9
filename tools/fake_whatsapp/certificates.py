"""Why a client trusts this server: a certificate for TLS, and WhatsApp's own chain for the line inside.

Both end in roots of our own. A client has to be told of them; no client's file is changed for that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tools.fake_whatsapp.curve import KeyPair, Seed, fresh_pair
from tools.fake_whatsapp.proto import words

HOSTS: Final = ("web.whatsapp.com", "*.whatsapp.com", "*.whatsapp.net")
_VALID: Final = timedelta(days=365)
_CA_FILE: Final = "ca.pem"
_KEY_FILE: Final = "key.pem"


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom clients are told to trust, and what this server shows them."""

    root: bytes
    """The public key that takes the place of the one built into WhatsApp's libraries."""
    static: KeyPair
    chain: bytes
    ca_file: Path
    key_file: Path


def authority(folder: Path, seed: Seed, now: datetime) -> Authority:
    """The one that lives in a folder; the first time, it is founded there."""
    root, static = seed.pair("root"), seed.pair("static")
    ca_file, key_file = folder / _CA_FILE, folder / _KEY_FILE
    if not (ca_file.exists() and key_file.exists()):
        _write_tls(ca_file, key_file, now)
    return Authority(root.public, static, _chain(root, static, now), ca_file, key_file)


def _chain(root: KeyPair, static: KeyPair, now: datetime) -> bytes:
    between = fresh_pair()
    chain = words.CertChain()
    _certify(chain.intermediate, serial=7, issuer=0, key=between, by=root, now=now)
    _certify(chain.leaf, serial=8, issuer=7, key=static, by=between, now=now)
    written: bytes = chain.SerializeToString()
    return written


def _certify(
    certificate: object, *, serial: int, issuer: int, key: KeyPair, by: KeyPair, now: datetime
) -> None:
    details = words.CertChain.NoiseCertificate.Details(
        serial=serial,
        issuerSerial=issuer,
        key=key.public,
        notBefore=int((now - _VALID).timestamp()),
        notAfter=int((now + _VALID).timestamp()),
    ).SerializeToString()
    filled = words.CertChain.NoiseCertificate(details=details, signature=by.sign(details))
    certificate.CopyFrom(filled)  # type: ignore[attr-defined]  # Generated without types.


def _write_tls(ca_file: Path, key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fake WhatsApp")])
    named = [
        *map(x509.DNSName, HOSTS),
        x509.IPAddress(ip_address("127.0.0.1")),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _VALID)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(named), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    ca_file.write_bytes(certificate.public_bytes(pem))
    key_file.write_bytes(secret)
