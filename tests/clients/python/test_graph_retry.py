"""The retry handler of Microsoft's Python client against a busy service."""

import time

import pytest
from graph import Graph, refused
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_http.middleware.options import RetryHandlerOption
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody,
)

pytestmark = pytest.mark.anyio


def statuses(service, part):
    return [it["status"] for it in service.arrived(part)]


async def test_429_with_seconds_is_waited_for(service, receiver):
    graph = Graph(service)
    await graph.join(receiver)
    person = await graph.an_open_microphone()
    service.fault(path_contains="/mute", fault={"status": 429, "retry_after": 1})
    started = time.monotonic()
    body = MutePostRequestBody(client_context="ctx")
    assert (await graph.person(person).mute.post(body)).client_context == "ctx"
    assert time.monotonic() - started >= 1
    assert statuses(service, "/mute") == [429, 200]
    first, second = service.arrived("/mute")
    assert first["text"] == second["text"]


async def test_503_with_seconds_is_waited_for(service):
    graph = Graph(service)
    service.fault(path_contains="/calls/", fault={"status": 503, "retry_after": 1})
    assert (await graph.call.get()).id == service.call
    assert statuses(service, "/calls/") == [503, 200]


async def test_gives_up_after_its_retries(service):
    graph = Graph(service)
    service.fault(path_contains="/calls/", times=9, fault={"status": 503})
    options = [RetryHandlerOption(delay=0, max_retries=1)]
    with refused(503):
        await graph.call.get(request_configuration=RequestConfiguration(options=options))
    assert statuses(service, "/calls/") == [503, 503]
