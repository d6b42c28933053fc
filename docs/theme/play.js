// Be the scheduler: levels on the lessons' own files. What a step does says the recorded graph (graph.js).
'use strict';

/** So many schedules are tried by hand before the page tries the others. */
const BY_HAND = 2;

/** A change that is longer is folded. */
const AT_ONCE = 20;

/** Whether an end is the goal. Where the task is to show that no end is bad, a bad one is it. */
const GOALS = {
  bad: ({ bad }) => bad,
  deadlock: ({ kind }) => kind === 'deadlock',
  end: ({ what }, goal) => what === goal.end,
  none: ({ bad }) => bad,
};

/** What is counted, behind one and behind several. */
const COUNTED = {
  line: [' line', ' lines'],
  schedule: [' schedule', ' schedules'],
  step: [' step', ' steps'],
  thread: [' thread', ' threads'],
};

const count = (number, thing) => number.toLocaleString('en') + COUNTED[thing][number === 1 ? 0 : 1];

/** A text in which code stands between backticks. */
const words = (text) => text.split('`').map((part, place) => (place % 2 ? make('code', {}, part) : part));

/** What the reader has reached, by level: 'goal', or 'done'. Where nothing can be stored, until the page is left. */
const progress = {
  reached: {},
  /** Adds what is stored: another tab may have reached more. */
  read() {
    try {
      Object.assign(this.reached, JSON.parse(localStorage.getItem('levels')));
    } catch {
      // It can be played nevertheless.
    }
  },
  keep(name, what) {
    this.read();
    if (this.reached[name] !== 'done') this.reached[name] = what;
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
      link.ariaDescription = { done: 'level done', goal: 'goal reached' }[link.dataset.reached] ?? '';
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
    return { level, version, turns: turns.match(/\d[a-z]?|./gsu) ?? [] };
  },
  /** Whether it looks like one, and is no heading of the page. */
  isOne: (hash) => /^#[\w-]+(-\d+$|[./])/.test(hash) && !document.getElementById(hash.slice(1)),
};

