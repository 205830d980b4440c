"""Signed notifications of the ACS family, checked with PyJWT against the published keys."""

import time

from acs import Acs
from tokens import claims, configuration

CONFIGURATION = "/calling/.well-known/acsopenidconfiguration"
ISSUER = "https://acscallautomation.communication.azure.com"


def test_an_acs_event_is_signed_and_short_lived(service, receiver):
    started = int(time.time())
    Acs(service).connect(receiver)
    published = configuration(service, CONFIGURATION)
    assert published["issuer"] == ISSUER
    audience = service.value("acs-resource-id")
    for _ in ("CallConnected", "ParticipantsUpdated"):
        found = claims(receiver.next().token, published, audience, ISSUER)
        assert found["exp"] - found["iat"] == 300
        assert found["iat"] >= started, "every event has a fresh token"
