// Every rule of the accessibility checklist that a page can be asked about; returns sentences, none when all is well.
() => {
  const problems = [];
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && style.clipPath === "none"
      && box.bottom > 0 && !element.closest("dialog:not([open])");
  };
  const name = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> `
    + `"${(element.textContent || element.value || "").trim().slice(0, 40)}"`;

  if (document.documentElement.scrollWidth > innerWidth) {
    problems.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} px in ${innerWidth}`);
  }
  if (document.querySelectorAll("h1").length !== 1) problems.push("there is not exactly one h1");
  if (!document.documentElement.lang) problems.push("the page names no language");
  if (document.querySelectorAll("main").length !== 1) problems.push("there is not exactly one main");

  for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (!shown(element) || element.type === "hidden" || element.closest("p, .hint")) continue;
    const target = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") ?? element : element;
    const box = target.getBoundingClientRect();
    if (box.width < 43.5 || box.height < 43.5) {
      problems.push(`a target of ${Math.round(box.width)} by ${Math.round(box.height)}: ${name(element)}`);
    }
  }

  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const named = field.labels?.length || field.ariaLabel || field.getAttribute("aria-labelledby") || field.ariaHidden;
    if (!named) problems.push(`a field without a label: ${field.outerHTML.slice(0, 80)}`);
  }
  for (const image of document.images) {
    if (!image.hasAttribute("alt")) problems.push(`a picture without words: ${image.src}`);
  }

  // Contrast by the formula of WCAG 2.2, over every text node that stands on a plain colour.
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => colour.slice(0, 3).map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage.includes("gradient")) return null;
      const colour = channels(style.backgroundColor);
      if (colour[3] === undefined || colour[3] === 1) return colour;
      if (colour[3] > 0) return null;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(element) || element.closest("script, style, option")) continue;
    const ground = behind(element);
    if (!ground) continue;
    const style = getComputedStyle(element);
    const [dark, bright] = [light(channels(style.color)), light(ground)].sort((one, two) => one - two);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)}: ${name(element)}`);
    if (size < 12) problems.push(`letters of ${size} px: ${name(element)}`);
  }
  return problems;
}
