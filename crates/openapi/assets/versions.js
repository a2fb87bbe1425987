// The document of `?version=v2`; of the first version without one.
const links = [...document.querySelectorAll(".versions a")];
const wanted = new URLSearchParams(location.search).get("version");
const place = Math.max(0, links.findIndex((link) => link.textContent === wanted));
links[place]?.setAttribute("aria-current", "page");
const openapi = place > 0 ? `/openapi/${wanted}.json` : "/openapi.json";
