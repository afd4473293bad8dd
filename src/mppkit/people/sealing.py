"""AES-256-GCM: the only door to `cryptography` (extra `security`), which is loaded when it is first needed.

What a ciphertext belongs to is bound in as associated data, so it cannot be moved to another place.
"""

from base64 import b64decode, b64encode
from importlib.util import find_spec

from mppkit.errors import MissingExtraError, StorageError

KEY_BYTES = 32
NONCE_BYTES = 12
_BLOCK = 64
"""Texts are filled up to a multiple of so many bytes, so that a ciphertext does not tell how long a name was."""


def need_security() -> None:
    """Check that the extra is there.

    Raises:
        MissingExtraError: it is not.
    """
    if find_spec("cryptography") is None:
        raise MissingExtraError("people", "security")


def seal(secret: bytes, content: bytes, bound: str, nonce: bytes) -> str:
    """Return content sealed under a key of 32 bytes and bound to a place, as Base64; a nonce is used only once.

    >>> sealed = seal(bytes(32), b"Made", "place", bytes(12))
    >>> unseal(bytes(32), sealed, "place")
    b'Made'
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    filled = content + b"\x80"  # a mark between the content and what fills it up
    filled += b"\x00" * (-len(filled) % _BLOCK)
    return b64encode(nonce + AESGCM(secret).encrypt(nonce, filled, bound.encode())).decode()


def unseal(secret: bytes, sealed: str, bound: str) -> bytes:
    """Return what was sealed under this key for this place.

    Raises:
        StorageError: it was sealed under another key or for another place, or changed since.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = b64decode(sealed, validate=True)
        filled = AESGCM(secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound.encode())
        return filled[: filled.rindex(b"\x80")]
    except (InvalidTag, ValueError) as error:
        why = "it was sealed under another key or for another place, or changed since"
        raise StorageError(
            f"what is sealed cannot be opened: {why}; run the desk's check and `mppkit audit`"
        ) from error
