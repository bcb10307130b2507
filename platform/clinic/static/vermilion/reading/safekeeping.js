// What could not be sent yet, kept in this tab alone so that a reload loses nothing: letters, ranks, reasons and a revision.
// From the keeper when the server is away to the page when it opens again; gone as soon as the server has it.

export class Safekeeping {
  /** `address` is that of the sheet, so that one sheet's marks never land on another. */
  constructor(address) {
    this.name = `sheet ${address}`;
  }

  /** What was kept: {revision, judgements, sent}, or null. */
  get kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.name));
    } catch {
      return null;
    }
  }

  keep(revision, judgements, sent) {
    try {
      sessionStorage.setItem(this.name, JSON.stringify({ revision, judgements, sent }));
    } catch {
      // A browser that allows no storage still has the marks in memory.
    }
  }

  drop() {
    try {
      sessionStorage.removeItem(this.name);
    } catch {
      // Nothing was kept there.
    }
  }
}
