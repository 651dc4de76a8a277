// How a relying party talks with the test that started it (tests/relying_parties/programs.rs). The test writes a
// line of JSON: who it is to be, and who signs in. From then on the relying party prints an address, and the test,
// which is the browser, answers with the address at which that browser left the provider.

import { createInterface } from 'node:readline';
import { webcrypto } from 'node:crypto';

// Debian 12's Node.js 18 has it, but not where the libraries look for it.
globalThis.crypto ??= webcrypto;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const next = async () => (await lines.next()).value;

export const given = JSON.parse(await next());

// Where a browser ends up that opens `url`.
export async function visit(url) {
  console.log(String(url));
  return new URL(await next());
}

// Everything was as it should be: without this the test fails.
export const done = () => console.log('done');

// Signs in again and again, and tells the name of the key each time, until the test says `over`.
export async function stay(signIn) {
  do console.log(`kid ${await signIn()}`);
  while ((await next()) !== 'over');
  done();
}

// The name of the key that signed a token.
export const kid = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
