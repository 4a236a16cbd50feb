// Loads the page anew when the plugin was saved. A form that somebody is writing in is left alone:
// then a line says that there is something new.
"use strict";
(() => {
  let first = null;
  let written = false;
  document.addEventListener("input", () => { written = true; });
  const news = new EventSource("/_dev/news");
  news.onmessage = (event) => {
    const number = JSON.parse(event.data);
    if (first === null || first === number) {
      first = number;
      return;
    }
    first = number;
    if (!written) {
      location.reload();
      return;
    }
    if (document.querySelector(".dev-new")) return;
    const line = document.createElement("p");
    line.className = "dev-new";
    line.setAttribute("role", "status");
    line.append("The plugin was saved. ");
    const button = document.createElement("button");
    button.type = "button";
    button.append("Load anew");
    button.addEventListener("click", () => location.reload());
    line.append(button);
    document.body.append(line);
  };
})();
