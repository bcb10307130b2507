// Keeps the sheet on the server: a draft half a second after each act, the whole sheet at submission. What could not be sent
// stays in memory, never in the browser's storage, and goes out as soon as the server answers.

const PAUSE = 500;
const AGAIN = 3000;

export class Keeper {
  /** `addresses` {draft, submit}; `said` gets every state as words; `trouble` gets (kind, message) for the page to show. */
  constructor(state, sheet, clock, { said, trouble }) {
    this.addresses = state;
    this.revision = state.revision;
    this.sheet = sheet;
    this.clock = clock;
    this.said = said;
    this.trouble = trouble;
    this.unsent = false;
    this.running = null;
    this.ended = false;
  }

  /** Something changed: send it when the hand rests. */
  changed() {
    this.unsent = true;
    this.said("Saving…", true);
    this.later(PAUSE);
  }

  later(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  /** Send what is unsent now; resolves to whether the server has everything. */
  async flush(paused = false) {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (!this.unsent || this.ended) return !this.unsent;
    this.running = this.send(this.addresses.draft, { paused });
    const answer = await this.running;
    this.running = null;
    if (!answer) return false;
    this.said(answer.saved, false);
    if (this.unsent) this.later(PAUSE);
    return !this.unsent;
  }

  /** Submit the sheet; resolves to {next, asks}: where to go, and whether a question comes first; null when not stored. */
  async submit() {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    this.running = this.send(this.addresses.submit, {});
    const answer = await this.running;
    this.running = null;
    if (!answer) return null;
    this.ended = true;
    this.unsent = false;
    return answer;
  }

  async send(address, more) {
    const judgements = this.sheet.judgements();
    const body = JSON.stringify({ revision: this.revision, judgements, seconds: this.clock.seconds, ...more });
    const before = this.lastSent ?? judgements;
    let response;
    this.unsent = false;
    this.lastSent = judgements;
    try {
      response = await fetch(address, { method: "POST", headers: this.headers(), body });
    } catch {
      return this.missed();
    }
    if (response.status === 401 || response.redirected) return this.missed("signed-out");
    if (response.status >= 500) return this.missed();
    const answer = await response.json().catch(() => null);
    if (!answer) return this.missed();
    if (response.ok) {
      this.revision = answer.revision;
      return answer;
    }
    return this.refused(answer, before, address, more);
  }

  /** Nothing came through: keep it here and try again. */
  missed(kind = "") {
    this.unsent = true;
    this.said("Kept here, not sent yet", true);
    if (kind) this.trouble(kind, "");
    else this.later(AGAIN);
    return null;
  }

  async refused(answer, before, address, more) {
    // The server may hold exactly what was sent, when only its answer was lost: then go on from there.
    if (answer.code === "SHEET-STALE" && same(answer.state.judgements, before)) {
      this.revision = answer.state.revision;
      return this.send(address, more);
    }
    this.ended = answer.code === "SHEET-STALE" || answer.code === "STUDY-CLOSED";
    this.unsent = false;
    this.said("Not stored", true);
    this.trouble(answer.code === "SHEET-STALE" ? "stale" : "refused", answer.message);
    return null;
  }

  headers() {
    const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
    return { "Content-Type": "application/json", "X-CSRFToken": token };
  }
}

function same(one, other) {
  const plain = (list) => JSON.stringify(list.map(({ position, valid, reason, rank }) => [position, valid, reason, rank]));
  return plain(one) === plain(other);
}
