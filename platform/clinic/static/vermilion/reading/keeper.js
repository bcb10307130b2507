// Keeps the sheet on the server: a draft half a second after each act, the whole sheet at submission. What could not be sent
// stays in this tab and goes out as soon as the server answers.

import { Safekeeping } from "./safekeeping.js";

const PAUSE = 500;
const AGAIN = 3000;

export class Keeper {
  /**
   * `addresses` {draft, submit}; `said` gets every state as words, and whether the server is away; `trouble` gets (kind,
   * message, newer state) for the page to show.
   */
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
    this.instead = false; // whether another window's draft gives way, which the server then keeps in the history
    this.safe = new Safekeeping(state.draft);
  }

  /** Go on with what an earlier life of this page could not send; a newer sheet on the server is said, not overwritten. */
  resume(state) {
    const kept = this.safe.kept;
    if (!kept || same(kept.judgements, state.judgements)) return this.safe.drop();
    this.sheet.replace(kept.judgements);
    if (kept.revision === state.revision || same(kept.sent, state.judgements)) return this.changed();
    return this.stale("", state);
  }

  /** Put this window's marks over a newer sheet that the reader has been told of. */
  insist(revision) {
    this.revision = revision;
    this.instead = true;
    this.ended = false;
    this.changed();
  }

  /** Something changed: send it when the hand rests. */
  changed() {
    this.unsent = true;
    this.said("Saving…", true);
    if (this.away) this.keepHere();
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
    this.said(answer.saved, false, false);
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
    const body = JSON.stringify({ revision: this.revision, judgements, seconds: this.clock.seconds, instead: this.instead, ...more });
    const before = this.lastSent ?? judgements;
    let response;
    this.unsent = false;
    this.lastSent = judgements;
    try {
      response = await fetch(address, { method: "POST", headers: this.headers(), body });
    } catch {
      return this.missed();
    }
    if ([401, 403].includes(response.status) || response.redirected) return this.missed("signed-out");
    if (response.status === 404) return this.unknown();
    if (response.status >= 500) return this.missed();
    const answer = await response.json().catch(() => null);
    if (!answer) return this.missed();
    if (response.ok) {
      this.revision = answer.revision;
      this.away = this.instead = false;
      this.safe.drop();
      return answer;
    }
    return this.refused(answer, before, address, more);
  }

  /** Nothing came through: keep it here and try again. */
  missed(kind = "") {
    this.unsent = true;
    this.away = !kind;
    this.keepHere();
    this.said("Kept here, not sent yet", true, this.away);
    if (kind) this.trouble(kind, "");
    else this.later(AGAIN);
    return null;
  }

  /** Somebody else has signed in beside this window, or the sheet is gone: say so, and keep what was marked. */
  unknown() {
    this.unsent = true;
    this.keepHere();
    this.said("Kept here, not sent yet", true, false);
    this.trouble("refused", "The account that is signed in now has no such sheet. What you marked is kept in this window.");
    return null;
  }

  keepHere() {
    this.safe.keep(this.revision, this.sheet.judgements(), this.lastSent ?? []);
  }

  async refused(answer, before, address, more) {
    // The server may hold exactly what was sent, when only its answer was lost: then go on from there.
    if (answer.code === "SHEET-STALE" && same(answer.state.judgements, before)) {
      this.revision = answer.state.revision;
      return this.send(address, more);
    }
    this.away = false;
    if (answer.code === "SHEET-STALE") return this.stale(answer.message, answer.state);
    this.ended = answer.code === "STUDY-CLOSED";
    this.unsent = false;
    this.safe.drop();
    this.said("Not stored", true, false);
    this.trouble("refused", answer.message);
    return null;
  }

  /** Another window was faster: nothing is sent until the reader has chosen. */
  stale(message, newer) {
    this.ended = true;
    this.unsent = false;
    this.keepHere();
    this.said("Not stored", true, false);
    this.trouble("stale", message, newer);
    return null;
  }

  headers() {
    // Signing in again in another window changes the cookie, not the form on this page: the cookie counts.
    const cookie = document.cookie.match(/(?:^|; )vermilion_csrf=([^;]+)/);
    const token = cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
    return { "Content-Type": "application/json", "X-CSRFToken": token };
  }
}

function same(one, other) {
  const plain = (list) => JSON.stringify(list.map(({ position, valid, reason, rank }) => [position, valid, reason, rank]));
  return plain(one) === plain(other);
}
