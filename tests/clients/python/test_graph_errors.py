"""Every error Microsoft's Python client can meet on a Graph call, as its own exceptions."""

import uuid

import pytest
from graph import Graph, refused, without_retry
from kiota_abstractions.method import Method
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)

pytestmark = pytest.mark.anyio


async def test_a_foreign_token_is_401(service):
    graph = Graph(service, token="not-one-of-ours")
    with refused(401, "InvalidAuthenticationToken"):
        await graph.call.get()


async def test_unknown_calls_and_people_are_404(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    nobody = str(uuid.uuid4())
    with refused(404, "8522", "Call not found"):
        await graph.calls.by_call_id(nobody).get()
    with refused(404, "8522", nobody):
        await graph.call.participants.by_participant_id(nobody).get()
    with refused(404, "8522", nobody):
        mute = graph.call.participants.by_participant_id(nobody).mute
        await mute.post(MutePostRequestBody(client_context="ctx"))


async def test_a_long_client_context_is_400(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    with refused(400, says="clientContext"):
        await graph.person(person).mute.post(MutePostRequestBody(client_context="x" * 257))
    assert not (await graph.person(person).get()).is_muted
    await graph.person(person).mute.post(MutePostRequestBody(client_context="x" * 256))
    assert (await graph.person(person).get()).is_muted


async def test_a_body_that_makes_no_sense_is_400(service):
    graph = Graph(service)
    with refused(400, says="callbackUri"):
        await graph.raw(Method.POST, "/communications/calls", {"subject": "no address"})
    path = f"/communications/calls/{service.call}/mute"
    with refused(400):
        await graph.raw(Method.POST, path, {"clientContext": 7})


async def test_a_method_that_is_not_served_is_405(service):
    graph = Graph(service)
    path = f"/communications/calls/{service.call}"
    with refused(405) as caught:
        await graph.raw(Method.PUT, path, {})
    assert caught.value.response_headers["allow"] == "GET, DELETE"


async def test_an_unavailable_service_is_503_when_nobody_tries_again(service):
    graph = Graph(service)
    service.fault(path_contains="/calls/", fault={"status": 503})
    with refused(503):
        await graph.call.get(request_configuration=without_retry())
    assert (await graph.call.get()).id == service.call
