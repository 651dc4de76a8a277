// Somebody with a browser that runs no script: cookies, redirects, and the one form of each page.

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#x2F': '/' };
const decode = (text) => text.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole);

export class Browser {
  #cookies = new Map();

  constructor(issuer, answers) {
    this.issuer = issuer;
    this.answers = answers;
  }

  async #send(url, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...options.headers, ...(cookie && { cookie }) };
    const response = await fetch(url, { ...options, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  // Goes to `url` and answers page after page until a redirect leaves the provider; that is the result.
  async walk(url) {
    let target = new URL(url);
    let options = {};
    for (let step = 0; step < 30; step += 1) {
      const response = await this.#send(target, options);
      const location = response.headers.get('location');
      if (location) {
        target = new URL(location, target);
        options = {};
        if (target.origin !== new URL(this.issuer).origin) return target;
        continue;
      }
      const page = await response.text();
      const problem = /role="alert"[^>]*>([^<]*)/.exec(page);
      if (response.status !== 200 || problem) throw new Error(`${response.status} ${target}: ${problem?.[1] ?? page}`);
      const form = /<form[^>]*>/.exec(page);
      if (!form) throw new Error(`no form on ${target}: ${page}`);
      const action = decode(/action="([^"]*)"/.exec(form[0])[1]);
      const answer = this.answers[target.pathname]?.();
      if (!answer) throw new Error(`no answer for ${target.pathname}`);
      const body = new URLSearchParams(answer);
      for (const [, tag] of page.matchAll(/(<input[^>]*type="hidden"[^>]*>)/g)) {
        body.append(decode(/name="([^"]*)"/.exec(tag)[1]), decode(/value="([^"]*)"/.exec(tag)[1]));
      }
      target = new URL(action, target);
      options = { method: 'POST', body, headers: { origin: this.issuer, 'sec-fetch-site': 'same-origin' } };
    }
    throw new Error('the pages do not end');
  }
}
