"""What the API answers to what was raised."""

import json

from litestar.testing import RequestFactory

from gateway.problem import api_response
from shared.db import StorageShortError, StorageUnavailableError

REQUEST = RequestFactory().get("/api/v1/cases")


def test_a_database_that_is_away_is_no_bug(caplog):
    response = api_response(REQUEST, StorageUnavailableError("57P03"))
    assert response.status_code == 503
    assert json.loads(response.content)["code"] == "server.not_ready"
    assert caplog.records == []


def test_a_disk_that_is_full_is_told_plainly_and_is_no_bug(caplog):
    response = api_response(REQUEST, StorageShortError("53100"))
    assert response.status_code == 503
    said = json.loads(response.content)
    assert said["code"] == "server.full"
    assert "inget sparades" in said["detail"]
    assert caplog.records == []
