// The search weighs a fifth of a page. It is loaded when the reader asks for it, or has come from it.
'use strict';
{
  const icon = document.getElementById('mdbook-search-toggle');
  const waiting = new AbortController();
  /** Chinese and Latin words, which may stand side by side; full-width letters are taken for the usual ones. */
  const termsIn = (asked) => {
    const words = asked.normalize('NFKC').toLowerCase().match(/\p{Script=Han}+|[^\p{Script=Han}\s]+/gu) ?? [];
    return words.map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')).filter(Boolean);
  };
  /** Chinese has no spaces between words: what is asked for is found wherever it stands in a text. */
  const wherever = ({ documentStore: { docs } }) => ({
    search(asked) {
      const terms = termsIn(asked);
      const look = ([ref, { title, body, breadcrumbs }]) => {
        const [head, text] = [title.toLowerCase(), body.toLowerCase()];
        // A long listing is not the better for saying a word more often.
        const often = (term) => Math.min(5, text.split(term).length - 1);
        const each = terms.map((term) => (head.includes(term) ? 100 : 0) + often(term));
        // From the begin of a word, where words have one.
        const near = Math.max(0, text.indexOf(terms[0]) - 20);
        const at = near && near + text.slice(near, near + 12).indexOf(' ') + 1;
        const score = each.includes(0) ? 0 : each.reduce((sum, it) => sum + it, 0);
        return { ref, score, doc: { breadcrumbs, body: body.slice(at, at + 90) } };
      };
      const found = Object.entries(docs).map(look).filter(({ score }) => score > 0);
      return found.sort((one, other) => other.score - one.score);
    },
  });
  const searchChinese = () => {
    elasticlunr.Index.load = wherever;
    // An input method may end a word without a key.
    const bar = document.getElementById('mdbook-searchbar');
    bar.addEventListener('input', () => bar.dispatchEvent(new Event('keyup')));
  };
  const loadSearch = () => {
    waiting.abort();
    const scripts = ['elasticlunr.min', 'mark.min', 'searcher'].map((name) => load(`${name}.js`));
    // The index comes after all of them.
    if (document.documentElement.lang === 'zh-CN') scripts[0].then(searchChinese);
    return Promise.all(scripts);
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
