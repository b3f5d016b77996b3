"""What the API answers to what was raised."""

import json

from litestar.testing import RequestFactory

from gateway.problem import api_response
from shared.db import StorageUnavailableError

REQUEST = RequestFactory().get("/api/v1/cases")


def test_a_database_that_is_away_is_no_bug(caplog):
    response = api_response(REQUEST, StorageUnavailableError("57P03"))
    assert response.status_code == 503
    assert json.loads(response.content)["code"] == "server.not_ready"
    assert caplog.records == []
