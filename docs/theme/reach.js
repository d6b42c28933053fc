// What mdBook leaves to the mouse, by keyboard as well.
"use strict";
{
  const toggle = document.getElementById("mdbook-sidebar-toggle");
  toggle.role = "button";
  toggle.tabIndex = 0;
  toggle.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle.click();
  });

  // The other language: its page has the same levels, exercises and files by the same names, and as many headings.
  const other = document.querySelector(".switch");
  const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4)[id]")];
  other.addEventListener("click", () => {
    const at = headings.findLastIndex((heading) => heading.getBoundingClientRect().top < innerHeight / 5);
    const isHeading = headings.some((heading) => heading.id === decodeURIComponent(location.hash.slice(1)));
    other.hash = location.hash && !isHeading ? location.hash : at > 0 ? `heading-${at}` : "";
  });
  const [, at] = /^#heading-(\d+)$/.exec(location.hash) ?? [];
  if (headings[at]) location.replace(`#${headings[at].id}`);

  // Whatever scrolls can be scrolled by the arrow keys, once it has the focus.
  const reach = () => {
    for (const table of document.querySelectorAll(".table-wrapper")) {
      table.tabIndex = table.scrollWidth > table.clientWidth ? 0 : -1;
    }
  };
  reach();
  addEventListener("resize", reach);
}
