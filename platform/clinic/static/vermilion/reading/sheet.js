// The sheet as a reader makes it: which letters are valid, in which order, which are invalid and why. Knows no page.
// Ranks are never stored: they are places in `order`, so they run 1..k whatever is done.

export const POSITIONS = ["A", "B", "C", "D"];

export class Sheet {
  constructor(judgements) {
    this.past = [];
    this.replace(judgements);
  }

  /** Take over judgements as the server keeps them: {position, valid, reason, rank}. */
  replace(judgements) {
    const valid = judgements.filter((one) => one.valid).sort((one, other) => one.rank - other.rank);
    this.order = valid.map((one) => one.position);
    this.reasons = new Map(judgements.filter((one) => !one.valid).map((one) => [one.position, one.reason]));
  }

  judgements() {
    return POSITIONS.filter((letter) => !this.isOpen(letter)).map((letter) => ({
      position: letter,
      valid: this.order.includes(letter),
      reason: this.reasons.get(letter) ?? "",
      rank: this.rankOf(letter),
    }));
  }

  isOpen(letter) {
    return !this.order.includes(letter) && !this.reasons.has(letter);
  }

  stillOpen() {
    return POSITIONS.filter((letter) => this.isOpen(letter));
  }

  rankOf(letter) {
    const place = this.order.indexOf(letter);
    return place < 0 ? null : place + 1;
  }

  /** The highest rank `letter` may take without a gap. */
  lastRank(letter) {
    return this.order.length + (this.order.includes(letter) ? 0 : 1);
  }

  /** Valid, at this rank or the last one that leaves no gap; those behind it move down. */
  rank(letter, wanted) {
    this.act(() => {
      this.order = this.order.filter((other) => other !== letter);
      this.reasons.delete(letter);
      this.order.splice(Math.min(wanted, this.order.length + 1) - 1, 0, letter);
    });
  }

  accept(letter) {
    if (!this.order.includes(letter)) this.rank(letter, POSITIONS.length);
  }

  /** Invalid for this reason, "" to leave it open; those behind it move up. */
  reject(letter, reason) {
    this.act(() => {
      this.order = this.order.filter((other) => other !== letter);
      this.reasons.set(letter, reason);
    });
  }

  /** All four invalid; reasons already given stay. */
  rejectAll() {
    this.act(() => {
      this.order = [];
      for (const letter of POSITIONS) this.reasons.set(letter, this.reasons.get(letter) ?? "");
    });
  }

  get canUndo() {
    return this.past.length > 0;
  }

  undo() {
    if (this.canUndo) this.replace(this.past.pop());
  }

  /** Do something, and remember what was before unless nothing came of it. */
  act(change) {
    const before = this.judgements();
    change();
    if (JSON.stringify(before) !== JSON.stringify(this.judgements())) this.past.push(before);
  }
}
