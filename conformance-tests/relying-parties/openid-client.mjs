// npm's openid-client: sign in, userinfo, refresh, a second sign-in without a page, log out.

import assert from 'node:assert/strict';
import { done, given, visit } from './visit.mjs';
import * as client from 'openid-client';

const { issuer } = given;
const auth = given.client_secret ? client.ClientSecretBasic(given.client_secret) : client.None();
const config = await client.discovery(new URL(issuer), given.client_id, undefined, auth);

async function signIn(more = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: 'openid email organization offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  return client.authorizationCodeGrant(config, await visit(url), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

const tokens = await signIn();
const claims = tokens.claims();
assert.equal(claims.acr, `${issuer}/acr/${given.level}`);
assert.deepEqual(claims.amr, given.level === 'vip' ? ['pwd', 'otp', 'mfa'] : ['pwd']);
assert.equal(claims.org_name, 'Acme');
assert.ok(claims.sid);

const user = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
assert.equal(user.email, given.email);

const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
assert.equal(refreshed.claims().sub, claims.sub);
assert.equal(refreshed.claims().auth_time, claims.auth_time);
assert.equal(refreshed.claims().acr, claims.acr);

const again = await signIn({ prompt: 'none' });
assert.equal(again.claims().sid, claims.sid);

const logout = client.buildEndSessionUrl(config, {
  id_token_hint: refreshed.id_token,
  post_logout_redirect_uri: given.post_logout_redirect_uri,
  state: 'gone',
});
assert.equal((await visit(logout)).href, `${given.post_logout_redirect_uri}?state=gone`);
await assert.rejects(signIn({ prompt: 'none' }), { error: 'login_required' });
done();
