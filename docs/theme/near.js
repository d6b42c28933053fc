// The board is far below on most pages. What it needs is loaded when the reader is near, or came by a link.
'use strict';

/** Loads a script, and gives its element. A page that is opened from disk may load scripts, but no data. */
const load = (path) =>
  new Promise((loaded, failed) => {
    const script = document.createElement('script');
    script.src = path_to_root + path;
    // In the order in which they are asked for.
    script.async = false;
    script.addEventListener('load', () => loaded(script));
    script.addEventListener('error', failed);
    document.head.append(script);
  });

{
  const place = document.querySelector('.play, .levels');
  const start = () => {
    observer.disconnect();
    removeEventListener('hashchange', start);
    for (const name of ['graph', 'board', 'play']) load(`theme/${name}.js`);
  };
  const near = ([{ isIntersecting }]) => isIntersecting && start();
  const observer = new IntersectionObserver(near, { rootMargin: '100%' });
  if (place && location.hash) {
    start();
  } else if (place) {
    observer.observe(place);
    addEventListener('hashchange', start);
  }
}
