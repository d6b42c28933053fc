// Be the scheduler: levels on the lessons' own files. What a step does says the recorded graph (graph.js).
'use strict';

/** So many schedules are tried by hand before the page tries the others. */
const BY_HAND = 2;

/** Whether an end is the goal of a level. Where the task is to show that none is bad, a bad one would be it. */
const GOALS = {
  bad: ({ bad }) => bad,
  deadlock: ({ kind }) => kind === 'deadlock',
  end: ({ what }, goal) => what === goal.end,
  none: ({ bad }) => bad,
};

const WAYS = { t: 'times out', s: 'wakes up for no reason', f: 'fails for no reason' };

/** An element. What goes into it as text can never become markup. */
const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const makeButton = (attributes, press, ...children) => {
  const element = make('button', { type: 'button', ...attributes }, ...children);
  element.addEventListener('click', press);
  return element;
};

const count = (number, thing) => `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`;

/** What the reader has reached, by level: 'goal', or 'done'. Where nothing can be stored, until the page is left. */
const progress = {
  reached: (() => {
    try {
      return { ...JSON.parse(localStorage.getItem('levels')) };
    } catch {
      return {};
    }
  })(),
  keep(name, what) {
    if (this.reached[name] === 'done') return;
    this.reached[name] = what;
    this.show();
    try {
      localStorage.setItem('levels', JSON.stringify(this.reached));
    } catch {
      // It can be played nevertheless.
    }
  },
  show() {
    for (const link of document.querySelectorAll('[data-level]')) {
      link.dataset.reached = this.reached[link.dataset.level] ?? '';
      link.ariaDescription = { done: 'done', goal: 'goal reached' }[link.dataset.reached] ?? '';
    }
  },
};

/** A level, a change of its file and a schedule as the end of an address: `#race-1/0101`, `#race-1.2/01t1`. */
const link = {
  write: (level, version, turns) => {
    const change = version ? `.${version}` : '';
    return `#${level}${change}${turns.length ? '/' : ''}${turns.join('')}`;
  },
  read: (hash) => {
    const [, level, version = '0', turns = ''] = /^#([\w-]+)(?:\.([^/]*))?(?:\/(.*))?$/s.exec(hash) ?? [];
    return { level, version: Number(version), turns: turns.match(/\d[a-z]?|./gsu) ?? [] };
  },
};

