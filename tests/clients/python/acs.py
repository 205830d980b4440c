"""The Call Automation client for Python, pointed at a rehearsal."""

import uuid
from contextlib import contextmanager

import pytest
from azure.communication.callautomation import (
    CallAutomationClient,
    CommunicationUserIdentifier,
    MicrosoftTeamsUserIdentifier,
    PhoneNumberIdentifier,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from azure.core.messaging import CloudEvent
from azure.core.pipeline.transport import RequestsTransport

SCOPE = "https://communication.azure.com//.default"
PREFIX = "Microsoft.Communication."


class Wire(RequestsTransport):
    """The client's own transport, which remembers what it sent, one entry for every try."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def send(self, request, **more):
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.sent.append((request.method, request.url, headers))
        return super().send(request, **more)

    def tries(self, part):
        """Headers of the requests whose address holds `part`."""
        return [headers for _, url, headers in self.sent if part in url]


class Acs:
    """A client with the access key, and the service's standing connection."""

    def __init__(self, service, key=None, **options):
        self.service = service
        self.wire = Wire()
        key = service.value("acs-access-key") if key is None else key
        credential = AzureKeyCredential(key)
        self.client = CallAutomationClient(
            service.address, credential, transport=self.wire, **options
        )

    @property
    def connection(self):
        return self.client.get_call_connection(self.service.value("acs-connection-id"))

    def connect(self, receiver, **more):
        return self.client.connect_call(receiver.url, group_call_id=str(uuid.uuid4()), **more)

    def connected(self, receiver, **more):
        """Connects and waits until something can be asked for; the number of the first roster."""
        self.connect(receiver, **more)
        kind, _ = event(receiver.next())
        assert kind == "CallConnected"
        return roster(receiver)[1]

    def people(self):
        return list(self.connection.list_participants())

    def somebody(self, kind, muted=None):
        """The first of a kind in the roster."""
        for person in self.people():
            if isinstance(person.identifier, kind) and muted in (None, person.is_muted):
                return person
        raise AssertionError(f"there is no such {kind.__name__}")

    def an_open_microphone(self):
        return self.somebody(CommunicationUserIdentifier, muted=False)

    def read(self, person):
        return self.connection.get_participant(person.identifier)


KINDS = [CommunicationUserIdentifier, MicrosoftTeamsUserIdentifier, PhoneNumberIdentifier]


def event(delivery):
    """The only event of a delivery, read by the vendor's library; its kind without the prefix."""
    assert delivery.headers["Content-Type"].startswith("application/")
    [only] = delivery.json
    assert only["specversion"] == "1.0"
    found = CloudEvent.from_dict(only)
    assert found.type.startswith(PREFIX)
    assert found.source == f"calling/callConnections/{found.data['callConnectionId']}"
    assert found.subject == found.source
    assert found.id and found.time
    return found.type.removeprefix(PREFIX), found.data


def roster(receiver, wanted=lambda people: True):
    """The next notified roster that is wanted, as raw ids and whether muted, and its number."""

    def fits(delivery):
        kind, data = event(delivery)
        return kind == "ParticipantsUpdated" and wanted(people(data))

    def people(data):
        return {it["identifier"]["rawId"]: it["isMuted"] for it in data["participants"]}

    _, data = event(receiver.until(fits))
    return people(data), data["sequenceNumber"]


@contextmanager
def refused(status, code=None, kind=HttpResponseError, says=""):
    """The block ends in the client's own exception for this answer."""
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    assert error.status_code == status, error
    assert error.error is not None and error.error.code, f"an error has a code: {error}"
    assert error.error.message, error
    if code is not None:
        assert error.error.code == code, error
    assert says in error.error.message, error
