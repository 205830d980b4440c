"""Every error the Call Automation client for Python can meet, as its own exceptions."""

import base64
import urllib.request

from acs import SCOPE, Acs, refused
from azure.communication.callautomation import CommunicationUserIdentifier
from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from service import PATIENCE


def test_unknown_calls_and_people_are_404(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    elsewhere = acs.client.get_call_connection("00000000-0000-0000-0000-000000000000")
    with refused(404, "8522", ResourceNotFoundError):
        elsewhere.get_call_properties()
    with refused(404, "8522", ResourceNotFoundError):
        list(elsewhere.list_participants())
    nobody = CommunicationUserIdentifier("8:acs:nobody_nobody")
    with refused(404, kind=ResourceNotFoundError):
        acs.connection.get_participant(nobody)
    with refused(404, kind=ResourceNotFoundError):
        acs.connection.mute_participant(nobody)


def test_a_wrong_key_is_401(service):
    stranger = Acs(service, key=base64.b64encode(b"k" * 32).decode())
    with refused(401, kind=ClientAuthenticationError):
        stranger.connection.get_call_properties()


def test_a_bearer_token_does_as_well(service, receiver):
    """The client itself sends tokens over https only."""
    Acs(service).connect(receiver)
    connection = service.value("acs-connection-id")
    url = f"{service.address}/calling/callConnections/{connection}?api-version=2026-03-12"
    headers = {"Authorization": f"Bearer {service.token(SCOPE)}"}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 200


def test_an_unknown_api_version_is_400(service):
    with refused(400, says="api-version"):
        Acs(service, api_version="2020-01-01").connection.get_call_properties()


def test_a_long_operation_context_is_400(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.an_open_microphone()
    with refused(400, says="operationContext"):
        acs.connection.mute_participant(person.identifier, operation_context="x" * 257)
    assert not acs.read(person).is_muted


def test_an_unavailable_service_is_503_when_nobody_tries_again(service):
    acs = Acs(service, retry_total=0)
    service.fault(path_contains="/calling/", fault={"status": 503})
    with refused(503):
        acs.connection.get_call_properties()
