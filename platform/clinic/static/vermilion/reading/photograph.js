// The photograph before surgery, where the protocol offers it: fetched at the first wish, so that each look is logged once,
// and laid over all four results alike. Changes no mark.

export class Photograph {
  /** `button` carries the address; `pictures` are the four wells. */
  constructor(root, button, pictures) {
    this.root = root;
    this.button = button;
    this.pictures = pictures;
    this.word = button.querySelector("span");
    this.here = false;
  }

  async toggle() {
    if (!this.here && !(await this.fetch())) return;
    this.button.setAttribute("aria-pressed", String(this.root.classList.toggle("photographed")));
  }

  /** Bring it once; resolves to whether it arrived. */
  async fetch() {
    this.button.setAttribute("aria-busy", "true");
    const answer = await fetch(this.button.dataset.address).catch(() => null);
    this.button.removeAttribute("aria-busy");
    this.word.textContent = answer?.ok ? "Photograph" : "Load again";
    if (!answer?.ok) return false;
    const address = URL.createObjectURL(await answer.blob());
    for (const picture of this.pictures) {
      const image = new Image(256, 256);
      Object.assign(image, { className: "photograph", src: address, alt: "The lip before surgery", draggable: false });
      picture.append(image);
    }
    this.here = true;
    return true;
  }
}
