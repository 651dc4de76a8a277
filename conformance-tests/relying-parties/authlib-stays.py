"""PyPI's Authlib, for as long as it is told: one sign-in after the other, every ID token verified with the keys that
its client for web applications keeps. After each it prints the name of the key."""

import json
from base64 import urlsafe_b64decode
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session

given = json.loads(input())
issuer = given["issuer"]


class App(OAuth2Mixin, OpenIDMixin, BaseApp):
    client_cls = OAuth2Session


app = App(
    None,
    client_id=given["client_id"],
    client_secret=given["client_secret"],
    client_kwargs={
        "scope": "openid email",
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_basic" if given["client_secret"] else "none",
    },
    server_metadata_url=f"{issuer}/.well-known/openid-configuration",
)


def sign_in():
    begun = app.create_authorization_url(given["redirect_uri"], prompt="login")
    print(begun["url"], flush=True)
    back = input()
    query = parse_qs(urlsplit(back).query)
    assert query["iss"] == [issuer] and query["state"] == [begun["state"]] and "code" in query, back
    verifier = begun["code_verifier"]
    tokens = app.fetch_access_token(given["redirect_uri"], code=query["code"][0], code_verifier=verifier)
    claims = app.parse_id_token(tokens, begun["nonce"])
    assert claims["acr"] == f"{issuer}/acr/{given['level']}", claims
    header = tokens["id_token"].split(".")[0]
    return json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


while True:
    print("kid", sign_in(), flush=True)
    if input() == "over":
        break
print("done")
