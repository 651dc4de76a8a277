"""PyPI's Authlib: sign in, userinfo, refresh, introspection, revocation, log out. Every ID token's signature and
claims are verified. It talks with the test that started it as visit.mjs does, which says how."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

given = json.loads(input())
issuer = given["issuer"]
session = OAuth2Session(
    given["client_id"],
    given["client_secret"],
    token_endpoint_auth_method="client_secret_basic" if given["client_secret"] else "none",
    revocation_endpoint_auth_method="client_secret_basic" if given["client_secret"] else "none",
    scope="openid email organization offline_access",
    redirect_uri=given["redirect_uri"],
    code_challenge_method="S256",
    default_timeout=60,
)


def fetch(url):
    answer = session.get(url, withhold_token=True)
    answer.raise_for_status()
    return answer.json()


provider = fetch(f"{issuer}/.well-known/openid-configuration")
keys = KeySet.import_key_set(fetch(provider["jwks_uri"]))


def visit(url):
    print(url, flush=True)
    return input()


def verified(tokens, nonce=None):
    algorithms = provider["id_token_signing_alg_values_supported"]
    token = jwt.decode(tokens["id_token"], keys, algorithms=algorithms)
    options = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": given["client_id"]},
        "acr": {"essential": True, "value": f"{issuer}/acr/{given['level']}"},
    }
    checks = {"client_id": given["client_id"], "nonce": nonce, "access_token": tokens["access_token"]}
    claims = CodeIDToken(token.claims, token.header, options, checks)
    claims.validate(leeway=30)
    return claims


def sign_in(**more):
    verifier, nonce = generate_token(48), generate_token()
    url, state = session.create_authorization_url(
        provider["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **more
    )
    back = visit(url)
    query = parse_qs(urlsplit(back).query)
    # RFC 9207 §2.4, which Authlib leaves to its user, as it does errors.
    assert query["iss"] == [issuer] and query["state"] == [state], back
    if "error" in query:
        raise OAuthError(query["error"][0])
    tokens = session.fetch_token(
        provider["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
    )
    return tokens, verified(tokens, nonce)


def refused(error, action, *arguments, **more):
    try:
        action(*arguments, **more)
    except OAuthError as caught:
        assert caught.error == error, caught
    else:
        raise AssertionError(f"{error} was expected")


tokens, claims = sign_in()
assert claims["amr"] == (["pwd", "otp", "mfa"] if given["level"] == "vip" else ["pwd"]), claims
user = session.get(provider["userinfo_endpoint"]).json()
assert (user["sub"], user["email"]) == (claims["sub"], given["email"]), user

refreshed = session.refresh_token(provider["token_endpoint"])
assert refreshed["refresh_token"] != tokens["refresh_token"]
renewed = verified(refreshed)
for name in ["sub", "acr", "auth_time", "sid"]:
    assert renewed[name] == claims[name], name

if given["client_secret"]:
    told = session.introspect_token(provider["introspection_endpoint"], refreshed["access_token"]).json()
    assert told["active"] and told["acr"] == claims["acr"], told
session.revoke_token(provider["revocation_endpoint"], refreshed["refresh_token"]).raise_for_status()
assert session.get(provider["userinfo_endpoint"]).status_code == 401
refused("invalid_grant", session.refresh_token, provider["token_endpoint"])

again, claims = sign_in(prompt="none")
assert claims["sid"] == renewed["sid"]
logout = {"id_token_hint": again["id_token"], "post_logout_redirect_uri": given["post_logout_redirect_uri"]}
back = visit(f"{provider['end_session_endpoint']}?{urlencode(logout)}")
assert back == given["post_logout_redirect_uri"], back
refused("login_required", sign_in, prompt="none")
print("done")
