// Active time on the sheet: runs while the window is seen and somebody touched it within the last minute, stops in a pause.

const IDLE = 60_000;

export class Clock {
  constructor(seconds) {
    this.before = seconds;
    this.spent = 0;
    this.since = performance.now();
    this.touched = this.since;
    this.stopped = false;
    for (const act of ["pointerdown", "pointermove", "keydown", "wheel"]) {
      addEventListener(act, () => this.touch(), { passive: true });
    }
    document.addEventListener("visibilitychange", () => (document.hidden ? this.settle() : this.touch(true)));
  }

  get seconds() {
    this.settle();
    return Math.round(this.before + this.spent / 1000);
  }

  stop() {
    this.settle();
    this.stopped = true;
  }

  go() {
    this.stopped = false;
    this.touch(true);
  }

  touch(again = false) {
    if (again) this.since = performance.now();
    else this.settle();
    this.touched = performance.now();
  }

  /** Add what passed since the last look, up to a minute after the last touch. */
  settle() {
    const now = performance.now();
    const until = Math.min(now, this.touched + IDLE);
    if (!this.stopped && !document.hidden && until > this.since) this.spent += until - this.since;
    this.since = now;
  }
}
