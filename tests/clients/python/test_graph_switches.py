"""Points the published pages leave open, decided otherwise, as Microsoft's Python client sees them."""

import pytest
from graph import Graph, read, refused
from kiota_abstractions.method import Method
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)
from msgraph.generated.models.call import Call
from msgraph.generated.models.comms_operation import CommsOperation
from msgraph.generated.models.participant import Participant
from test_graph_mixer import mix
from test_graph_notifications import item, of_roster

pytestmark = pytest.mark.anyio


async def mute(graph, person):
    return await graph.person(person).mute.post(MutePostRequestBody(client_context="ctx"))


async def test_a_missing_permission_is_403(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    service.switch(permissions="Presence.Read.All")
    with refused(403, "7504"):
        await graph.join(receiver)
    with refused(403, "7504"):
        await mute(graph, person)
    assert not (await graph.person(person).get()).is_muted


@pytest.mark.parametrize("spelling", ["Calls.JoinGroupCall.All", "Calls.JoinGroupCalls.All"])
async def test_both_spellings_of_a_permission_count(service, receiver, spelling):
    service.switch(permissions=spelling)
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    await mute(graph, person)
    assert (await graph.person(person).get()).is_muted


async def test_removing_somebody_needs_the_tenant_to_allow_it(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    service.switch(remove_participants=False)
    with refused(403):
        await graph.person(person).delete()
    service.switch(remove_participants=True)
    await graph.person(person).delete()

    def is_gone(delivery):
        if not of_roster(service.call)(delivery):
            return False
        people = read(Participant, item(delivery)["resourceData"])
        return person.id not in {it.id for it in people}

    receiver.until(is_gone)
    with refused(404, "8522"):
        await graph.person(person).get()


async def test_a_mix_can_be_answered_as_in_2018(service, receiver):
    service.switch(mixer_status=200)
    graph = Graph(service, version="beta")
    await graph.join(receiver)
    listener, source = [person.id for person in (await graph.people())[1:3]]
    path = f"/communications/calls/{service.call}/participants/configureMixer"
    await graph.raw(Method.POST, path, mix(listener, source), CommsOperation)
    assert [it["status"] for it in service.arrived("configureMixer")] == [200]
    with refused(400, says="level"):
        await graph.raw(Method.POST, path, mix(listener, source, level=150))
    service.switch(levels_above_100=True)
    await graph.raw(Method.POST, path, mix(listener, source, level=150), CommsOperation)


async def test_a_roster_can_show_only_who_changed(service, receiver):
    service.switch(roster="changed")
    graph = Graph(service)
    await graph.join(receiver)
    # The first roster shows everybody; a mute before it would be told by it.
    receiver.until(of_roster(service.call))
    person = await graph.an_open_microphone()
    await mute(graph, person)

    def shows_mute(delivery):
        if not of_roster(service.call)(delivery):
            return False
        people = read(Participant, item(delivery)["resourceData"])
        return [it.id for it in people] == [person.id] and people[0].is_muted

    receiver.until(shows_mute)


async def test_numbers_can_be_text(service, receiver):
    service.switch(int64="text")
    graph = Graph(service)
    await graph.join(receiver, delta=True)
    data = item(receiver.until(of_roster(service.call)))["resourceData"]
    assert data["sequenceNumber"].isdigit()


async def test_notifications_can_have_the_form_of_2018(service, receiver):
    service.switch(envelope="old")
    graph = Graph(service)
    await graph.join(receiver)
    body = receiver.next().json
    assert "@odata.type" not in body
    [only] = body["value"]
    assert "resourceUrl" not in only
    assert only["resource"] == f"/app/calls/{service.call.replace('-', '').upper()}"
    assert read(Call, only["resourceData"]).state is not None
    service.switch(envelope="both")
    await mute(graph, await graph.an_open_microphone())
    both = receiver.until(lambda it: "resourceUrl" in it.json["value"][0]).json["value"][0]
    assert both["resourceUrl"] and both["resource"]


async def test_a_call_without_keep_alive_is_dropped(service, receiver):
    service.switch(keep_alive_minutes=2)
    graph = Graph(service)
    await graph.join(receiver)
    service.lever("clock", {"advance_ms": 119_000})
    await graph.call.keep_alive.post()
    service.lever("clock", {"advance_ms": 119_000})
    assert (await graph.call.get()).id == service.call
    service.lever("clock", {"advance_ms": 2_000})
    with refused(404, "8522"):
        await graph.call.keep_alive.post()
    end = item(receiver.until(lambda it: item(it)["changeType"] == "deleted"))
    assert read(Call, end["resourceData"]).result_info.subcode == 8537


async def test_what_a_switch_may_not_say(service):
    for order, says in [({"roster": "half"}, "roster"), ({"no_such": 1}, "no_such")]:
        with pytest.raises(AssertionError, match=says):
            service.switch(**order)
