"""Signed notifications of the Graph family, checked with PyJWT against the published keys."""

import jwt
import pytest
from graph import Graph
from tokens import claims, configuration

CONFIGURATION = "/v1/.well-known/OpenIdConfiguration"
ISSUER = "https://api.botframework.com"


@pytest.mark.anyio
async def test_a_graph_notification_is_signed(service, receiver):
    await Graph(service).join(receiver)
    published = configuration(service, CONFIGURATION)
    assert published["issuer"] == ISSUER
    found = claims(receiver.next().token, published, service.value("client-id"), ISSUER)
    assert found["tid"] == service.value("tenant")
    assert 3600 <= found["exp"] - found["iat"] <= 3900


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("expired", jwt.ExpiredSignatureError),
        ("foreign_key", jwt.PyJWTError),
        ("other_family", jwt.PyJWTError),
        ("wrong_audience", jwt.InvalidAudienceError),
    ],
)
async def test_tokens_that_must_be_refused(service, receiver, fault, error):
    service.fault(notification_tokens=fault, times=1)
    await Graph(service).join(receiver)
    published = configuration(service, CONFIGURATION)
    with pytest.raises(error):
        claims(receiver.next().token, published, service.value("client-id"), ISSUER)
    claims(receiver.next().token, published, service.value("client-id"), ISSUER)


@pytest.mark.anyio
async def test_a_token_can_be_missing(service, receiver):
    service.fault(notification_tokens="missing", times=1)
    await Graph(service).join(receiver)
    assert "Authorization" not in receiver.next().headers
    assert receiver.next().token
