import pytest

from services.intake.domain.contact import municipality_code
from shared.errors import DomainError
from shared.policy import municipalities


@pytest.mark.parametrize("typed", ["9999", "058", "05800", "Linköping", "0580.>", "٠٥٨٠"])
def test_a_municipality_code_that_does_not_exist_is_refused(typed):
    with pytest.raises(DomainError) as error:
        municipality_code(typed, municipalities())
    assert error.value.code == "municipality.unknown"


@pytest.mark.parametrize("typed", [None, "", "  "])
def test_no_code_is_no_municipality(typed):
    assert municipality_code(typed, municipalities()) is None


def test_a_code_as_typed_is_found():
    assert municipality_code(" 0580 ", municipalities()) == "0580"
