// Talks to the server for the bench: loads a version, reads a mask file, saves. Every failure becomes
// { message, code }, ready to be shown; the drawing itself is never touched here.

export class Trouble extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

async function asked(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Trouble("The connection dropped. Your strokes are kept here; save again when it is back.", "NO-ANSWER");
  }
  if (answer.ok && !answer.redirected) return answer;
  if (answer.redirected || answer.status === 401 || answer.status === 403) {
    throw new Trouble("You were signed out. Your strokes are kept here: sign in again in another window, then save.", "SIGNED-OUT");
  }
  const words = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (words?.message) throw new Trouble(words.message, words.code);
  throw new Trouble("The server could not do this. Your strokes are kept here; try again in a minute.", `ANSWER-${answer.status}`);
}

export class Server {
  constructor({ save, import: importing }, token) {
    Object.assign(this, { saving: save, importing, token });
  }

  /** The 8192 bytes of a saved version. */
  async version(address) {
    const answer = await asked(address, {});
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** The 8192 bytes of a mask file, as the server reads it. */
  async read(file) {
    const body = new FormData();
    body.append("mask", file);
    const answer = await asked(this.importing, { method: "POST", body, headers: this.headers });
    return new Uint8Array(await answer.arrayBuffer());
  }

  /** Saves the bits as the next version and returns { version, coverage }. */
  async save(bits, source) {
    const headers = { ...this.headers, "Content-Type": "application/octet-stream" };
    const answer = await asked(`${this.saving}&source=${source}`, { method: "POST", body: bits, headers });
    return answer.json();
  }

  get headers() {
    return { "X-CSRFToken": this.token, Accept: "application/json" };
  }
}
