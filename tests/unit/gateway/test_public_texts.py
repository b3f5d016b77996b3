"""The public texts: each municipality's, in Swedish and English, and whole."""

import pytest

from gateway.public_texts import load_public_texts
from shared.ids import AuthorityCode
from shared.policy import PolicyInvalid, tenants_root


@pytest.mark.parametrize("code", ["0580", "0581", "1480"])
def test_every_municipality_has_the_page_in_swedish_and_english(code):
    texts = load_public_texts(tenants_root(), AuthorityCode(code))
    assert list(texts)[:2] == ["sv", "en"]
    for each in texts.values():
        assert len(each.section) == len(texts["sv"].section)
        assert [call.tel for call in each.call] == [call.tel for call in texts["sv"].call]


def test_a_page_without_swedish_or_with_a_wrong_field_is_refused_at_start(tmp_path):
    folder = tmp_path / "0580" / "public"
    folder.mkdir(parents=True)
    assert load_public_texts(tmp_path, AuthorityCode("0580")) == {}
    english = (tenants_root() / "0580/public/en.toml").read_text(encoding="utf-8")
    (folder / "en.toml").write_text(english, encoding="utf-8")
    with pytest.raises(PolicyInvalid, match="without Swedish"):
        load_public_texts(tmp_path, AuthorityCode("0580"))
    (folder / "sv.toml").write_text(english + "\nsmiley = 1\n", encoding="utf-8")
    with pytest.raises(PolicyInvalid, match=r"sv\.toml"):
        load_public_texts(tmp_path, AuthorityCode("0580"))
