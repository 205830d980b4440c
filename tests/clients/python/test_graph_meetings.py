"""More than one call, and what is done with people: invite, mute many, routing groups."""

import pytest
from graph import Graph, refused
from kiota_abstractions.method import Method
from msgraph.generated.communications.calls.item.participants.invite.invite_post_request_body import (
    InvitePostRequestBody,
)
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)
from msgraph.generated.models.chat_info import ChatInfo
from msgraph.generated.models.comms_operation import CommsOperation
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.identity_set import IdentitySet
from msgraph.generated.models.invitation_participant_info import InvitationParticipantInfo
from msgraph.generated.models.operation_status import OperationStatus
from msgraph.generated.models.organizer_meeting_info import OrganizerMeetingInfo
from test_graph_notifications import item

pytestmark = pytest.mark.anyio


def meeting(service, name):
    organizer = Identity(id="5810cede-f3cc-42eb-b2c1-e9bd5d53ec96", display_name="Bob")
    return {
        "chat_info": ChatInfo(
            odata_type="#microsoft.graph.chatInfo", thread_id=f"19:{name}@thread.v2", message_id="0"
        ),
        "meeting_info": OrganizerMeetingInfo(
            odata_type="#microsoft.graph.organizerMeetingInfo",
            organizer=IdentitySet(odata_type="#microsoft.graph.identitySet", user=organizer),
        ),
        "tenant_id": service.value("tenant"),
    }


async def test_another_meeting_is_another_call(service, receiver):
    graph = Graph(service)
    first = await graph.join(receiver, **meeting(service, "one"))
    again = await graph.join(receiver, **meeting(service, "one"))
    other = await graph.join(receiver, **meeting(service, "two"))
    assert first.id == again.id == service.call
    assert other.id != first.id
    people = (await graph.calls.by_call_id(other.id).participants.get()).value
    mine = {it.id for it in await graph.people()}
    assert people and not mine & {it.id for it in people}
    await graph.calls.by_call_id(other.id).delete()
    assert (await graph.call.get()).id == first.id
    with refused(404, "8522"):
        await graph.calls.by_call_id(other.id).get()


async def test_another_tenant_is_403(service, receiver):
    elsewhere = {**meeting(service, "one"), "tenant_id": "aa67bd4c-8475-432d-bd41-39f255720e0a"}
    with refused(403, "7505"):
        await Graph(service).join(receiver, **elsewhere)


async def test_a_call_between_two_has_no_roster(service, receiver):
    graph = Graph(service)
    target = InvitationParticipantInfo(
        odata_type="#microsoft.graph.invitationParticipantInfo",
        identity=IdentitySet(
            odata_type="#microsoft.graph.identitySet",
            user=Identity(id="112f7296-5fa4-42ca-bae8-6a692b15d4b8", display_name="Ada"),
        ),
    )
    call = await graph.join(receiver, targets=[target])
    assert call.id != service.call
    between = graph.calls.by_call_id(call.id)
    assert (await between.participants.get()).value == []
    with refused(400, "8548"):
        somebody = between.participants.by_participant_id("2765eb15-01f8-47c6-b12b-c32111a4a86f")
        await somebody.mute.post(MutePostRequestBody(client_context="ctx"))


async def test_an_invited_person_joins(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    before = len(await graph.people())
    user = Identity(id="7e1b4346-85a6-4bdd-abe3-d11c5d420efe", display_name="Grace Hopper")
    invited = InvitationParticipantInfo(
        odata_type="#microsoft.graph.invitationParticipantInfo",
        identity=IdentitySet(odata_type="#microsoft.graph.identitySet", user=user),
    )
    body = InvitePostRequestBody(participants=[invited], client_context="ctx-i")
    operation = await graph.call.participants.invite.post(body)
    assert operation.status == OperationStatus.Running
    assert operation.client_context == "ctx-i"

    def is_done(delivery):
        return item(delivery)["resourceUrl"].endswith(f"/operations/{operation.id}")

    assert item(receiver.until(is_done))["changeType"] == "deleted"
    people = await graph.people()
    assert len(people) == before + 1
    assert user.id in {it.info.identity.user.id for it in people if it.info.identity.user}
    with refused(400):
        body = InvitePostRequestBody(participants=[invited] * 6, client_context="too many")
        await graph.call.participants.invite.post(body)


async def test_mutes_many_in_the_beta(service, receiver):
    graph = Graph(service, version="beta")
    await graph.join(receiver)
    people = await graph.people()
    some = [it.id for it in people if not it.is_muted and it.info.identity.user][:3]
    body = {"participants": some, "clientContext": "ctx-all"}
    path = f"/communications/calls/{service.call}/participants/muteAll"
    operation = await graph.raw(Method.POST, path, body, CommsOperation)
    assert operation.client_context == "ctx-all"
    muted = {it.id for it in await graph.people() if it.is_muted}
    assert muted >= set(some)


async def test_routing_groups_are_listed(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    assert (await graph.call.audio_routing_groups.get()).value is not None
