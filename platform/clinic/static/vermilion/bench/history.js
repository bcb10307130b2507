// Undo and redo of a mask: whole copies, since one is 64 KB and nothing can then come back wrong.

const MOST = 200;

export class History {
  constructor() {
    this.past = [];
    this.future = [];
  }

  /** Remembers the state before an act. */
  keep(grid) {
    this.past.push(grid.slice());
    if (this.past.length > MOST) this.past.shift();
    this.future = [];
  }

  /** Forgets the last `keep`, because its act came to nothing; returns what was kept. */
  drop() {
    return this.past.pop();
  }

  undo(grid) {
    return this.step(this.past, this.future, grid);
  }

  redo(grid) {
    return this.step(this.future, this.past, grid);
  }

  step(from, to, grid) {
    if (!from.length) return grid;
    to.push(grid.slice());
    return from.pop();
  }
}
