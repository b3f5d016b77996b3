"""Base64url without padding (RFC 7515, section 2), where one value has one spelling."""

import base64
import binascii


def to_base64url(raw: bytes) -> str:
    """The only spelling of these bytes."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes behind a spelling.

    Raises:
        ValueError: anything but the spelling `to_base64url` gives. The last character carries bits
            that mean nothing; let them vary and a changed signature text would still verify.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if to_base64url(raw) != text:
        raise ValueError("not the one spelling of these bytes")
    return raw
