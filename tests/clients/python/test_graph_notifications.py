"""What the Graph face posts, read by the models of Microsoft's Python client."""

import pytest
from graph import Graph, read
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)
from msgraph.generated.models.call import Call
from msgraph.generated.models.call_state import CallState
from msgraph.generated.models.delta_participants import DeltaParticipants
from msgraph.generated.models.participant import Participant

pytestmark = pytest.mark.anyio


def item(delivery):
    """The only item of a notification, its envelope checked."""
    body = delivery.json
    assert body["@odata.type"] == "#microsoft.graph.commsNotifications"
    [only] = body["value"]
    assert only["@odata.type"] == "#microsoft.graph.commsNotification"
    assert delivery.headers["Content-Type"].startswith("application/json")
    return only


def of_roster(call):
    url = f"/communications/calls/{call}/participants"
    return lambda delivery: item(delivery)["resourceUrl"] == url


async def test_joining_tells_state_and_roster(service, receiver):
    graph = Graph(service)
    joined = await graph.join(receiver)
    url = f"/communications/calls/{joined.id}"
    states = []
    while CallState.Established not in states:
        one = item(receiver.until(lambda it: item(it)["resourceUrl"] == url))
        assert one["changeType"] in ("created", "updated")
        states.append(read(Call, one["resourceData"]).state)
    assert states == [CallState.Establishing, CallState.Established]
    one = item(receiver.until(of_roster(joined.id)))
    people = read(Participant, one["resourceData"])
    assert {it.id for it in people} == {it.id for it in await graph.people()}


async def test_a_mute_shows_in_the_roster(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    await graph.person(person).mute.post(MutePostRequestBody(client_context="ctx"))

    def says_muted(delivery):
        if not of_roster(service.call)(delivery):
            return False
        people = read(Participant, item(delivery)["resourceData"])
        return any(it.id == person.id and it.is_muted for it in people)

    people = read(Participant, item(receiver.until(says_muted))["resourceData"])
    [muted] = [it for it in people if it.id == person.id]
    assert muted.media_streams[0].server_muted


async def test_a_delta_roster_counts_on(service, receiver):
    graph = Graph(service)
    await graph.join(receiver, delta=True)
    # Who leaves before the first roster was never in one.
    first = item(receiver.until(of_roster(service.call)))["resourceData"]
    last, left = read(DeltaParticipants, first).sequence_number, None
    person = await graph.an_open_microphone()
    await graph.person(person).mute.post(MutePostRequestBody(client_context="ctx"))
    service.lever("people", {"leave": person.id})
    while left is None:
        data = item(receiver.until(of_roster(service.call)))["resourceData"]
        assert data["@odata.type"] == "#microsoft.graph.deltaParticipants"
        delta = read(DeltaParticipants, data)
        assert delta.sequence_number > last
        last = delta.sequence_number
        left = next((it for it in delta.participants if it.removed_state is not None), None)
    assert left.id == person.id
    assert left.removed_state.reason


async def test_the_end_comes_last_and_says_why(service, receiver):
    graph = Graph(service)
    joined = await graph.join(receiver)
    await graph.call.delete()
    url = f"/communications/calls/{joined.id}"

    def is_end(delivery):
        return item(delivery)["changeType"] == "deleted" and item(delivery)["resourceUrl"] == url

    end = read(Call, item(receiver.until(is_end))["resourceData"])
    assert end.state == CallState.Terminated
    assert end.result_info.code == 200
    assert end.result_info.subcode is not None
