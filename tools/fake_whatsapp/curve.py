"""Keys on the curve that WhatsApp uses for everything: they agree on secrets, and they sign."""

import secrets
from dataclasses import dataclass

import xeddsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key, and the public one that belongs to it."""

    private: bytes
    public: bytes

    def agree(self, public: bytes) -> bytes:
        """The secret that only the two owners can compute."""
        return xeddsa.x25519(self.private, public)

    def sign(self, message: bytes) -> bytes:
        """XEdDSA: a signature with a key that was made for agreeing."""
        return xeddsa.ed25519_priv_sign(xeddsa.priv_force_sign(self.private, False), message)


def fresh_pair() -> KeyPair:
    return pair_of(secrets.token_bytes(32))


def pair_of(private: bytes) -> KeyPair:
    return KeyPair(private, xeddsa.priv_to_curve25519_pub(private))


@dataclass(frozen=True, slots=True)
class Seed:
    """Key pairs by name: the same seed gives the same ones, so that nobody has to keep them."""

    secret: bytes

    def pair(self, name: str) -> KeyPair:
        return pair_of(derived(self.secret, name.encode(), 32))


def typed(public: bytes) -> bytes:
    """How Signal writes a public key: behind a byte that names the curve."""
    return b"\x05" + public


def untyped(written: bytes) -> bytes:
    return written[-32:]


def derived(secret: bytes, purpose: bytes, length: int, salt: bytes | None = None) -> bytes:
    """Key material out of a secret."""
    return HKDF(SHA256(), length, salt, purpose).derive(secret)
