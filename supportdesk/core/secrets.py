"""Keys: one derived from the installation's secret for each purpose, so that no token can stand for another."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES: Final = 12
KEY_ID_BYTES: Final = 4
MAC_CHARACTERS: Final = 43  # 32 bytes in base64url


class BadToken(ValueError):
    """Nothing that these keys signed or encrypted for this purpose."""


class Keyring:
    """The present secret and those before it: the first signs and encrypts, all of them verify and decrypt.

    A purpose is part of each derived key; its name never changes, because what was signed under it would be lost.
    """

    def __init__(self, secret: bytes, *, previous: Sequence[bytes] = ()) -> None:
        self._secrets = {_key_id(each): each for each in (*reversed(previous), secret)}
        self._current = _key_id(secret)

    def sign(self, purpose: str, payload: bytes) -> str:
        """A token `key.payload.mac` of characters that need no escaping anywhere; anybody can read the payload."""
        body = f"{self._current.hex()}.{_encode(payload)}"
        return f"{body}.{_encode(_mac(self._secrets[self._current], purpose, body.encode()))}"

    def verify(self, purpose: str, token: str) -> bytes:
        """The payload of a token that was signed for this purpose; raises BadToken for any other."""
        body, dot, mac = token.rpartition(".")
        key_id, dot_before, payload = body.partition(".")
        if not dot or not dot_before or len(mac) != MAC_CHARACTERS or not token.isascii():
            raise BadToken
        expected = _encode(_mac(self._known(_unhex(key_id)), purpose, body.encode()))
        # Comparing the text also refuses the second spelling that base64 has for the last character.
        if not hmac.compare_digest(expected.encode(), mac.encode()):
            raise BadToken
        return _decode(payload)

    def code(self, purpose: str, data: bytes) -> str:
        """A code for `data` that only this installation can make: 43 characters for addresses and headers."""
        return _encode(_mac(self._secrets[self._current], purpose, data))

    def is_code(self, purpose: str, data: bytes, given: str) -> bool:
        """Whether `given` is the code for `data` under the present key or one before it; in constant time."""
        if not given.isascii():
            return False
        codes = [_encode(_mac(each, purpose, data)) for each in self._secrets.values()]
        return any([hmac.compare_digest(code.encode(), given.encode()) for code in codes])  # noqa: C419 - all, always

    def encrypt(self, purpose: str, plain: bytes, *, bound_to: bytes) -> bytes:
        """AES-256-GCM; `bound_to` names the row, so that a ciphertext copied into another does not open."""
        nonce = os.urandom(NONCE_BYTES)
        key = _derive(self._secrets[self._current], f"encrypt {purpose}")
        return self._current + nonce + AESGCM(key).encrypt(nonce, plain, bound_to)

    def decrypt(self, purpose: str, sealed: bytes, *, bound_to: bytes) -> bytes:
        """What was encrypted; raises BadToken for another purpose, another row, or bytes that were changed."""
        key_id, nonce = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES : KEY_ID_BYTES + NONCE_BYTES]
        key = _derive(self._known(key_id), f"encrypt {purpose}")
        try:
            return AESGCM(key).decrypt(nonce, sealed[KEY_ID_BYTES + NONCE_BYTES :], bound_to)
        except (InvalidTag, ValueError):
            raise BadToken from None

    def _known(self, key_id: bytes) -> bytes:
        try:
            return self._secrets[key_id]
        except KeyError:
            raise BadToken from None


def new_token(prefix: str = "") -> str:
    """256 random bits to give away once; what is kept is its digest."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """The sha256 by which a token is kept: it has enough chance in it that nothing slower is needed."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


@cache
def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"supportdesk", info=purpose.encode()).derive(secret)


def _key_id(secret: bytes) -> bytes:
    return _derive(secret, "key id")[:KEY_ID_BYTES]


def _mac(secret: bytes, purpose: str, data: bytes) -> bytes:
    return hmac.digest(_derive(secret, f"sign {purpose}"), data, "sha256")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadToken from None


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BadToken from None
