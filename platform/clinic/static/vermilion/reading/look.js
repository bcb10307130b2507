// How the four pictures are looked at: zoom and pan linked over all four, midline, mirror, the hole. Changes no mark.

const MOST = 4;
const STEP = 0.08;
const MOUTH = [0.5, 0.6]; // where a lip lies in most crops, so that zooming by key goes there

export class Look {
  constructor(root, pictures) {
    this.root = root;
    this.pictures = pictures;
    this.word = document.getElementById("zoom-word");
    this.zoom = 1;
    this.at = [...MOUTH];
    this.mirrored = false;
    addEventListener("resize", () => this.draw());
  }

  draw() {
    for (const picture of this.pictures) {
      const side = picture.clientWidth;
      const shift = (part) => `${(0.5 - part) * side * (this.zoom - 1)}px`;
      const across = this.mirrored ? 1 - this.at[0] : this.at[0];
      picture.style.setProperty("--zoom", this.zoom);
      picture.style.setProperty("--flip", this.mirrored ? -1 : 1);
      picture.style.setProperty("--x", shift(across));
      picture.style.setProperty("--y", shift(this.at[1]));
    }
    this.word.textContent = this.zoom === 1 ? "Fit" : `${this.zoom * 100} %`;
  }

  zoomBy(step) {
    this.zoom = Math.min(MOST, Math.max(1, this.zoom + step));
    this.draw();
  }

  fit() {
    this.zoom = 1;
    this.at = [...MOUTH];
    this.draw();
  }

  /** Zoom all four to where one was pressed, or re-centre there when zoomed already; x and y in 0..1 of the well. */
  zoomTo(x, y) {
    const seen = (part, centre) => 0.5 + (part - 0.5 - (0.5 - centre) * (this.zoom - 1)) / this.zoom;
    const across = seen(x, this.mirrored ? 1 - this.at[0] : this.at[0]);
    this.at = [this.mirrored ? 1 - across : across, seen(y, this.at[1])].map(clamped);
    if (this.zoom === 1) this.zoom = 2;
    this.draw();
  }

  pan(across, down) {
    const way = this.mirrored ? -across : across;
    this.at = [clamped(this.at[0] + way * STEP), clamped(this.at[1] + down * STEP)];
    this.draw();
  }

  mirror() {
    this.mirrored = !this.mirrored;
    for (const picture of this.pictures) {
      const letter = picture.closest(".tile").dataset.position;
      const name = `Result ${letter}${this.mirrored ? ", mirrored" : ""}`;
      picture.setAttribute("aria-label", `${name}. Zooms all four here`);
      picture.querySelector(".result").alt = name;
    }
    document.getElementById("mirror-word").textContent = this.mirrored ? "Mirrored" : "Mirror";
    document.getElementById("mirror").setAttribute("aria-pressed", String(this.mirrored));
    this.draw();
  }

  /** Switch the midline or the hole on or off; `name` is the class on the page, `button` its switch. */
  toggle(name, button) {
    button.setAttribute("aria-pressed", String(this.root.classList.toggle(name)));
  }
}

function clamped(part) {
  return Math.min(1, Math.max(0, part));
}
