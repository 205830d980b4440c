"""Microsoft's Python client on one Graph call: join, read, mute, keep alive, leave."""

import pytest
from graph import Graph, read, refused
from msgraph.generated.communications.calls.item.mute.mute_post_request_body import (
    MutePostRequestBody as MuteSelf,
)
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)
from msgraph.generated.communications.calls.item.unmute.unmute_post_request_body import (
    UnmutePostRequestBody,
)
from msgraph.generated.models.call import Call
from msgraph.generated.models.call_direction import CallDirection
from msgraph.generated.models.call_state import CallState
from msgraph.generated.models.operation_status import OperationStatus

pytestmark = pytest.mark.anyio


def state(delivery):
    """What a notification says about the call's state; none when it is about something else."""
    [only] = delivery.json["value"]
    is_call = only["resourceUrl"].count("/") == 3
    return read(Call, only["resourceData"]).state if is_call else None


async def test_joins_and_reads_the_call(service, receiver):
    graph = Graph(service)
    joined = await graph.join(receiver)
    assert joined.id == service.call
    assert joined.state == CallState.Establishing
    receiver.until(lambda it: state(it) == CallState.Established)
    call = await graph.call.get()
    assert (call.id, call.state) == (service.call, CallState.Established)
    assert call.direction == CallDirection.Outgoing
    assert call.callback_uri == receiver.url
    people = await graph.people()
    assert call.my_participant_id in {person.id for person in people}


async def test_reads_everybody_and_one(whole_service, receiver):
    graph = Graph(whole_service)
    await graph.join(receiver)
    people = await graph.people()
    # The application is one of them.
    assert len(people) == 43
    assert len({person.id for person in people}) == 43
    assert all(person.info.identity is not None for person in people)
    users = [person for person in people if person.info.identity.user]
    assert all(person.info.identity.user.display_name for person in users)
    assert any(person.is_in_lobby for person in people)
    one = await graph.person(users[0]).get()
    assert one.id == users[0].id
    assert one.info.identity.user.id == users[0].info.identity.user.id
    streams = {stream.media_type.value for stream in one.media_streams}
    assert "audio" in {it.lower() for it in streams}


async def test_mutes_somebody(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    operation = await graph.person(person).mute.post(MutePostRequestBody(client_context="ctx-1"))
    assert operation.status == OperationStatus.Completed
    assert operation.client_context == "ctx-1"
    assert operation.odata_type == "#microsoft.graph.muteParticipantOperation"
    again = await graph.person(person).get()
    assert again.is_muted
    assert again.media_streams[0].server_muted
    found = await graph.call.operations.by_comms_operation_id(operation.id).get()
    assert (found.id, found.status) == (operation.id, OperationStatus.Completed)
    every = await graph.call.operations.get()
    assert operation.id in {it.id for it in every.value}


async def test_mutes_and_unmutes_itself(service, receiver):
    graph = Graph(service)
    me = (await graph.join(receiver)).my_participant_id

    async def am_muted():
        participants = graph.call.participants
        return (await participants.by_participant_id(me).get()).is_muted

    before = await graph.call.mute.post(MuteSelf(client_context="ctx-m"))
    assert before.status == OperationStatus.Completed
    assert await am_muted()
    after = await graph.call.unmute.post(UnmutePostRequestBody(client_context="ctx-u"))
    assert after.status == OperationStatus.Completed
    assert after.odata_type == "#microsoft.graph.unmuteParticipantOperation"
    assert not await am_muted()


async def test_keeps_alive_and_leaves(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    assert await graph.call.keep_alive.post() is None
    await graph.call.delete()
    with refused(404, "8522"):
        await graph.call.get()
    with refused(404, "8522"):
        await graph.call.keep_alive.post()
    statuses = [(it["method"], it["status"]) for it in service.arrived(service.call)]
    assert ("POST", 200) in statuses and ("DELETE", 204) in statuses