const play = (place) => {
  // What is played: a level, one of the versions of its file, the turns so far.
  let level;
  let version;
  let program;
  let turns;
  /** Of each version: the schedules that were tried by hand, and what came of it, in words. */
  let tried;
  /** The elements of the lines of code, by file and line. */
  let lines;

  // Where the program stands.

  const path = () => program.path(turns);
  const state = () => path().at(-1);
  const threads = () => program.threads.keys();
  const operation = (at, thread) => program.next(at, thread);
  const holder = (at, object) => program.threads[at.holders[object]];
  const value = (at, object) => String(at.values[object] ?? '');
  /** Whether the question is if there is a bad end, and not the way to it. */
  const proving = () => version > 0 || level.goal.kind === 'none';
  const breaks = () => program.wayTo(GOALS.bad) !== undefined;
  const isGoal = (end) => GOALS[proving() ? 'none' : level.goal.kind](end, level.goal);
  const source = (at, thread) => {
    const [, file, line] = operation(at, thread);
    return line ? `${program.files[file].name}:${line}` : '';
  };

  /** What a thread is about to do. */
  const does = (at, thread) => {
    const [what] = operation(at, thread);
    if (!what) return begins(at, thread) ? 'has not begun' : 'is done';
    if (!program.waits(at, thread)) return `next: ${what}`;
    if (at.waits[thread] !== null) return what.replace(/^wait/, 'waits');
    const object = program.waitsFor(at, thread);
    return `waits to ${what}${object < 0 ? '' : `, held by ${holder(at, object)}`}`;
  };

  const begins = (at, thread) => [...program.ways(at).keys()].some(({ next }) => next[thread] !== null);

  /** What a step did. A step that touches nothing has no words of its own. */
  const did = ([, what]) => what || 'goes on';

  // The board.

  const badge = (thread, kind = '') => make('i', { class: `play-cursor ${kind}`, 'data-thread': thread }, thread);

  const openProgram = () => {
    lines = new Map();
    code.replaceChildren(...program.files.map(drawFile));
    buttons.replaceChildren(...[...threads()].map(drawThread));
    shared.replaceChildren(...program.objects.map((name) => make('div', {}, make('dt', {}, name), make('dd', {}))));
    head.replaceChildren(
      ...['step', 'thread', 'what it did', ...program.objects].map((name) => make('th', { scope: 'col' }, name)),
    );
    show();
  };

  const drawFile = ({ name, parts }, file) => {
    const body = make('div', { class: 'play-lines' });
    for (const { first, lines } of parts) {
      body.append(make('div', { class: 'play-fold' }), ...lines.map((html, at) => drawLine(file, first + at, html)));
    }
    return make('figure', {}, make('figcaption', {}, name), body);
  };

  /** The book has made the HTML of a line: code, coloured. Its indentation becomes that of the element. */
  const drawLine = (file, number, html) => {
    const [cursors, text, notes] = [make('span', {}), make('code', {}), make('span', { class: 'play-notes' })];
    text.innerHTML = html.trimStart();
    const indented = make('span', { style: `--indent: ${html.length - html.trimStart().length}` }, text, ' ', notes);
    const changed = isChanged(text.textContent) ? '+' : '';
    const element = make('div', {}, make('span', {}, changed, make('span', {}, number)), cursors, indented);
    lines.set(`${file}:${number}`, { element, cursors, notes });
    return element;
  };

  /** Whether a line is one of a change: as the diff has it, if there is a word in it. */
  const isChanged = (line) => {
    const { diff = [] } = level.versions[version];
    return /\w/.test(line) && diff.some(([kind, text]) => kind === '+' && text.trim() === line);
  };

  const drawThread = (thread) => {
    const parts = [badge(thread), make('b', {}, program.threads[thread]), make('span', {}), make('small', {})];
    const go = makeButton({ 'aria-keyshortcuts': thread }, () => step(String(thread)), ...parts);
    return make('div', {}, go, make('span', {}));
  };

  /** Where everything stands. The buttons of the threads stay, and with them the focus. */
  const show = () => {
    const at = state();
    showLines(at);
    [...buttons.children].forEach((element, thread) => showThread(element, at, thread));
    [...shared.children].forEach(({ lastChild }, object) => {
      const held = holder(at, object) ? `held by ${holder(at, object)}` : 'free';
      lastChild.replaceChildren(make('b', {}, value(at, object)), program.isLock(object) ? held : '');
    });
    printed.textContent = at.printed ? `printed: ${at.printed}` : '';
    for (const element of [back, again]) element.setAttribute('aria-disabled', turns.length === 0);
    showSteps();
    showChanges();
  };

  const showLines = (at) => {
    for (const { element, cursors, notes } of lines.values()) {
      element.className = '';
      cursors.replaceChildren();
      notes.replaceChildren();
    }
    for (const thread of threads()) showCursor(at, thread);
    noteHolders();
    noteLastStep();
  };

  const lineOf = (at, thread) => {
    const [, file, line] = operation(at, thread);
    return lines.get(`${file}:${line}`);
  };

  const note = (line, thread, kind, ...words) =>
    line?.notes.append(make('span', { class: kind, 'data-thread': thread }, ...words), ' ');

  const showCursor = (at, thread) => {
    const line = lineOf(at, thread);
    if (!line) return;
    const waits = program.waits(at, thread);
    line.cursors.append(badge(thread, waits ? 'waits' : ''));
    if (!waits) line.element.classList.add('next');
    if (waits) note(line, thread, 'waits', `${program.threads[thread]} ${does(at, thread)}`);
  };

  /** A lock is held since the line of the step that took it. */
  const noteHolders = () => {
    const states = path();
    program.objects.forEach((name, object) => {
      const thread = states.at(-1).holders[object];
      const since = program.heldSince(states, object);
      if (thread === null || since < 0) return;
      note(lineOf(states[since], thread), thread, 'holds', `${program.threads[thread]} holds ${name} since here`);
    });
  };

  const noteLastStep = () => {
    const before = path().at(-2);
    if (!before) return;
    const step = program.step(before, turns.at(-1));
    const [thread] = step;
    note(lineOf(before, thread), thread, 'did', `${program.threads[thread]}: ${did(step)}`);
  };

  const showThread = ({ firstChild: go, lastChild: others }, at, thread) => {
    go.children[2].textContent = does(at, thread);
    go.lastChild.textContent = source(at, thread);
    go.setAttribute('aria-disabled', !program.step(at, String(thread)));
    go.classList.remove('hinted');
    const focused = others.contains(document.activeElement);
    const ways = at.steps.filter(([who, , , way]) => who === thread && way);
    others.replaceChildren(
      ...ways.map((step) => {
        const turn = turnOf(step);
        return makeButton({ 'data-turn': turn }, () => takeStep(turn), make('kbd', {}, turn), ` ${WAYS[step[3]]}`);
      }),
    );
    if (focused) go.focus();
  };

  const showSteps = () => {
    const states = path();
    body.replaceChildren(...turns.map((turn, place) => drawStep(states[place], turn, place + 1)));
    steps.firstChild.textContent = `The steps so far: ${turns.length}`;
  };

  const drawStep = (before, turn, number) => {
    const step = program.step(before, turn);
    const [thread] = step;
    const after = program.after(step);
    const shared = program.objects.map((_, object) => {
      const held = holder(after, object) ? ` (${after.holders[object]})` : '';
      return make('td', {}, value(after, object), held);
    });
    const cells = [badge(thread), did(step)].map((it) => make('td', {}, it));
    return make('tr', {}, make('th', { scope: 'row' }, number), ...cells, ...shared);
  };

  // The changes to choose from.

  const showChanges = () => {
    const reached = version > 0 || level.name in progress.reached || isReached();
    changes.hidden = level.versions.length < 2 || !reached;
    [...changes.querySelectorAll('button')].forEach((button, number) => {
      button.setAttribute('aria-pressed', number === version);
      button.nextSibling.textContent = tried[number].verdict;
    });
  };

  const isReached = () => {
    const { end } = state();
    return Boolean(end) && isGoal(end);
  };

  const drawChanges = () => {
    const [, ...changed] = level.versions;
    changes.replaceChildren(
      make('p', {}, make('b', {}, 'Which change repairs it?'), ' Choose one, and try to break that.'),
      choice(0, 'The file as it is', ''),
      ...changed.map(({ change, diff }, at) => choice(at + 1, `Change ${at + 1}: ${change}`, drawDiff(diff))),
    );
  };

  const choice = (number, words, diff) => {
    const open = () => {
      openVersion(number);
      buttons.querySelector('button').focus();
    };
    return make('div', {}, makeButton({}, open, words), make('small', {}), diff);
  };

  const drawDiff = (diff) => {
    const kinds = { '+': 'ins', '-': 'del', ' ': 'span' };
    return make('pre', { tabindex: 0 }, ...diff.map(([kind, text]) => make(kinds[kind], {}, `${kind} ${text}\n`)));
  };

  // What is said. `aside` is heard only: the others see it on the board.

  const say = (text, mood = '', aside = '') => {
    says.replaceChildren(text, ' ', make('span', { class: 'play-aside' }, aside));
    says.parentElement.dataset.mood = mood;
    const left = program.schedules - tried[version].schedules.size;
    others.hidden = !proving() || left === 0 || tried[version].all;
    others.lastChild.textContent = `try the other ${left.toLocaleString('en')}`;
    others.setAttribute('aria-disabled', tried[version].schedules.size < byHand());
  };

  const where = () => {
    const at = state();
    const shared = program.objects.map((name, object) => {
      return `${name}: ${value(at, object)}${holder(at, object) ? ` (held by ${holder(at, object)})` : ''}`;
    });
    return [...shared, ...[...threads()].map((thread) => `${program.threads[thread]} ${does(at, thread)}`)].join('; ');
  };

  const sayStart = () => {
    const size = `${count(program.threads.length, 'thread')}, ${count(program.schedules, 'schedule')}`;
    if (proving()) say(`${size}. Does one of them end badly? Try ${byHand()} of them, then let the others be tried.`);
    else say(`${size}. Press a thread, or its digit: it takes its next step.`);
  };

  const sayEnd = (aside = '') => {
    const { what, bad } = state().end;
    const schedule = `${what} (${count(turns.length, 'step')}: ${turns.join('')})`;
    if (proving()) sayTried(schedule, bad, aside);
    else if (isReached()) sayReached(schedule, bad, aside);
    else say(`It ends ${bad ? 'badly' : 'well'}: ${schedule}. That is not the goal: take steps back.`, '', aside);
  };

  const sayReached = (schedule, bad, aside) => {
    const share = `${schedulesTo(isGoal)} of ${count(program.schedules, 'schedule')} end so.`;
    const repair = level.versions.length > 1 ? ' Which change repairs it?' : '';
    const [words, mood] = bad ? ['You have broken it', 'bad'] : ['You have reached it', 'good'];
    say(`${words}: ${schedule}. ${share}${repair}`, mood, aside);
  };

  const sayTried = (schedule, bad, aside) => {
    const { size } = tried[version].schedules;
    if (bad) {
      say(`You have broken it: ${schedule}. This change does not repair it: choose another one.`, 'bad', aside);
    } else if (size === program.schedules) {
      sayAll(aside);
    } else {
      say(`It ends well: ${schedule}. ${size} of ${count(program.schedules, 'schedule')} tried.`, '', aside);
    }
  };

  const sayAll = (aside = '') => {
    const all = count(program.schedules, 'schedule');
    const ends = program.ends().map(({ what, schedules }) => `${what}: ${schedules.toLocaleString('en')}`).join('; ');
    if (breaks()) say(`${schedulesTo(isGoal)} of ${all} end badly (${ends}). Find one of them.`, 'bad', aside);
    else say(`All ${all} end well (${ends}).${version ? ' The change repairs it.' : ''}`, 'good', aside);
  };

  const schedulesTo = (wanted) =>
    program.ends().filter(wanted).reduce((sum, { schedules }) => sum + schedules, 0).toLocaleString('en');

  // What the reader does.

  const byHand = () => Math.min(BY_HAND, program.schedules);

  const step = (turn) => {
    const at = state();
    if (program.step(at, turn)) takeStep(turn);
    else if (at.end) sayEnd();
    else say(`${program.threads[turn]} ${does(at, turn)}.`);
  };

  const takeStep = (turn) => {
    const taken = program.step(state(), turn);
    turns.push(turn);
    const { end } = state();
    if (end) keepEnd(end);
    show();
    const line = `${turns.length}. ${program.threads[taken[0]]}: ${did(taken)}`;
    if (end) sayEnd(`${line}. ${where()}`);
    else say(line, '', where());
  };

  const keepEnd = (end) => {
    const { schedules } = tried[version];
    schedules.add(turns.join(''));
    if (!proving() && isGoal(end)) progress.keep(level.name, level.versions.length > 1 ? 'goal' : 'done');
    else if (proving() && end.bad) tried[version].verdict = `broken by ${turns.join('')}`;
    else if (proving() && schedules.size === program.schedules) keepAll();
  };

  const keepAll = () => {
    tried[version].all = true;
    if (breaks()) return;
    tried[version].verdict = `holds in ${count(program.schedules, 'schedule')}`;
    progress.keep(level.name, 'done');
  };

  const stepBack = () => {
    if (turns.pop() === undefined) {
      say('This is the start: there is no step to take back.');
      return;
    }
    show();
    say(`Step ${turns.length + 1} is taken back.`, '', where());
  };

  const startAgain = () => {
    turns = [];
    show();
    say('This is the start.', '', where());
  };

  const hint = () => {
    const way = program.wayTo(isGoal, state());
    if (way?.length === 0) sayEnd();
    else if (way) sayWay(way);
    else if (program.wayTo(isGoal)) say('No way leads there from here: take steps back.');
    else say(`There is none: not one of ${count(program.schedules, 'schedule')} ends badly.`);
  };

  const sayWay = (way) => {
    const [turn] = way;
    const thread = parseInt(turn, 10);
    buttons.children[thread].firstChild.classList.add('hinted');
    say(`Next: ${turn}, ${program.threads[thread]}. A shortest way from here has ${count(way.length, 'step')}.`);
  };

  /** The page tries the schedules that the reader has not: the recorded graph has all of them. */
  const tryOthers = () => {
    if (tried[version].schedules.size < byHand()) {
      say(`Try ${count(byHand(), 'schedule')} by hand first, each to its end.`);
      return;
    }
    keepAll();
    show();
    sayAll();
  };

  const copyLink = () => {
    history.replaceState(null, '', link.write(level.name, version, turns));
    const inAddress = () => say('The address of this page leads here now: copy it.');
    if (!navigator.clipboard) inAddress();
    else navigator.clipboard.writeText(location.href).then(() => say('The link is copied.'), inAddress);
  };

  const press = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const acts = { u: stepBack, r: startAgain, '?': hint, a: tryOthers, c: copyLink };
    const act = acts[event.key] ?? (event.key in program.threads && (() => step(event.key)));
    if (!act) return;
    // The book has keys of its own, `?` among them.
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  // Levels and links.

  const openVersion = (number) => {
    version = number;
    program = new Program(level.versions[number]);
    turns = [];
    const { change } = level.versions[number];
    title.replaceChildren(make('b', {}, level.title), change ? `Change ${number}: ${change}. Try to break it.` : level.task);
    openProgram();
    sayStart();
  };

  const openLevel = async (name) => {
    ({ level } = await load(`levels/${name}.js`));
    place.replaceChildren(levels, widget);
    tried = level.versions.map(() => ({ schedules: new Set(), verdict: '' }));
    for (const link of levels.querySelectorAll('a')) {
      link.ariaCurrent = link.dataset.level === name ? 'true' : null;
    }
    drawChanges();
    openVersion(0);
  };

  /** Opens what a link leads to. A forged one is cut at the first turn that is not possible. */
  const replay = ({ version: number, turns: wanted }) => {
    if (!(number in level.versions)) {
      say(`The link is cut: there is no change ${number}.`);
      return;
    }
    if (number) openVersion(number);
    const possible = program.path(wanted).length - 1;
    turns = wanted.slice(0, possible);
    show();
    if (possible < wanted.length) say(`The link is cut at step ${possible + 1}: '${wanted[possible]}' is not possible here.`);
    else if (state().end) sayEnd();
    else if (possible) say(`${count(possible, 'step')} of the link.`, '', where());
  };

  /** Opens the level that the address names, or else the first one, if none is open. */
  const follow = async () => {
    const wanted = link.read(location.hash);
    const names = [...levels.querySelectorAll('a')].map(({ dataset }) => dataset.level);
    if (names.includes(wanted.level)) {
      await openLevel(wanted.level);
      replay(wanted);
      place.scrollIntoView();
    } else if (!level) {
      await openLevel(names[0]);
    }
  };

  /** One after the other, if the reader is faster than the scripts. */
  let followed = Promise.resolve();
  const followNext = () => {
    followed = followed.then(follow).catch(() => {
      place.append(make('p', {}, 'A level could not be loaded: reload the page.'));
    });
  };

  // The parts that stay.

  const levels = place.querySelector('ol');
  const title = make('p', { class: 'play-goal' });
  const code = make('div', { class: 'play-code' });
  const buttons = make('div', { class: 'play-threads', role: 'group', 'aria-label': 'Which thread takes its next step?' });
  const shared = make('dl', {});
  const printed = make('p', { class: 'play-printed' });
  const tool = (key, act, what) => makeButton({ 'aria-keyshortcuts': key }, act, make('kbd', {}, key), what);
  const [back, again] = [tool('u', stepBack, 'step back'), tool('r', startAgain, 'start again')];
  const says = make('p', { role: 'status' });
  const others = tool('a', tryOthers, '');
  const changes = make('div', { class: 'play-changes' });
  const [head, body] = [make('tr', {}), make('tbody', {})];
  const steps = make('details', {}, make('summary', {}), make('table', {}, make('thead', {}, head), body));
  // With a tabindex, a click between the buttons turns the keys on, too.
  const widget = make(
    'section',
    { 'aria-label': 'Be the scheduler', tabindex: '-1' },
    title,
    make(
      'div',
      { class: 'play-board' },
      code,
      make(
        'div',
        { class: 'play-side' },
        make('div', { class: 'play-now' }, buttons, shared, printed),
        make('div', { class: 'play-tools' }, back, tool('?', hint, 'hint'), again, tool('c', copyLink, 'copy link')),
        make('div', { class: 'play-says' }, says, others),
      ),
    ),
    changes,
    steps,
  );
  steps.open = matchMedia('(min-width: 60em)').matches;
  widget.addEventListener('keydown', press);
  code.addEventListener('click', ({ target }) => {
    const { thread } = target.closest('.play-cursor')?.dataset ?? {};
    if (thread) step(thread);
  });
  addEventListener('hashchange', followNext);
  followNext();
};

document.querySelectorAll('.play').forEach(play);
progress.show();
