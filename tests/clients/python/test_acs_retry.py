"""Retries of the Call Automation client for Python, and that a request repeated is done once."""

import email.utils
import time
import uuid

import pytest
from acs import Acs, refused, roster
from azure.core.exceptions import AzureError


def statuses(service, part):
    return [it["status"] for it in service.arrived(part)]


def unmute(service, raw_id):
    """Somebody unmutes themselves."""
    service.lever("people", {"on": service.value("acs-connection-id"), "unmute": raw_id})


def check_same_request(service, acs, part):
    """Both tries carry the same identity, as they left the client and as they arrived."""
    first, second = acs.wire.tries(part)
    assert [it["headers"]["repeatability-request-id"] for it in service.arrived(part)] == [
        first["repeatability-request-id"]
    ] * 2
    for name in ("repeatability-request-id", "repeatability-first-sent"):
        assert first[name] == second[name]
    assert uuid.UUID(first["repeatability-request-id"]).version == 4


def check_muted_once(acs, receiver, person, before):
    """The roster moved on by one number, and says muted."""
    raw_id = person.identifier.raw_id
    people, number = roster(receiver, lambda people: people[raw_id])
    assert number == before + 1
    assert acs.read(person).is_muted


def test_429_with_seconds_is_waited_for(service, receiver):
    acs = Acs(service)
    before = acs.connected(receiver)
    person = acs.an_open_microphone()
    service.fault(path_contains=":mute", fault={"status": 429, "retry_after": 1})
    started = time.monotonic()
    acs.connection.mute_participant(person.identifier, operation_context="ctx")
    assert time.monotonic() - started >= 1
    assert statuses(service, ":mute") == [429, 200]
    check_same_request(service, acs, ":mute")
    check_muted_once(acs, receiver, person, before)


def test_429_with_a_date_is_waited_for(service, receiver):
    acs = Acs(service)
    before = acs.connected(receiver)
    person = acs.an_open_microphone()
    service.fault(path_contains=":mute", fault={"status": 429, "retry_after_date": 2})
    acs.connection.mute_participant(person.identifier)
    assert statuses(service, ":mute") == [429, 200]
    check_same_request(service, acs, ":mute")
    check_muted_once(acs, receiver, person, before)


def again(identity, age=0):
    """Headers that make a request the one with this identity."""
    date = email.utils.formatdate(time.time() - age, usegmt=True)
    return {"Repeatability-Request-ID": identity, "Repeatability-First-Sent": date}


def test_the_same_request_id_is_executed_once(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.an_open_microphone()
    raw_id = person.identifier.raw_id
    headers = again(str(uuid.uuid4()))
    mute = acs.connection.mute_participant
    mute(person.identifier, operation_context="ctx", headers=dict(headers))
    _, muted = roster(receiver, lambda people: people[raw_id])
    unmute(service, raw_id)
    _, unmuted = roster(receiver, lambda people: not people[raw_id])
    repeated = mute(person.identifier, operation_context="ctx", headers=dict(headers))
    assert repeated.operation_context == "ctx"
    assert not acs.read(person).is_muted, "a repeated request must not be done again"
    mute(person.identifier, operation_context="ctx", headers=again(str(uuid.uuid4())))
    _, last = roster(receiver, lambda people: people[raw_id])
    assert (muted, unmuted, last) == (muted, muted + 1, muted + 2)
    assert statuses(service, ":mute") == [200, 200, 200]


def test_a_mute_whose_answer_was_lost_is_not_done_twice(service, receiver):
    acs = Acs(service)
    before = acs.connected(receiver)
    person = acs.an_open_microphone()
    headers = again(str(uuid.uuid4()))
    service.fault(path_contains=":mute", fault="half_body")
    with pytest.raises(AzureError):
        acs.connection.mute_participant(person.identifier, headers=dict(headers))
    acs.connection.mute_participant(person.identifier, headers=dict(headers))
    check_same_request(service, acs, ":mute")
    check_muted_once(acs, receiver, person, before)
    unmute(service, person.identifier.raw_id)
    _, number = roster(receiver)
    assert number == before + 2, "nothing happened in between"


def test_the_same_request_id_for_something_else_is_400(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.an_open_microphone()
    headers = again(str(uuid.uuid4()))
    acs.connection.mute_participant(person.identifier, headers=dict(headers))
    with refused(400):
        acs.connection.mute_participant(
            person.identifier, operation_context="other", headers=dict(headers)
        )


def test_a_request_first_sent_too_long_ago_is_412(service, receiver):
    acs = Acs(service)
    acs.connected(receiver)
    person = acs.an_open_microphone()
    with refused(412):
        acs.connection.mute_participant(
            person.identifier, headers=again(str(uuid.uuid4()), age=600)
        )
    assert not acs.read(person).is_muted
