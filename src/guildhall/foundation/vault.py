"""What is encrypted at rest: SM4-GCM (RFC 8998) under the house's key; a keyed index for exact look-up (HMAC-SM3)."""

import base64
import binascii
import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

VERSION: Final = "s1:"
NONCE_BYTES: Final = 12  # 96 bits, random: safe for 2^32 values under one key (NIST SP 800-38D, 8.3).
TAG_BYTES: Final = 16


class Unreadable(Exception):
    """A sealed value that this key and context do not open: another key, another place, or tampering."""


@cache
def _derived(master: bytes, purpose: bytes, size: int) -> bytes:
    return HKDF(algorithm=hashes.SM3(), length=size, salt=None, info=b"guildhall/" + purpose).derive(master)


def _master() -> bytes:
    return bytes.fromhex(settings.VAULT_KEY) if settings.VAULT_KEY else settings.SECRET_KEY.encode()


def _cipher_key() -> bytes:
    """128 bits: the configured key itself, or one derived from the house's secret."""
    return _master() if settings.VAULT_KEY else _derived(_master(), b"vault", 16)


def encrypt(key: bytes, nonce: bytes, text: bytes, bound: bytes) -> bytes:
    """SM4-GCM: ciphertext and its 16-byte tag; `bound` is authenticated beside it (RFC 8998)."""
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(text) + encryptor.finalize() + encryptor.tag


def decrypt(key: bytes, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
    """The text of `encrypt`; raises `InvalidTag` for anything else."""
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
    decryptor.authenticate_additional_data(bound)
    return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()


def seal(text: str, context: str) -> str:
    """`text` encrypted for one place: `context` names it, and the value opens nowhere else."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + base64.b64encode(nonce + encrypt(_cipher_key(), nonce, text.encode(), context.encode())).decode()


def unseal(sealed: str, context: str) -> str:
    """What `seal` hid. Raises `Unreadable` for another key, another context, or a changed value."""
    try:
        raw = base64.b64decode(sealed.removeprefix(VERSION), validate=True)
        if not sealed.startswith(VERSION) or len(raw) < NONCE_BYTES + TAG_BYTES:
            raise Unreadable(context)
        return decrypt(_cipher_key(), raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
    except (InvalidTag, binascii.Error) as fault:
        raise Unreadable(context) from fault


def index(text: str) -> str:
    """A keyed digest of `text` in hex, for a unique column or an exact search beside a sealed one (HMAC-SM3)."""
    mac = hmac.HMAC(_derived(_master(), b"index", 32), hashes.SM3())
    mac.update(text.encode())
    return mac.finalize().hex()


def fingerprint(key: str) -> str:
    """128 bits in hex that tell one key (in hex) from another, and nothing of it. Raises `ValueError` for no key."""
    return _derived(bytes.fromhex(key), b"fingerprint", 16).hex()


if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class SealedTextField(_Text):
    """Text that Python reads and the database holds encrypted, bound to its column: moved elsewhere it does not open.

    `context` names the place, by default the model and field. Only `isnull` and the empty string can be searched: an
    exact search goes through a column of `index`.
    """

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bound_to = context

    def deconstruct(self) -> Any:
        """To a migration it is text: a migration imports none of our code."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    @property
    def context(self) -> str:
        """What a value of this column is bound to."""
        return self.bound_to or f"{self.model._meta.label_lower}.{self.name}"

    def clone(self) -> "SealedTextField":
        """A copy for another model; Django would build it from `deconstruct`."""
        _name, _path, args, kwargs = super().deconstruct()
        return type(self)(*args, context=self.bound_to, **kwargs)

    def get_prep_value(self, value: Any) -> Any:
        """Sealed on its way to the database."""
        text = super().get_prep_value(value)
        return seal(text, self.context) if text else text

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        """Opened on its way back."""
        return unseal(value, self.context) if value else value
