// The board: the file with a mark for each thread at its line, the threads, what they share, the steps so far.
'use strict';

/** What a step is that is not the plain one. */
const WAYS = { t: 'times out', s: 'wakes up for no reason', f: 'fails for no reason' };

/** So many pixels of the files stay to be seen around the line of a step. */
const AROUND = 24;

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

/** A board calls `take` with the turn that the reader has chosen. */
const makeBoard = (take) => {
  let program;
  /** The parts of each line of code, by file and line. */
  let lines;

  const mark = (thread, kind = '') => make('i', { class: `play-mark ${kind}`, 'data-thread': thread }, thread);

  // Drawn once for a program.

  const open = (opened, isChanged) => {
    program = opened;
    lines = new Map();
    const inView = program.inView.map((object) => program.objects[object]);
    code.replaceChildren(...program.files.map((file, number) => drawFile(file, number, isChanged)));
    threads.replaceChildren(...program.threads.map(drawThread));
    shared.replaceChildren(...inView.map((name) => make('div', {}, make('dt', {}, name), make('dd', {}))));
    const columns = ['step', 'thread', 'what it did', ...inView];
    head.replaceChildren(...columns.map((name) => make('th', { scope: 'col' }, name)));
  };

  const drawFile = ({ name, parts }, file, isChanged) => {
    const body = make('div', { class: 'play-lines' });
    for (const { first, lines } of parts) {
      const drawn = lines.map((html, place) => drawLine(file, first + place, html, isChanged));
      body.append(make('div', { class: 'play-fold' }), ...drawn);
    }
    return make('figure', {}, make('figcaption', {}, name), body);
  };

  /** The book has made the HTML of a line: code, coloured. Its indentation becomes that of the element. */
  const drawLine = (file, number, html, isChanged) => {
    const [marks, text, notes] = [make('span', {}), make('code', {}), make('span', { class: 'play-notes' })];
    text.innerHTML = html.trimStart();
    const indented = make('span', { style: `--indent: ${html.length - html.trimStart().length}` }, text, ' ', notes);
    const change = isChanged(text.textContent) ? '+' : '';
    const line = make('div', {}, make('span', {}, change, make('span', {}, number)), marks, indented);
    lines.set(`${file}:${number}`, { line, marks, notes });
    return line;
  };

  const drawThread = (name, thread) => {
    const parts = [mark(thread), make('b', {}, name), make('span', {}), make('small', {})];
    const go = makeButton({ 'aria-keyshortcuts': thread }, () => take(String(thread)), ...parts);
    return make('div', {}, go, make('span', {}));
  };

  // Shown anew after each step. The buttons of the threads stay, and with them the focus.

  const show = (turns) => {
    const path = program.path(turns);
    const at = path.at(-1);
    for (const { line, marks, notes } of lines.values()) {
      line.className = '';
      marks.replaceChildren();
      notes.replaceChildren();
    }
    [...threads.children].forEach((element, thread) => {
      showThread(element, at, thread);
      showMark(at, thread);
    });
    program.inView.forEach((object, place) => {
      showObject(shared.children[place].lastChild, at, object);
      noteHolder(path, object);
    });
    printed.textContent = at.printed ? `printed: ${at.printed}` : '';
    showSteps(path, turns);
  };

  /** Scrolls the files to the step that was taken, and to the next one of the same thread. */
  const reveal = () => {
    const act = code.querySelector('.did');
    const next = code.querySelector(act ? `.play-mark[data-thread='${act.dataset.thread}']` : '.play-mark.goes');
    for (const there of [act, next]) {
      if (!there) continue;
      const element = there.closest('.play-lines > div');
      const [pane, line, below] = [code, element, code.nextSibling].map((it) => it.getBoundingClientRect());
      // On a narrow screen, what is below covers the end of the files.
      const bottom = below.left < pane.right ? Math.min(pane.bottom, below.top) : pane.bottom;
      const from = code.scrollTop;
      // The begin of the line comes first.
      code.scrollTop += Math.min(line.top - AROUND - pane.top, Math.max(0, line.bottom + AROUND - bottom));
      // The page moves only after a step, and only if the end of the files would stay covered.
      if (act) scrollBy(0, Math.max(0, Math.ceil(line.bottom - (code.scrollTop - from) - bottom)));
    }
  };

  const showThread = ({ firstChild: go, lastChild: others }, at, thread) => {
    go.children[2].textContent = program.does(at, thread);
    go.lastChild.textContent = program.source(at, thread);
    go.setAttribute('aria-disabled', !program.step(at, String(thread)));
    go.classList.remove('hinted');
    const focused = others.contains(document.activeElement);
    others.replaceChildren(...at.steps.filter(([who, , , way]) => who === thread && way).map(drawWay));
    if (focused) go.focus();
  };

  const drawWay = (step) => {
    const turn = turnOf(step);
    // Another letter is an older write: what it reads is said by the step.
    const words = WAYS[step[3]] ?? did(step).split(',', 1)[0];
    return makeButton({ 'data-turn': turn }, () => take(turn), make('kbd', {}, turn), words);
  };

  const lineOf = (at, thread) => {
    const [, file, line] = program.operation(at, thread);
    return lines.get(`${file}:${line}`);
  };

  const note = (at, thread, kind, words) => {
    const says = make('span', { class: kind, 'data-thread': thread }, `${program.threads[thread]}${words}`);
    lineOf(at, thread)?.notes.append(says, ' ');
  };

  const showMark = (at, thread) => {
    const kind = program.waits(at, thread) ? 'waits' : 'goes';
    const there = lineOf(at, thread);
    there?.marks.append(mark(thread, kind));
    there?.line.classList.add(kind);
    if (kind === 'waits') note(at, thread, kind, ` ${program.does(at, thread)}`);
  };

  const showObject = (element, at, object) => {
    const holder = program.holder(at, object);
    const held = holder ? `held by ${holder}` : 'free';
    element.replaceChildren(make('b', {}, program.value(at, object)), program.isLock(object) ? ` ${held}` : '');
  };

  const noteHolder = (path, object) => {
    const since = program.heldSince(path, object);
    if (since) note(since, path.at(-1).holders[object], 'holds', ` holds ${program.objects[object]} since here`);
  };

  const showSteps = (path, turns) => {
    const taken = turns.map((turn, place) => program.step(path[place], turn));
    if (taken.length) note(path.at(-2), taken.at(-1)[0], 'did', `: ${did(taken.at(-1))}`);
    body.replaceChildren(...taken.map(drawStep));
    steps.firstChild.textContent = `The steps so far: ${turns.length}`;
  };

  const drawStep = (step, place) => {
    const after = program.after(step);
    const shared = program.inView.map((object) => {
      const holder = after.holders[object];
      return make('td', {}, program.value(after, object), ' ', holder === null ? '' : mark(holder));
    });
    const cells = [mark(step[0]), did(step)].map((it) => make('td', {}, it));
    return make('tr', {}, make('th', { scope: 'row' }, place + 1), ...cells, ...shared);
  };

  const hint = (thread) => threads.children[thread].firstChild.classList.add('hinted');
  const focus = () => threads.querySelector('button').focus({ preventScroll: true });

  // The parts that stay.

  const code = make('div', { class: 'play-code', role: 'region', 'aria-label': 'The files', tabindex: 0 });
  const threads = make('div', { class: 'play-threads', role: 'group', 'aria-label': 'Which thread takes its next step?' });
  const shared = make('dl', {});
  const printed = make('p', { class: 'play-printed' });
  const [head, body] = [make('tr', {}), make('tbody', {})];
  const steps = make('details', { class: 'play-steps' }, make('summary', {}), make('table', {}, make('thead', {}, head), body));
  steps.open = matchMedia('(min-width: 60em)').matches;
  code.addEventListener('click', ({ target }) => {
    const { thread } = target.closest('.play-mark')?.dataset ?? {};
    if (thread) take(thread);
  });
  return { code, now: make('div', { class: 'play-now' }, threads, shared, printed), steps, open, show, reveal, hint, focus };
};