const play = (place) => {
  // What is played: a level, one of the versions of its file, the turns so far.
  let level;
  let version;
  let program;
  let turns;
  /** Of each version: the schedules that the reader has tried, whether the page has tried all, and the verdict. */
  let tried;

  const state = () => program.path(turns).at(-1);
  const all = () => count(program.schedules, 'schedule');
  /** Whether the question is if something breaks it, and not how: a bad end, or the one that the change is to prevent. */
  const proving = () => version > 0 || level.goal.kind === 'none';
  const isGoal = (end) => (proving() && end.bad) || GOALS[level.goal.kind](end, level.goal);
  const breaks = () => program.wayTo(isGoal) !== undefined;
  const byHand = () => Math.min(BY_HAND, program.schedules);

  const show = () => {
    board.show(turns);
    for (const element of [back, again]) element.setAttribute('aria-disabled', turns.length === 0);
    showChanges();
  };

  // The changes to choose from.

  const showChanges = () => {
    const { end } = state();
    const reached = version > 0 || level.name in progress.reached || (end && isGoal(end));
    changes.hidden = level.versions.length < 2 || !reached;
    [...changes.querySelectorAll('button')].forEach((button, number) => {
      button.setAttribute('aria-pressed', number === version);
      button.nextSibling.textContent = tried[number].verdict;
    });
  };

  const drawChanges = () => {
    changes.replaceChildren(
      make('p', {}, make('b', {}, 'Which change repairs it?'), ' Choose one, and try to break that.'),
      ...level.versions.map(drawChange),
    );
  };

  const drawChange = ({ change, diff = [] }, number) => {
    const name = change ? [`Change ${number}: `, ...words(change)] : ['The file as it is'];
    const button = makeButton({}, () => inTurn(() => choose(number)), ...name);
    const kinds = { '+': 'ins', '-': 'del', ' ': 'span' };
    const lines = diff.map(([kind, text]) => make(kinds[kind], {}, `${kind} ${text}\n`));
    const changed = diff.filter(([kind]) => kind !== ' ');
    const shown = make('details', {}, make('summary', {}, `What it changes: ${count(changed.length, 'line')}`), make('pre', {}, ...lines));
    shown.open = diff.length <= AT_ONCE;
    return make('div', {}, button, make('small', {}), diff.length ? shown : '');
  };

  // What is said. `aside` is heard only: the others see it on the board.

  const say = (text, mood = '', aside = '') => {
    says.replaceChildren(text, ' ', make('span', { class: 'play-aside' }, aside));
    says.parentElement.dataset.mood = mood;
    const { schedules, byPage } = tried[version];
    const left = program.schedules - schedules.size;
    others.hidden = !proving() || left === 0 || byPage;
    others.lastChild.textContent = `try the other ${left.toLocaleString('en')}`;
    others.setAttribute('aria-disabled', schedules.size < byHand());
    toChanges.hidden = changes.hidden || !mood || (proving() && mood === 'good');
    toExercise.hidden = !level.exercise || mood !== 'good' || progress.reached[level.name] !== 'done';
    // What is said takes room, too.
    board.reveal();
  };

  const sayStart = () => {
    const size = `${count(program.threads.length, 'thread')}, ${all()}`;
    if (proving()) say(`${size}. Does one of them break it? Try ${byHand()} of them, then let the others be tried.`);
    else say(`${size}. Press a thread: it takes its next step. From then on, its digit does the same.`);
  };

  const sayEnd = (aside = '') => {
    const { end } = state();
    const schedule = `${endWords(end)} (${count(turns.length, 'step')}: ${turns.join('')})`;
    if (proving()) sayTried(schedule, isGoal(end), aside);
    else if (isGoal(end)) sayReached(schedule, end.bad, aside);
    else say(`It ends ${end.bad ? 'badly' : 'otherwise'}: ${schedule}. That is not the goal: take steps back.`, '', aside);
  };

  const sayReached = (schedule, bad, aside) => {
    const [words, mood] = bad ? ['You have broken it', 'bad'] : ['You have reached it', 'good'];
    const repair = level.versions.length > 1 ? ' Which change repairs it?' : '';
    const how = level.goal.kind === 'bad' ? 'badly' : 'like this';
    say(`${words}: ${schedule}. ${howMany(isGoal)} of ${all()} end ${how}.${repair}`, mood, aside);
  };

  const sayTried = (schedule, broken, aside) => {
    const { size } = tried[version].schedules;
    if (broken) say(`You have broken it: ${schedule}. This change does not repair it: choose another one.`, 'bad', aside);
    else if (size === program.schedules) sayAll(aside);
    else say(`It ends: ${schedule}. ${size} of ${all()} tried.`, '', aside);
  };

  const sayAll = (aside = '') => {
    const ends = program.ends().map(({ words, schedules }) => `${words}: ${schedules.toLocaleString('en')}`).join('; ');
    const next = tried[version].verdict ? 'Choose another change.' : 'Find one of them, or ask for a hint.';
    if (breaks()) say(`${howMany(isGoal)} of ${all()} break it (${ends}). ${next}`, 'bad', aside);
    else say(`All ${all()} ${level.goal.kind === 'end' ? 'end otherwise' : 'end well'} (${ends}).${version ? ' The change repairs it.' : ''}`, 'good', aside);
  };

  /** How many schedules come to such an end. */
  const howMany = (wanted) => {
    const schedules = program.ends().filter(wanted).map((end) => end.schedules);
    return schedules.reduce((sum, it) => sum + it, 0).toLocaleString('en');
  };

  // What the reader does.

  const take = (turn) => {
    const at = state();
    const step = program.step(at, turn);
    if (!step) {
      if (at.end) sayEnd();
      else say(`${program.threads[turn]} ${program.does(at, turn)}.`);
      return;
    }
    turns.push(turn);
    const after = state();
    if (after.end) keepEnd(after.end);
    show();
    const line = `${turns.length}. ${program.threads[step[0]]}: ${did(step)}`;
    if (after.end) sayEnd(`${line}. ${program.words(after)}`);
    else say(line, '', program.words(after));
  };

  const keepEnd = (end) => {
    const { schedules } = tried[version];
    schedules.add(turns.join(''));
    if (!proving() && isGoal(end)) progress.keep(level.name, level.versions.length > 1 ? 'goal' : 'done');
    else if (proving() && isGoal(end)) tried[version].verdict = `broken by ${turns.join('')}`;
    else if (proving() && schedules.size === program.schedules) keepAll();
  };

  const keepAll = () => {
    if (breaks()) return;
    tried[version].verdict = `holds in ${all()}`;
    progress.keep(level.name, 'done');
  };

  const stepBack = () => {
    if (turns.pop() === undefined) {
      say('This is the start: there is no step to take back.');
      return;
    }
    show();
    say(`Step ${turns.length + 1} is taken back.`, '', program.words(state()));
  };

  const startAgain = () => {
    turns = [];
    show();
    say('This is the start.', '', program.words(state()));
  };

  /** Whether something breaks it, is the reader's to find out first: then how many schedules do, then a step. */
  const hint = () => {
    const way = program.wayTo(isGoal, state());
    if (way?.length === 0) sayEnd();
    else if (proving() && !tried[version].byPage) tryOthers();
    else if (way) sayWay(way);
    else if (breaks()) say('No way leads there from here: take steps back.');
    else sayAll();
  };

  const sayWay = ([turn, ...rest]) => {
    const thread = parseInt(turn, 10);
    board.hint(thread);
    const steps = count(rest.length + 1, 'step');
    say(`Next: ${turn}, ${program.threads[thread]}. A shortest way from here has ${steps}.`);
  };

  /** The page tries the schedules that the reader has not: the recorded graph has all of them. */
  const tryOthers = () => {
    if (tried[version].schedules.size < byHand()) {
      say(`Try ${count(byHand(), 'schedule')} by hand first, each to its end: ${tried[version].schedules.size} so far.`);
      return;
    }
    tried[version].byPage = true;
    keepAll();
    show();
    sayAll();
  };

  const choose = async (number) => {
    await openVersion(number);
    widget.scrollIntoView();
    board.focus();
  };

  const copyLink = () => {
    history.replaceState(null, '', link.write(level.name, version, turns));
    const inAddress = () => say('The address of this page leads here now: copy it.');
    if (!navigator.clipboard) inAddress();
    else navigator.clipboard.writeText(location.href).then(() => say('The link is copied.'), inAddress);
  };

  const press = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const acts = { u: stepBack, r: startAgain, '?': hint, c: copyLink, ...(proving() && { a: tryOthers }) };
    // A time-out, or a wake-up without a reason, if only one thread can take such a step.
    const [inThisWay, ...others] = state().steps.map(turnOf).filter((turn) => turn.endsWith(event.key));
    const turn = event.key in program.threads ? event.key : /^[tsf]$/.test(event.key) && !others.length && inThisWay;
    const either = inThisWay && others.length && (() => say(`${[inThisWay, ...others].join(' or ')}: press its button.`));
    const act = acts[event.key] ?? (turn ? () => take(turn) : either);
    // The book has keys of its own, arrows and `?` among them.
    if (act || event.key.length === 1 || event.key.startsWith('Arrow')) event.stopPropagation();
    if (!act) return;
    event.preventDefault();
    act();
  };

  // Levels and links.

  const openLevel = async (name) => {
    ({ level } = await load(`levels/${name}.js`));
    tried = level.versions.map(() => ({ schedules: new Set(), byPage: false, verdict: '' }));
    for (const link of levels.querySelectorAll('a')) {
      link.ariaCurrent = link.dataset.level === name ? 'true' : null;
    }
    const exercise = make('a', { href: `${path_to_root}${level.page}` }, make('code', {}, `just try ${level.exercise}`));
    toExercise.replaceChildren('Now write it yourself: ', exercise);
    drawChanges();
    await openVersion(0);
    place.replaceChildren(levels, widget);
  };

  const openVersion = async (number) => {
    const opened = level.versions[number];
    // A change is loaded when it is chosen.
    if (!opened.states) Object.assign(opened, (await load(`levels/${level.name}.${number}.js`)).level);
    const { change, diff = [] } = opened;
    version = number;
    program = new Program(opened);
    turns = [];
    const asks = change ? [`Change ${number}: `, ...words(change), '. Try to break it.'] : words(level.task);
    title.replaceChildren(make('b', {}, level.title), ...asks);
    // A line of the change, if there is a word in it.
    const added = diff.filter(([kind, text]) => kind === '+' && /\w/.test(text)).map(([, text]) => text.trim());
    board.open(program, (line) => added.includes(line));
    show();
    sayStart();
  };

  /** Opens what a link leads to. A forged one is cut at the first turn that is not possible. */
  const replay = async ({ version: number, turns: wanted }) => {
    if (!/^\d+$/.test(number) || !(number in level.versions)) {
      say(`The link names change ${number}, which this level does not have.`);
      return;
    }
    await openVersion(Number(number));
    const possible = program.path(wanted).length - 1;
    turns = wanted.slice(0, possible);
    // A schedule from a link is tried, but the goal is the reader's to reach.
    if (proving() && state().end) keepEnd(state().end);
    show();
    if (possible < wanted.length) say(`The link is cut at step ${possible + 1}: '${wanted[possible]}' is not possible here.`);
    else if (state().end) sayEnd();
    else if (possible) say(`${count(possible, 'step')} taken from the link.`, '', program.words(state()));
  };

  /** Opens the level that the address names, or else the first one, if none is open. */
  const follow = async () => {
    const wanted = link.read(location.hash);
    const names = [...levels.querySelectorAll('a')].map(({ dataset }) => dataset.level);
    if (names.includes(wanted.level)) {
      await openLevel(wanted.level);
      await replay(wanted);
      widget.scrollIntoView();
      // The keys are the game's from now on.
      widget.focus({ preventScroll: true });
      return;
    }
    if (!level) await openLevel(names[0]);
    if (link.isOne(location.hash)) say(`There is no level ${wanted.level} on this page: this is ${level.name}.`);
  };

  /** One after the other, if the reader is faster than the scripts. */
  let last = Promise.resolve();
  const inTurn = (act) => {
    last = last.then(act).catch(() => {
      place.append(make('p', {}, 'A level could not be loaded: reload the page.'));
    });
  };

  // The parts that stay.

  const tool = (key, act, what) => makeButton({ 'aria-keyshortcuts': key }, act, make('kbd', {}, key), what);
  const levels = place.querySelector('ol');
  const title = make('p', { class: 'play-goal' });
  const board = makeBoard(take);
  const [back, again] = [tool('u', stepBack, 'step back'), tool('r', startAgain, 'start again')];
  const tools = [back, tool('?', hint, 'hint'), again, tool('c', copyLink, 'copy link')];
  const says = make('p', { role: 'status' });
  const others = tool('a', tryOthers, '');
  const toChanges = makeButton({}, () => changes.querySelector('button').focus(), 'choose a change');
  const toExercise = make('p', {});
  const changes = make('div', { class: 'play-changes' });
  const side = make(
    'div',
    { class: 'play-side' },
    make('div', { class: 'play-says' }, says, others, toChanges, toExercise),
    board.now,
    make('div', { class: 'play-tools' }, ...tools),
  );
  // With a tabindex, a click between the buttons turns the keys on, too.
  const widget = make(
    'section',
    { 'aria-label': 'Be the scheduler', tabindex: '-1' },
    title,
    make('div', { class: 'play-board' }, board.code, side),
    changes,
    board.steps,
  );
  widget.addEventListener('keydown', press);
  addEventListener('hashchange', () => inTurn(follow));
  // The link of the level that is open changes no address: it begins the level again.
  levels.addEventListener('click', ({ target }) => {
    if (target.hash && target.hash === location.hash) inTurn(follow);
  });
  inTurn(follow);
};

progress.read();
progress.show();
addEventListener('storage', () => {
  progress.read();
  progress.show();
});
document.querySelectorAll('.play').forEach(play);
