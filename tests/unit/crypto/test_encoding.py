import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.encoding import from_base64url, to_base64url


@given(st.binary(max_size=200))
def test_bytes_survive_their_spelling(raw):
    assert from_base64url(to_base64url(raw)) == raw


@given(st.text(max_size=60))
def test_a_text_has_at_most_one_reading(text):
    try:
        raw = from_base64url(text)
    except ValueError:
        return
    assert to_base64url(raw) == text


@pytest.mark.parametrize("text", ["QR", "QQ==", "Q", "+/8", "Q Q", "åå", "QQ\n"])
def test_another_spelling_is_refused(text):
    with pytest.raises(ValueError, match=r"base64url|spelling|ASCII"):
        from_base64url(text)
