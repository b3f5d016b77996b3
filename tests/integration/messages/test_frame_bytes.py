"""Every byte of a frame, and of what is sealed in it, changed: nothing of it is believed."""

from datetime import timedelta

import pytest

from shared.crypto import KeyRing
from shared.errors import WireError
from shared.messages import frame, open_frame, seal
from tests.support.messages import note
from tests.support.trust import GOTEBORG, LINKOPING, NOW, two_authorities

US, THEM, DIRECTORY = two_authorities()
MESSAGE = note(US, "hemligt")
FRAME = seal(MESSAGE, DIRECTORY.sealing_key(GOTEBORG, NOW))


def opened(content, **more):
    settings = {"keys": THEM, "sender": LINKOPING, "receiver": GOTEBORG} | more
    return open_frame(
        content,
        settings["keys"],
        settings["sender"],
        settings["receiver"],
        DIRECTORY,
        NOW + timedelta(seconds=1),
    )


def changed(content, at):
    return content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]


def test_no_byte_of_a_frame_can_be_changed():
    assert opened(FRAME) == MESSAGE
    for at in range(len(FRAME)):
        with pytest.raises(WireError):
            opened(changed(FRAME, at))


def sealed_inside(message):
    """What stands inside the frame, before it is sealed."""
    jws = message.jws.encode()
    filled = frame._FIXED + len(jws) + len(message.body)
    return b"".join(
        (
            len(jws).to_bytes(2, "big"),
            jws,
            message.salt,
            len(message.body).to_bytes(4, "big"),
            message.body,
            bytes(frame._padded(filled) - filled),
        )
    )


def sealed_anew(inside):
    """Anybody can seal to Göteborg: what is inside must hold by itself."""
    key = DIRECTORY.sealing_key(GOTEBORG, NOW)
    info = frame._info(LINKOPING, GOTEBORG, MESSAGE.message_id)
    return FRAME[: frame._HEAD] + key.seal(inside, info)


def test_no_byte_inside_can_be_changed_by_one_who_seals_it_anew():
    inside = sealed_inside(MESSAGE)
    assert opened(sealed_anew(inside)) == MESSAGE
    for at in range(len(inside)):
        with pytest.raises(WireError):
            opened(sealed_anew(changed(inside, at)))


def test_a_frame_under_another_senders_subject_does_not_open():
    with pytest.raises(WireError, match=r"wire\.sealed"):
        opened(FRAME, sender="0581")


def test_a_message_that_its_addressee_seals_to_a_third_is_refused_there():
    third = KeyRing.in_memory("0581", NOW - timedelta(days=1))
    forwarded = seal(MESSAGE, third.sealing_keys[-1])
    for sender in (LINKOPING, GOTEBORG):
        with pytest.raises(WireError, match=r"wire\.(sealed|addressee)"):
            opened(forwarded, keys=third, sender=sender, receiver="0581")
    # Even under the right label of the envelope the signed addressee is another.
    info = frame._info(GOTEBORG, "0581", MESSAGE.message_id)
    forged = forwarded[: frame._HEAD] + third.sealing_keys[-1].seal(sealed_inside(MESSAGE), info)
    with pytest.raises(WireError, match=r"wire\.addressee"):
        opened(forged, keys=third, sender=GOTEBORG, receiver="0581")
