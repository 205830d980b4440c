"""Microsoft's Graph client, pointed at a rehearsal."""

import json
from contextlib import contextmanager

import pytest
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import RetryHandlerOption
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.call import Call
from msgraph.generated.models.modality import Modality
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.outgoing_call_options import OutgoingCallOptions
from msgraph.generated.models.service_hosted_media_config import ServiceHostedMediaConfig


class Token(AccessTokenProvider):
    """A fixed token. The library's own providers refuse plain http, which loopback is."""

    def __init__(self, token):
        self.token = token

    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return self.token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


class Graph:
    """A client with a token, and the service's standing call."""

    def __init__(self, service, version="v1.0", token=None):
        self.service = service
        self.provider = Token(service.token() if token is None else token)
        self.adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(self.provider))
        self.adapter.base_url = f"{service.address}/{version}"
        self.client = GraphServiceClient(request_adapter=self.adapter)

    @property
    def calls(self):
        return self.client.communications.calls

    @property
    def call(self):
        return self.calls.by_call_id(self.service.call)

    def person(self, person):
        return self.call.participants.by_participant_id(person.id)

    async def join(self, receiver, **more):
        """Joins as an application does; `more` are further members of the call."""
        delta = more.pop("delta", None)
        options = OutgoingCallOptions(
            odata_type="#microsoft.graph.outgoingCallOptions", is_delta_roster_enabled=delta
        )
        call = Call(
            odata_type="#microsoft.graph.call",
            callback_uri=receiver.url,
            requested_modalities=[Modality.Audio],
            media_config=ServiceHostedMediaConfig(
                odata_type="#microsoft.graph.serviceHostedMediaConfig"
            ),
            call_options=None if delta is None else options,
            **more,
        )
        return await self.calls.post(call)

    async def people(self):
        return (await self.call.participants.get()).value

    async def an_open_microphone(self):
        """Somebody in the conversation who is not muted and is not the application."""
        for person in await self.people():
            application = person.info.identity.application
            if not person.is_muted and not person.is_in_lobby and application is None:
                return person
        raise AssertionError("everybody is muted")

    async def raw(self, method, path, body=None, model=None, options=()):
        """A request the client has no builder for, through its adapter and all its handlers."""
        request = RequestInformation(method, "{+baseurl}" + path, {"baseurl": self.adapter.base_url})
        request.headers.try_add("Accept", "application/json")
        request.add_request_options(list(options))
        if body is not None:
            request.set_stream_content(json.dumps(body).encode(), "application/json")
        errors = {"XXX": ODataError}
        if model is None:
            return await self.adapter.send_primitive_async(request, "bytes", errors)
        return await self.adapter.send_async(request, model, errors)


def read(model, value):
    """Reads JSON by the client's own model; a list gives a list."""
    node = JsonParseNodeFactory().get_root_parse_node("application/json", json.dumps(value).encode())
    if isinstance(value, list):
        return node.get_collection_of_object_values(model)
    return node.get_object_value(model)


@contextmanager
def refused(status, code=None, says=""):
    """The block ends in the client's own error for this answer."""
    with pytest.raises(APIError) as caught:
        yield caught
    error = caught.value
    assert error.response_status_code == status, error
    assert isinstance(error, ODataError), error
    assert error.error is not None and error.error.message, "an error says what is wrong"
    if code is not None:
        assert error.error.code == code, error
    assert says in error.error.message, error
    inner = error.error.inner_error
    assert inner is not None and inner.request_id and inner.date, "an error can be traced"


def without_retry():
    """Options of one request that is not to be tried again."""
    return RequestConfiguration(options=[RetryHandlerOption(max_retries=0)])
