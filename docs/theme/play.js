// Be the scheduler: `just play`, in the same words, on the same states (`just prove --graphs`).
'use strict';

/** An element. What goes into it as text can never become markup. */
const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const makeButton = (className, press, ...children) => {
  const element = make('button', { type: 'button', class: className }, ...children);
  element.addEventListener('click', press);
  return element;
};

const play = (place) => {
  const scene = JSON.parse(place.querySelector('script').textContent);

  // The file that is played, and the threads that took the steps so far.
  let version = scene.wrong;
  let schedule = [];

  // What the graph says.

  const stepOf = (at, thread) => at.steps.find(([who]) => who === thread);
  const after = (at, thread) => version.states[stepOf(at, thread)[2]];
  const state = (length = schedule.length) => schedule.slice(0, length).reduce(after, version.states[0]);
  /** What the thread does next, and its line. */
  const next = (at, thread) => version.operations[at.next[thread]] ?? [];
  const waits = (at, thread) => at.next[thread] !== null && !stepOf(at, thread);
  const holder = (at, object) => version.threads[at.holders[object]];
  const value = (at, object) => String(at.values[object] ?? '');
  const isLock = (object) => version.states.some(({ holders }) => holders[object] !== null);
  const schedules = () => version.schedules.toLocaleString('en');

  /** What the thread's step does. A step that touches nothing has no words of its own. */
  const did = (at, thread) => stepOf(at, thread)[1] || 'goes on';

  /** What the thread is about to do. A lock is named at the end of what it is waited for to do. */
  const does = (at, thread) => {
    const [what] = next(at, thread);
    if (!what) return 'is done';
    if (!waits(at, thread)) return `next: ${what}`;
    const lock = version.objects.findIndex((name, object) => holder(at, object) && what.endsWith(name));
    return `waits to ${what}${lock < 0 ? '' : `, held by ${holder(at, lock)}`}`;
  };

  /** What the thread's line in the table looks like. */
  const lane = (at, thread) => {
    if (at.next[thread] === null) return 'done';
    const kinds = { holding: at.holders.includes(thread), blocked: waits(at, thread) };
    return Object.keys(kinds).filter((kind) => kinds[kind]).join(' ');
  };

  /** The threads of a shortest way to a bad end, if there is one. The loop sees what it adds to the map. */
  const wayToBad = (from) => {
    const ways = new Map([[from, []]]);
    for (const [at, way] of ways) {
      if (at.end?.bad) return way;
      for (const [thread] of at.steps) {
        const to = after(at, thread);
        if (!ways.has(to)) ways.set(to, [...way, thread]);
      }
    }
    return undefined;
  };

  // What the reader sees.

  const open = (which) => {
    version = scene[which];
    schedule = [];
    for (const [name, element] of Object.entries(files)) element.setAttribute('aria-pressed', name === which);
    threads.replaceChildren(
      ...version.threads.map((name, thread) => {
        const parts = [make('kbd', {}, thread), make('b', {}, name), make('span', {}), make('code', {})];
        const element = makeButton('', () => step(thread), ...parts);
        element.setAttribute('aria-keyshortcuts', thread);
        return element;
      }),
    );
    objects.replaceChildren(
      ...version.objects.map((name) => make('div', {}, make('dt', {}, name), make('dd', {}))),
    );
    place.style.setProperty('--objects', version.objects.length);
    const column = (kind, name) => make('th', { scope: 'col', class: kind }, name);
    head.replaceChildren(
      ...['step', ...version.threads].map((name) => column('', name)),
      ...version.objects.map((name) => column('play-object', name)),
    );
    legend.hidden = !version.objects.some((_, object) => isLock(object));
    show();
    const size = `${version.threads.length} threads, ${schedules()} schedules`;
    say(`${size}. Who goes on? Press a thread, or its digit.`);
  };

  /** Where everything stands. The buttons stay, and with them the focus. */
  const show = () => {
    const at = state();
    [...threads.children].forEach((element, thread) => {
      element.children[2].textContent = does(at, thread);
      element.lastChild.textContent = next(at, thread)[1] ?? '';
      element.setAttribute('aria-disabled', !stepOf(at, thread));
      element.classList.remove('hinted');
    });
    [...objects.children].forEach(({ lastChild }, object) => {
      const held = holder(at, object) ? `held by ${holder(at, object)}` : 'free';
      lastChild.replaceChildren(make('b', {}, value(at, object)), isLock(object) ? held : '');
    });
    for (const element of [back, again]) element.setAttribute('aria-disabled', schedule.length === 0);
    if (!at.end?.bad && document.activeElement === offer) threads.firstChild.focus();
    offer.hidden = !at.end?.bad;
    body.replaceChildren(row('start', version.states[0]));
    schedule.forEach((thread, place) => body.append(row(place + 1, state(place + 1), thread, state(place))));
    if (at.end) body.append(...ending(at));
  };

  /** A line of the table: how things stand after the step of `went`, if somebody went. */
  const row = (name, at, went, before = at) => {
    const steps = version.threads.map((_, thread) => {
      const cell = make('td', { 'data-before': lane(before, thread), 'data-after': lane(at, thread) });
      if (thread === went) cell.append(make('span', {}, did(before, thread)));
      return cell;
    });
    const shared = version.objects.map((_, object) => {
      const who = holder(at, object) ? make('small', {}, `(${holder(at, object)})`) : '';
      return make('td', {}, value(at, object), ' ', who);
    });
    return make('tr', {}, make('th', { scope: 'row' }, name), ...steps, ...shared);
  };

  const ending = (at) => {
    const waiting = row('', at);
    version.threads.forEach((_, thread) => {
      const cell = waiting.children[thread + 1];
      if (waits(at, thread)) cell.append(make('span', { class: 'waits' }, `waits to ${next(at, thread)[0]}`));
    });
    const what = make('td', { colspan: version.threads.length + version.objects.length }, at.end.what);
    const arrow = make('th', { scope: 'row' }, '=>');
    const end = make('tr', { class: at.end.bad ? 'bad' : 'good' }, arrow, what);
    return version.threads.some((_, thread) => waits(at, thread)) ? [waiting, end] : [end];
  };

  /** `aside` is heard only: the others see it on the board. */
  const say = (text, mood = '', aside = '') => {
    says.replaceChildren(text, ' ', make('span', { class: 'play-aside' }, aside));
    says.parentElement.dataset.mood = mood;
  };

  const where = () => {
    const at = state();
    const shared = version.objects.map((name, object) => {
      return `${name}: ${value(at, object)}${holder(at, object) ? ` (${holder(at, object)})` : ''}`;
    });
    const next = version.threads.map((name, thread) => `${name} ${does(at, thread)}`);
    return [...shared, ...next].join('; ');
  };

  const sayEnd = (aside = '') => {
    const { bad, what } = state().end;
    const digits = schedule.join('');
    if (bad) {
      say(`You have broken it: ${what}, after ${schedule.length} steps: ${digits}`, 'bad', aside);
    } else if (wayToBad(version.states[0])) {
      say(`It ends well (${what}), schedule ${digits}: take steps back and try another way.`, '', aside);
    } else {
      const all = `and so do all of its ${schedules()} schedules`;
      say(`It ends well (${what}), schedule ${digits}: ${all}.`, 'good', aside);
    }
  };

  // What the reader does.

  const step = (thread) => {
    const before = state();
    if (!stepOf(before, thread)) {
      if (before.end) sayEnd();
      else say(`${version.threads[thread]} ${does(before, thread)}.`);
      return;
    }
    schedule.push(thread);
    show();
    const line = `${schedule.length}. ${version.threads[thread]}: ${did(before, thread)}`;
    if (state().end) sayEnd(`${line}. ${where()}`);
    else say(line, '', where());
  };

  const stepBack = () => {
    if (schedule.pop() === undefined) {
      say('This is the start: there is no step to take back.');
      return;
    }
    show();
    say(`Step ${schedule.length + 1} is taken back.`, '', where());
  };

  const startAgain = () => {
    schedule = [];
    show();
    say('This is the start.', '', where());
  };

  const hint = () => {
    const way = wayToBad(state());
    if (way?.length === 0) {
      sayEnd();
    } else if (way) {
      const [thread] = way;
      threads.children[thread].classList.add('hinted');
      const steps = way.length === 1 ? '1 step' : `${way.length} steps`;
      say(`Next: ${thread}, ${version.threads[thread]}. A shortest way from here has ${steps}.`);
    } else if (wayToBad(version.states[0])) {
      say('No way leads there from here: take steps back.');
    } else {
      say(`There is none: not one of its ${schedules()} schedules ends badly.`);
    }
  };

  const press = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const thread = version.threads.findIndex((_, digit) => event.key === String(digit));
    const act = { u: stepBack, r: startAgain, '?': hint }[event.key] ?? (thread >= 0 && (() => step(thread)));
    if (!act) return;
    // The book has keys of its own, `?` among them.
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  // The parts that stay.

  const file = (which, what) =>
    makeButton('', () => open(which), make('b', {}, scene[which].file), make('span', {}, what));
  const files = { wrong: file('wrong', 'the broken version'), right: file('right', 'the right version') };
  const threads = make('div', { class: 'play-threads', role: 'group', 'aria-label': 'Who goes on?' });
  const objects = make('dl', {});
  const tool = (key, act, what) => makeButton('', act, make('kbd', {}, key), what);
  const [back, again] = [tool('u', stepBack, 'step back'), tool('r', startAgain, 'start again')];
  const says = make('p', { role: 'status' });
  const tryRight = () => {
    open('right');
    threads.firstChild.focus();
  };
  const offer = makeButton('play-offer', tryRight, `Now try the same with ${scene.right.file}`);
  const [head, body] = [make('tr', {}), make('tbody', {})];
  const legend = make(
    'p',
    { class: 'play-legend' },
    make('span', {}, 'holding a lock'),
    make('span', { class: 'blocked' }, 'waiting for a lock'),
  );
  // With a tabindex, a click between the buttons turns the keys on, too.
  const widget = make(
    'section',
    { 'aria-label': `Be the scheduler: ${scene.lesson}`, tabindex: '-1' },
    make('p', { class: 'play-goal' }, make('b', {}, 'Be the scheduler'), ` Your goal: ${scene.goal}.`),
    make('div', { class: 'play-files', role: 'group', 'aria-label': 'Which file?' }, files.wrong, files.right),
    make('div', { class: 'play-board' }, threads, objects),
    make('div', { class: 'play-tools' }, back, tool('?', hint, 'hint'), again),
    make('div', { class: 'play-says' }, says, offer),
    make('table', {}, make('caption', {}, 'The steps so far'), make('thead', {}, head), body),
    legend,
  );
  widget.addEventListener('keydown', press);
  open('wrong');
  place.replaceChildren(widget);
};

document.querySelectorAll('.play').forEach(play);
