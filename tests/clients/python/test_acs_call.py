"""The Call Automation client for Python on one connection, from connecting to hanging up."""

import pytest
from acs import KINDS, Acs, event, refused, roster
from azure.communication.callautomation import (
    CallConnectionState,
    CommunicationUserIdentifier,
    MicrosoftTeamsUserIdentifier,
    PhoneNumberIdentifier,
)
from azure.core.exceptions import ResourceNotFoundError


def test_connects_and_reads_the_connection(service, receiver):
    acs = Acs(service)
    joined = acs.connect(receiver, operation_context="ctx-c")
    assert joined.call_connection_id == service.value("acs-connection-id")
    kind, data = event(receiver.next())
    assert (kind, data["operationContext"]) == ("CallConnected", "ctx-c")
    kind, data = event(receiver.next())
    assert kind == "ParticipantsUpdated"
    assert len(data["participants"]) == 12
    now = acs.connection.get_call_properties()
    assert now.call_connection_id == joined.call_connection_id
    assert now.call_connection_state == CallConnectionState.CONNECTED
    assert now.callback_url == receiver.url
    assert now.server_call_id == data["serverCallId"]
    assert now.correlation_id == data["correlationId"]


def test_lists_everybody(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    people = acs.people()
    kinds = [type(person.identifier) for person in people]
    assert [kinds.count(kind) for kind in KINDS] == [10, 1, 1]
    assert len({person.identifier.raw_id for person in people}) == 12


def test_follows_the_links_of_a_long_roster(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    for _ in range(30):
        service.lever("people", {"on": service.value("acs-connection-id"), "join": {}})
    pages = [list(page) for page in acs.connection.list_participants().by_page()]
    assert len(pages) > 1
    assert len(acs.wire.tries("/participants")) == len(pages)
    people = [it.identifier.raw_id for page in pages for it in page]
    assert len(people) == len(set(people)) == 42


@pytest.mark.parametrize("kind", KINDS)
def test_reads_one_by_raw_id(service, receiver, kind):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.somebody(kind)
    one = acs.read(person)
    assert one.identifier.raw_id == person.identifier.raw_id
    assert isinstance(one.identifier, kind)
    assert one.is_muted == person.is_muted


def test_mutes_an_acs_user(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.an_open_microphone()
    result = acs.connection.mute_participant(person.identifier, operation_context="ctx-m")
    assert result.operation_context == "ctx-m"
    assert acs.read(person).is_muted
    raw_id = person.identifier.raw_id
    people, _ = roster(receiver, lambda people: people[raw_id])
    assert len(people) == 12


@pytest.mark.parametrize("kind", [MicrosoftTeamsUserIdentifier, PhoneNumberIdentifier])
def test_refuses_to_mute_anybody_else(service, receiver, kind):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.somebody(kind)
    before = acs.read(person).is_muted
    with refused(400, "8523"):
        acs.connection.mute_participant(person.identifier)
    assert acs.read(person).is_muted == before
    service.switch(mute_any_target=True)
    acs.connection.mute_participant(person.identifier)
    assert acs.read(person).is_muted


def test_removes_somebody(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.somebody(CommunicationUserIdentifier)
    raw_id = person.identifier.raw_id
    result = acs.connection.remove_participant(person.identifier, operation_context="ctx-r")
    assert result.operation_context == "ctx-r"
    told, people = [], [raw_id]
    while "RemoveParticipantSucceeded" not in told or raw_id in people:
        kind, data = event(receiver.next())
        told.append(kind)
        if kind == "ParticipantsUpdated":
            people = [it["identifier"]["rawId"] for it in data["participants"]]
        if kind == "RemoveParticipantSucceeded":
            assert data["participant"]["rawId"] == raw_id
            assert data["operationContext"] == "ctx-r"
            assert data["resultInformation"]["code"] == 200
    with refused(404, kind=ResourceNotFoundError):
        acs.read(person)
    assert len(acs.people()) == 11


@pytest.mark.parametrize("for_everyone", [False, True])
def test_ends(service, receiver, for_everyone):
    acs = Acs(service)
    acs.connected(receiver)
    acs.connection.hang_up(is_for_everyone=for_everyone)
    _, data = event(receiver.until(lambda it: event(it)[0] == "CallDisconnected"))
    assert data["callConnectionId"] == service.value("acs-connection-id")
    assert data["resultInformation"]["code"] == 200
    with refused(404, "8522", ResourceNotFoundError):
        acs.connection.get_call_properties()
    part = ":terminate" if for_everyone else service.value("acs-connection-id")
    assert 204 in [it["status"] for it in service.arrived(part)]


def test_calls_somebody(service, receiver):
    acs = Acs(service)
    target = CommunicationUserIdentifier("8:acs:b9614373-fd0b-480c-8fd2-cb58b70eab9f_0000")
    made = acs.client.create_call(target, receiver.url, operation_context="ctx-n")
    assert made.call_connection_id != service.value("acs-connection-id")
    assert made.targets[0].raw_id == target.raw_id
    kind, data = event(receiver.next())
    assert (kind, data["operationContext"]) == ("CallConnected", "ctx-n")
    assert data["callConnectionId"] == made.call_connection_id
    people, _ = roster(receiver)
    assert target.raw_id in people


def test_answers_once(service, receiver):
    acs = Acs(service)
    answered = acs.client.answer_call("incoming-1", receiver.url)
    kind, data = event(receiver.next())
    assert (kind, data["callConnectionId"]) == ("CallConnected", answered.call_connection_id)
    with refused(400, "8585"):
        acs.client.answer_call("incoming-1", receiver.url)


def test_a_call_that_is_not_there_cannot_be_connected_to(service, receiver):
    acs = Acs(service)
    joined = acs.client.connect_call(
        receiver.url, server_call_id="aHR0cHM6Ly9ub3doZXJl", operation_context="ctx-f"
    )
    kind, data = event(receiver.next())
    assert (kind, data["operationContext"]) == ("ConnectFailed", "ctx-f")
    assert data["callConnectionId"] == joined.call_connection_id
    assert data["resultInformation"]["code"] >= 400
