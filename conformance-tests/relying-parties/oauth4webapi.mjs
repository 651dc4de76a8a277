// npm's oauth4webapi: sign in by an essential acr, userinfo, refresh, introspection, revocation, log out. Every ID
// token's signature is verified, with keys that are fetched once.

import assert from 'node:assert/strict';
import { done, given, visit } from './visit.mjs';
import * as oauth from 'oauth4webapi';

const issuer = new URL(given.issuer);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: given.client_id };
const auth = given.client_secret ? oauth.ClientSecretPost(given.client_secret) : oauth.None();
const keys = {};
const acr = (level) => `${given.issuer}/acr/${level}`;
const essential = (level) => JSON.stringify({ id_token: { acr: { essential: true, value: acr(level) } } });

async function verified(response, tokens) {
  await oauth.validateApplicationLevelSignature(as, response, { [oauth.jwksCache]: keys });
  return { ...tokens, claims: oauth.getValidatedIdTokenClaims(tokens) };
}

async function signIn(more) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const expectedNonce = oauth.generateRandomNonce();
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: given.client_id,
    redirect_uri: given.redirect_uri,
    scope: 'openid email organization offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce: expectedNonce,
    ...more,
  });
  const answer = oauth.validateAuthResponse(as, client, await visit(url), state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, answer, given.redirect_uri, verifier);
  const checks = { expectedNonce, requireIdToken: true };
  return verified(response, await oauth.processAuthorizationCodeResponse(as, client, response, checks));
}

async function refresh(token) {
  const response = await oauth.refreshTokenGrantRequest(as, client, auth, token);
  return verified(response, await oauth.processRefreshTokenResponse(as, client, response));
}

async function userInfo(tokens) {
  const response = await oauth.userInfoRequest(as, client, tokens.access_token);
  return oauth.processUserInfoResponse(as, client, tokens.claims.sub, response);
}

async function introspect(token) {
  const response = await oauth.introspectionRequest(as, client, auth, token);
  return oauth.processIntrospectionResponse(as, client, response);
}

const tokens = await signIn({ claims: essential(given.level) });
assert.equal(tokens.claims.acr, acr(given.level));
assert.equal((await userInfo(tokens)).email, given.email);
const { uat } = keys;
assert.ok(uat, 'the keys are kept');

const refreshed = await refresh(tokens.refresh_token);
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
for (const claim of ['sub', 'acr', 'auth_time', 'sid']) {
  assert.equal(refreshed.claims[claim], tokens.claims[claim], claim);
}

if (given.client_secret) {
  const told = await introspect(refreshed.access_token);
  assert.deepEqual([told.active, told.sub, told.acr], [true, tokens.claims.sub, acr(given.level)]);
} else {
  await assert.rejects(introspect(refreshed.access_token), { status: 401 });
}
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, refreshed.refresh_token));
await assert.rejects(userInfo(refreshed), { status: 401 });
await assert.rejects(refresh(refreshed.refresh_token), { error: 'invalid_grant' });
if (given.client_secret) assert.equal((await introspect(refreshed.access_token)).active, false);

const again = await signIn({ prompt: 'none' });
assert.equal(again.claims.sid, tokens.claims.sid);
if (given.level === 'password') {
  // Nobody without a token can prove one.
  await assert.rejects(signIn({ claims: essential('vip') }), { error: 'unmet_authentication_requirements' });
}
assert.equal(keys.uat, uat, 'the keys were fetched once');

const logout = new URL(as.end_session_endpoint);
logout.search = new URLSearchParams({
  id_token_hint: again.id_token,
  post_logout_redirect_uri: given.post_logout_redirect_uri,
});
assert.equal((await visit(logout)).href, given.post_logout_redirect_uri);
await assert.rejects(signIn({ prompt: 'none' }), { error: 'login_required' });
done();
