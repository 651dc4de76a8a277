// A public and a confidential client on npm's openid-client: sign in, refresh, userinfo, log out. The test that
// starts this one (tests/openid_client.rs) has made the provider, the clients and the people.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from 'openid-client';
import { Browser } from './browser.mjs';

const given = JSON.parse(process.env.COUNTERSIGN_OPENID_CLIENT);
const { issuer, people } = given;

function answersOf(person) {
  const codes = [...person.codes];
  return {
    '/login': () => ({ email: person.email, password: person.password, language: '' }),
    '/login/vip': () => ({ code: codes.shift() }),
    '/logout': () => ({}),
  };
}

async function configuration(made) {
  const auth = made.client_secret ? client.ClientSecretBasic(made.client_secret) : client.None();
  const metadata = made.client_secret ? { client_secret: made.client_secret } : undefined;
  return client.discovery(new URL(issuer), made.client_id, metadata, auth);
}

async function signIn(config, browser, redirectUri, more = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid email organization offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  const back = await browser.walk(url);
  return client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

for (const [kind, made] of Object.entries(given.clients)) {
  for (const person of people[kind]) {
    test(`${kind} client: ${person.email} signs in, refreshes, logs out`, async () => {
      const config = await configuration(made);
      const browser = new Browser(issuer, answersOf(person));
      const tokens = await signIn(config, browser, made.redirect_uri);
      const claims = tokens.claims();
      assert.equal(claims.acr, `${issuer}/acr/${person.level}`);
      assert.deepEqual(claims.amr, person.level === 'vip' ? ['pwd', 'otp', 'mfa'] : ['pwd']);
      assert.equal(claims.org_name, 'Acme');
      assert.ok(claims.sid);

      const user = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
      assert.equal(user.email, person.email);

      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
      assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
      assert.equal(refreshed.claims().sub, claims.sub);
      assert.equal(refreshed.claims().auth_time, claims.auth_time);
      assert.equal(refreshed.claims().acr, claims.acr);

      const again = await signIn(config, browser, made.redirect_uri, { prompt: 'none' });
      assert.equal(again.claims().sid, claims.sid);

      const logout = client.buildEndSessionUrl(config, {
        id_token_hint: refreshed.id_token,
        post_logout_redirect_uri: made.post_logout_redirect_uri,
        state: 'gone',
      });
      const back = await browser.walk(logout);
      assert.equal(back.href, `${made.post_logout_redirect_uri}?state=gone`);
      await assert.rejects(signIn(config, browser, made.redirect_uri, { prompt: 'none' }), { error: 'login_required' });
    });
  }
}

test('a single-page application of another origin may read what it needs', async () => {
  const origin = new URL(given.clients.public.redirect_uri).origin;
  const discovered = await fetch(`${issuer}/.well-known/openid-configuration`, { headers: { origin } });
  const allowed = (response) => ['*', origin].includes(response.headers.get('access-control-allow-origin'));
  assert.ok(allowed(discovered), 'discovery');
  const metadata = await discovered.json();
  assert.ok(allowed(await fetch(metadata.jwks_uri, { headers: { origin } })), 'keys');
  const refused = await fetch(metadata.token_endpoint, { method: 'POST', headers: { origin }, body: new URLSearchParams() });
  assert.ok(allowed(refused), 'token');
  const preflight = await fetch(metadata.userinfo_endpoint, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
  });
  assert.ok(preflight.ok && allowed(preflight), 'userinfo, preflight');
});
