"""A pair of RSA keys for the tests, made when they are first wanted."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@cache
def _pair(name: str) -> RSAPrivateKey:
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


def private_key(name: str = "ours") -> str:
    return _pair(name).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_key(name: str = "ours") -> str:
    return _pair(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
