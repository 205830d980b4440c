"""Injected faults as Microsoft's Python client meets them."""

import httpx
import pytest
from graph import Graph, read, refused
from kiota_abstractions.method import Method
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)
from msgraph.generated.models.call import Call
from msgraph.generated.models.comms_operation import CommsOperation
from test_graph_mixer import mix
from test_graph_notifications import item, of_roster

pytestmark = pytest.mark.anyio


async def test_429_with_a_date_is_waited_for(service):
    graph = Graph(service)
    service.fault(path_contains="/calls/", fault={"status": 429, "retry_after_date": 2})
    assert (await graph.call.get()).id == service.call
    assert [it["status"] for it in service.arrived("/calls/")] == [429, 200]


@pytest.mark.parametrize("fault", ["reset", "half_body"])
async def test_an_answer_that_does_not_come_whole(service, fault):
    graph = Graph(service)
    service.fault(path_contains="/calls/", fault=fault)
    with pytest.raises(httpx.TransportError):
        await graph.call.get()
    assert (await graph.call.get()).id == service.call


@pytest.mark.parametrize("how", ["expired", "foreign"])
async def test_tokens_that_hold_no_more(service, how):
    graph = Graph(service)
    assert (await graph.call.get()).id == service.call
    service.fault(access_tokens=how)
    with refused(401, "InvalidAuthenticationToken"):
        await graph.call.get()
    graph.provider.token = service.token()
    assert (await graph.call.get()).id == service.call


async def test_a_call_ends_for_a_reason(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    service.fault(call="ends", code=200, subcode=5000)
    end = item(receiver.until(lambda it: item(it)["changeType"] == "deleted"))
    result = read(Call, end["resourceData"]).result_info
    assert (result.code, result.subcode) == (200, 5000)
    with refused(404, "8522"):
        await graph.call.get()


async def test_a_call_ends_in_the_middle_of_a_mix(service, receiver):
    graph = Graph(service, version="beta")
    await graph.join(receiver)
    listener, source = [person.id for person in (await graph.people())[1:3]]
    service.fault(call="ends_mid_operation")
    path = f"/communications/calls/{service.call}/participants/configureMixer"
    operation = await graph.raw(Method.POST, path, mix(listener, source), CommsOperation)
    assert operation.id
    url = f"/communications/calls/{service.call}"
    receiver.until(lambda it: item(it)["changeType"] == "deleted" and item(it)["resourceUrl"] == url)
    with refused(404, "8522"):
        await graph.call.get()


async def test_a_roster_that_lies_for_a_while(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    service.fault(roster="lies", for_ms=60_000)
    await graph.person(person).mute.post(MutePostRequestBody(client_context="ctx"))
    assert not (await graph.person(person).get()).is_muted
    service.lever("clock", {"advance_ms": 60_000})
    assert (await graph.person(person).get()).is_muted

    def tells_the_truth(delivery):
        people = item(delivery)["resourceData"] if of_roster(service.call)(delivery) else []
        return any(it["id"] == person.id and it["isMuted"] for it in people)

    receiver.until(tells_the_truth)


async def numbers(service, receiver, count):
    """Sequence numbers of so many roster notifications, one for each change of a microphone."""
    graph = Graph(service)
    person = await graph.an_open_microphone()
    for what in ("mute", "unmute", "mute"):
        service.lever("people", {what: person.id})
    found = [receiver.until(of_roster(service.call)) for _ in range(count)]
    return [item(it)["resourceData"]["sequenceNumber"] for it in found]


@pytest.mark.parametrize(
    ("how", "steps"),
    [("lose", [1, 2]), ("repeat", [0, 0, 1, 2]), ("reorder", [1, 0, 2])],
)
async def test_notifications_out_of_order(service, receiver, how, steps):
    await Graph(service).join(receiver, delta=True)
    first = item(receiver.until(of_roster(service.call)))["resourceData"]["sequenceNumber"]
    service.fault(notifications=how)
    found = await numbers(service, receiver, len(steps))
    assert [number - first - 1 for number in found] == steps
