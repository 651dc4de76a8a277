// npm's openid-client, for as long as it is told: one sign-in after the other, every ID token's signature verified with
// the keys it keeps. After each it prints the name of the key.

import assert from 'node:assert/strict';
import { given, kid, stay, visit } from './visit.mjs';
import * as client from 'openid-client';

const auth = given.client_secret ? client.ClientSecretBasic(given.client_secret) : client.None();
const config = await client.discovery(new URL(given.issuer), given.client_id, undefined, auth);
// Else it trusts an ID token that comes from the token endpoint without looking at its signature.
client.enableNonRepudiationChecks(config);

await stay(async () => {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: 'openid email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'login',
    state,
    nonce,
  });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, await visit(url), checks);
  assert.equal(tokens.claims().acr, `${given.issuer}/acr/${given.level}`);
  return kid(tokens.id_token);
});
