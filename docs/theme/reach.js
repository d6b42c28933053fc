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

  // The page in the other language has the same levels, exercises and files, by the same names.
  const other = document.querySelector(".switch");
  other.addEventListener("click", () => (other.hash = location.hash));

  // Whatever scrolls can be scrolled by the arrow keys, once it has the focus.
  const reach = () => {
    for (const table of document.querySelectorAll(".table-wrapper")) {
      table.tabIndex = table.scrollWidth > table.clientWidth ? 0 : -1;
    }
  };
  reach();
  addEventListener("resize", reach);
}
