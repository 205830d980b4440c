"""configureMixer through the client's request adapter: the SDK has no types for it any more."""

import uuid

import pytest
from graph import Graph, read, refused
from kiota_abstractions.method import Method
from msgraph.generated.models.comms_operation import CommsOperation
from msgraph.generated.models.operation_status import OperationStatus

pytestmark = pytest.mark.anyio


def mix(listener, source, **more):
    level = {"participant": source, "level": 50, "duckOthers": False, **more}
    return {
        "clientContext": str(uuid.uuid4()),
        "participantMixerLevels": [
            {"participant": listener, "exclusive": False, "sourceLevels": [level]}
        ],
    }


async def test_a_mix_is_accepted_and_its_end_notified(service, receiver):
    graph = Graph(service, version="beta")
    await graph.join(receiver)
    listener, source = [person.id for person in (await graph.people())[1:3]]
    body = mix(listener, source)
    path = f"/communications/calls/{service.call}/participants/configureMixer"
    operation = await graph.raw(Method.POST, path, body, CommsOperation)
    assert operation.odata_type == "#microsoft.graph.commsOperation"
    assert operation.client_context == body["clientContext"]
    assert operation.status == OperationStatus.Running
    [arrived] = service.arrived("configureMixer")
    assert (arrived["status"], arrived["body"]) == (202, body)

    def about_operation(delivery):
        return operation.id in delivery.json["value"][0]["resourceUrl"]

    [item] = receiver.until(about_operation).json["value"]
    assert item["changeType"] == "deleted"
    done = read(CommsOperation, item["resourceData"])
    assert done.client_context == body["clientContext"]
    assert done.status == OperationStatus.Completed


async def test_what_a_mix_may_not_say(service, receiver):
    graph = Graph(service, version="beta")
    await graph.join(receiver)
    listener, source = [person.id for person in (await graph.people())[1:3]]
    path = f"/communications/calls/{service.call}/participants/configureMixer"
    nobody = str(uuid.uuid4())
    ducking = {"rampActive": 5001, "rampInactive": 50, "lowerLevel": 10, "upperLevel": 50}
    slow = mix(listener, source)
    slow["participantMixerLevels"][0]["ducking"] = ducking
    for body, status, says in [
        (mix(listener, source, level=-1), 400, "level"),
        (mix(listener, source, level=101), 400, "level"),
        (mix(listener, listener), 400, ""),
        (mix(listener, source, duckOthers=True), 400, "duck"),
        (slow, 400, "rampActive"),
        (mix(nobody, source), 404, nobody),
        (mix(listener, nobody), 404, nobody),
    ]:
        with refused(status, says=says):
            await graph.raw(Method.POST, path, body)
    wrong_version = Graph(service)
    with refused(404):
        await wrong_version.raw(Method.POST, path, mix(listener, source))
