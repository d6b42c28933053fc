// The search weighs a fifth of a page. It is loaded when the reader asks for it, or has come from it.
'use strict';
{
  const icon = document.getElementById('mdbook-search-toggle');
  const waiting = new AbortController();
  const loadSearch = () => {
    waiting.abort();
    return Promise.all(['elasticlunr.min', 'mark.min', 'searcher'].map((name) => load(`${name}.js`)));
  };
  // From then on, mdBook's search listens by itself.
  const ask = () => loadSearch().then(() => icon.click());
  const press = (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
    if (!['s', '/'].includes(key) || altKey || ctrlKey || metaKey || shiftKey) return;
    if (mdbook_something_else_has_focus(event)) return;
    event.preventDefault();
    ask();
  };
  icon.addEventListener('click', ask, { signal: waiting.signal });
  document.addEventListener('keydown', press, { signal: waiting.signal });
  if (location.search) loadSearch();
}
