"""Everything the call service's page shows is run, and its tables agree with the service."""

import json
import os
import signal
import urllib.error
import urllib.request

import page
import pytest
from service import PATIENCE


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    reader = page.Reader(tmp_path_factory.mktemp("page"))
    yield reader
    # The page ends what it starts, unless a block failed on the way.
    process = reader.value("FOLDBACK_PID")
    if process is not None:
        try:
            os.kill(int(process), signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.mark.parametrize("block", page.blocks(), ids=repr)
def test_the_page_can_be_followed(reader, block):
    reader.run(block)


def answer(service, method, path, token):
    """Status and error code of a request with an empty object."""
    request = urllib.request.Request(
        service.address + path,
        data=None if method in ("GET", "DELETE") else b"{}",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as found:
            return found.status, None
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]["code"]


@pytest.mark.parametrize("row", page.table("What is served: Graph"), ids=lambda row: row[0])
def test_every_graph_request_of_the_table_is_served(service, row):
    method, path = row[0].strip("`").split(" ")
    for name, value in (("{call}", service.call), ("{id}", "none-such")):
        path = path.replace(name, value)
    version = "beta" if "configureMixer" in path or "muteAll" in path else "v1.0"
    status, code = answer(service, method, f"/{version}/communications{path}", service.token())
    assert code not in ("ResourceNotFound", "methodNotAllowed"), (status, code)
    assert status not in (401, 405, 501), (status, code)


@pytest.mark.parametrize("row", page.table("What is served: ACS"), ids=lambda row: row[0])
def test_every_acs_request_of_the_table_is_served(service, row):
    # "`POST` on the path itself" has no path of its own.
    method, path = (row[0].split("`")[1] + " ").split(" ")[:2]
    connection = service.value("acs-connection-id")
    for name, value in (("{connection}", connection), ("{rawId}", "8%3Aacs%3Anobody")):
        path = path.replace(name, value)
    token = service.token("https://communication.azure.com//.default")
    path = f"/calling/callConnections{path}?api-version=2026-03-12"
    status, code = answer(service, method, path, token)
    assert status not in (401, 405, 501), (status, code)
    # Nobody is called nobody; every other 404 would mean that nothing is there.
    assert status != 404 or "nobody" in path, (status, code)


@pytest.mark.parametrize("row", page.table("Levers"), ids=lambda row: row[0])
def test_every_lever_of_the_table_is_there(service, row):
    for shown in row[0].split(", "):
        method, path = shown.strip("`").split(" ")
        order = {} if method == "POST" else None
        try:
            service.lever(path, order, method)
        except AssertionError as error:
            # An empty object makes no sense to most of them, and that is what they say.
            assert method == "POST" and ": 400 " in str(error), error


@pytest.mark.parametrize("row", page.table("Faults"), ids=lambda row: row[0])
def test_every_fault_of_the_table_is_known(service, row):
    added = service.lever("faults", json.loads(row[0].strip("`")))
    assert "added" in added


def test_the_switches_are_those_of_the_service(service):
    rows = page.table("Switches")
    shown = {row[0].strip("`"): row[1].strip("`") for row in rows}
    real = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in service.lever("switches").items()
    }
    assert shown == real
