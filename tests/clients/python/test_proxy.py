"""The vendors' Python clients through the proxy, with a token of the organization's issuer."""

import uuid

import pytest
from acs import Acs, Wire
from azure.communication.callautomation import (
    CallAutomationClient,
    CommunicationUserIdentifier,
)
from azure.core.credentials import AzureKeyCredential
from graph import Graph
from kiota_abstractions.method import Method
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)
from msgraph.generated.models.comms_operation import CommsOperation
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.operation_status import OperationStatus
from proxy import Proxy
from test_graph_mixer import mix

ADA = {"operator": {"id": "ada", "name": "Ada King"}}


@pytest.fixture
def proxy(service):
    with Proxy(service) as proxy:
        yield proxy


class Bearer(Wire):
    """Brings the operator's token where the client would sign with the service's key."""

    def __init__(self, token):
        super().__init__()
        self._token = token

    def send(self, request, **more):
        request.headers["Authorization"] = f"Bearer {self._token}"
        return super().send(request, **more)


class Through(Acs):
    """A Call Automation client of the proxy."""

    def __init__(self, proxy):
        super().__init__(proxy.service)
        key = AzureKeyCredential(proxy.service.value("acs-access-key"))
        transport = Bearer(proxy.token)
        self.client = CallAutomationClient(proxy.address, key, transport=transport)


@pytest.mark.anyio
async def test_graph_reads_mutes_and_mixes(service, proxy):
    name = proxy.joined({"graph": {}})
    assert name == f"graph.{service.call}"
    graph = Graph(proxy, token=proxy.token)
    assert len(await graph.people()) == 12
    person = await graph.an_open_microphone()
    operation = await graph.person(person).mute.post(MutePostRequestBody(client_context="by Ada"))
    assert operation.status == OperationStatus.Completed
    assert (await graph.call.operations.by_comms_operation_id(operation.id).get()).id == operation.id
    assert (await graph.person(person).get()).is_muted
    listeners = [
        it.id
        for it in await graph.people()
        if it.id != person.id and not it.is_in_lobby and it.info.identity.application is None
    ]
    body = mix(listeners[0], person.id)
    beta = Graph(proxy, version="beta", token=proxy.token)
    path = f"/communications/calls/{service.call}/participants/configureMixer"
    operation = await beta.raw(Method.POST, path, body, CommsOperation)
    assert operation.client_context == body["clientContext"]
    # What left the proxy is what the client wrote.
    [arrived] = service.arrived("configureMixer")
    assert arrived["body"] == body
    assert proxy.asked(name) == [(ADA, "mute"), (ADA, "configureMixer")]


@pytest.mark.anyio
async def test_graph_is_told_why_a_token_is_not_taken(service, proxy):
    proxy.joined({"graph": {}})
    # The app's own token is for the service and not for the proxy.
    graph = Graph(proxy, token=service.token())
    with pytest.raises(ODataError) as caught:
        await graph.people()
    assert caught.value.response_status_code == 401
    assert "bearer token is not taken" in caught.value.error.message


def test_call_automation_mutes_one_of_its_own_users(service, proxy):
    name = proxy.joined({"acs": {"groupCallId": str(uuid.uuid4())}})
    acs = Through(proxy)
    user = acs.somebody(CommunicationUserIdentifier, muted=False)
    acs.connection.mute_participant(user.identifier, operation_context="by Ada")
    assert acs.read(user).is_muted
    assert proxy.asked(name) == [(ADA, "mute")]
