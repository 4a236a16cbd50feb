// Comfort only: every page works without this file.
(() => {
  "use strict";

  // A page where something is under way: read it again and put the new part in its place, so that
  // neither the scroll position nor the focus is lost. Without this file <noscript> reloads it.
  const watch = () => {
    const live = document.getElementById("live");
    const seconds = Number(live && live.dataset.refresh);
    if (!seconds) return;
    setTimeout(async () => {
      if (document.hidden) return watch();
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (answer.ok && !answer.redirected) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page.getElementById("live");
          const focused = document.activeElement;
          const held = focused && live.contains(focused);
          // Never take a control away from somebody who is about to use it.
          if (fresh && !(held && focused.closest("form")) && fresh.outerHTML !== live.outerHTML) {
            const id = held ? focused.id : "";
            live.replaceWith(fresh);
            if (id) document.getElementById(id)?.focus({ preventScroll: true });
          }
        }
      } catch {
        // The desk is being started again, perhaps: the next round will tell.
      }
      watch();
    }, seconds * 1000);
  };
  watch();

  // Item codes are suggested while they are typed.
  const list = document.getElementById("items");
  let asked = 0;
  if (list) {
    document.addEventListener("input", (event) => {
      const field = event.target;
      if (!(field instanceof HTMLInputElement) || !field.dataset.suggest) return;
      const turn = ++asked;
      setTimeout(async () => {
        if (turn !== asked || !field.value) return;
        const query = new URLSearchParams({ system: field.dataset.suggest, q: field.value });
        const answer = await fetch(`/items?${query}`);
        if (!answer.ok || turn !== asked) return;
        const options = (await answer.json()).map(({ id, name }) => {
          const option = document.createElement("option");
          option.value = id;
          option.textContent = name;
          return option;
        });
        list.replaceChildren(...options);
      }, 150);
    });
  }
})();
