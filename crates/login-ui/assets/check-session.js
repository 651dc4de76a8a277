// OpenID Connect Session Management 1.0 §3.2: says whether the session is still the one that a page knows.
"use strict";
const cookie = document.currentScript.dataset.cookie;
const parentOrigin = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);

function browserState() {
  const found = document.cookie.split("; ").filter((pair) => pair.startsWith(cookie + "="));
  return found.length === 1 ? found[0].slice(cookie.length + 1) : "";
}

async function sessionState(client, origin, salt) {
  const text = new TextEncoder().encode([client, origin, browserState(), salt].join(" "));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  const encoded = btoa(String.fromCharCode(...digest));
  return encoded.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") + "." + salt;
}

async function verdict(message, origin) {
  const parts = /^(\S+) (\S+\.(\S+))$/.exec(message);
  if (!parts) return "error";
  // Where the browser keeps our cookie from frames in other sites' pages, there is no telling.
  if (document.hasStorageAccess && !(await document.hasStorageAccess())) return "error";
  const [, client, known, salt] = parts;
  return (await sessionState(client, origin, salt)) === known ? "unchanged" : "changed";
}

addEventListener("message", async (event) => {
  // Asked by the page around this frame, or by a frame of its origin; nobody else.
  if (parent === window || event.origin === "null" || (parentOrigin && event.origin !== parentOrigin)) return;
  const answer = await verdict(String(event.data), event.origin).catch(() => "error");
  event.source.postMessage(answer, event.origin);
});
