// npm's oauth4webapi, for as long as it is told: one sign-in after the other, every ID token's signature verified with
// the keys it keeps, which it does not fetch again within a minute. After each it prints the name of the key.

import assert from 'node:assert/strict';
import { given, kid, stay, visit } from './visit.mjs';
import * as oauth from 'oauth4webapi';

const issuer = new URL(given.issuer);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: given.client_id };
const auth = given.client_secret ? oauth.ClientSecretPost(given.client_secret) : oauth.None();
const keys = {};

await stay(async () => {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const expectedNonce = oauth.generateRandomNonce();
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: given.client_id,
    redirect_uri: given.redirect_uri,
    scope: 'openid email',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'login',
    state,
    nonce: expectedNonce,
  });
  const answer = oauth.validateAuthResponse(as, client, await visit(url), state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, answer, given.redirect_uri, verifier);
  const checks = { expectedNonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, checks);
  await oauth.validateApplicationLevelSignature(as, response, { [oauth.jwksCache]: keys });
  assert.equal(oauth.getValidatedIdTokenClaims(tokens).acr, `${given.issuer}/acr/${given.level}`);
  return kid(tokens.id_token);
});
