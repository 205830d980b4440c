"""Checks the token of a notification as a receiver has to: by the published keys, RS256 only."""

import json
import urllib.request

import jwt
from service import PATIENCE


def configuration(service, path):
    """An OpenID configuration of the service."""
    with urllib.request.urlopen(service.address + path, timeout=PATIENCE) as answer:
        return json.load(answer)


def claims(token, configuration, audience, issuer):
    """The claims of a token that holds; everything else is an exception of the library."""
    keys = jwt.PyJWKClient(configuration["jwks_uri"])
    key = keys.get_signing_key_from_jwt(token)
    required = ["exp", "nbf", "iat", "iss", "aud"]
    return jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=audience,
        issuer=issuer,
        options={"require": required},
    )
