// A file of a level, and all that its threads can do: what the search has recorded, and nothing else.
'use strict';

/** Which turn a step is: its thread's digit, and a letter if the step is not the plain one. */
const turnOf = ([thread, , , way = '']) => `${thread}${way}`;

/** What a step did. */
const did = ([, what]) => what;

/** An end in words. A deadlock's have, in brackets, what the board shows: who waits where, for what. */
const endWords = ({ kind, what }) => (kind === 'ends' ? what : `it ${what}`).replace(kind === 'deadlock' ? / \(.*/s : '', '');

class Program {
  constructor(version) {
    Object.assign(this, version);
  }

  // The way of a schedule.

  step(at, turn) {
    return at.steps.find((step) => turnOf(step) === turn);
  }

  after(step) {
    return this.states[step[2]];
  }

  /** The states on the way of these turns, from the start up to the first turn that is not possible. */
  path(turns) {
    const states = [this.states[0]];
    for (const turn of turns) {
      const step = this.step(states.at(-1), turn);
      if (!step) break;
      states.push(this.after(step));
    }
    return states;
  }

  // What a state says.

  /** What a thread does next, or waits for: the words, the file's number, and the line. */
  operation(at, thread) {
    return this.operations[at.next[thread] ?? at.waits[thread]] ?? [];
  }

  source(at, thread) {
    const [, file, line] = this.operation(at, thread);
    return line ? `${this.files[file].name}:${line}` : '';
  }

  value(at, object) {
    return String(at.values[object] ?? '');
  }

  holder(at, object) {
    return this.threads[at.holders[object]];
  }

  /** The objects of which something is to be seen. */
  get inView() {
    const seen = (object) => this.states.some((at) => at.values[object] !== null || at.holders[object] !== null);
    return [...this.objects.keys()].filter(seen);
  }

  isLock(object) {
    return this.states.some(({ holders }) => holders[object] !== null);
  }

  /** The state before the step since which a thread holds what it holds at the end of this path. */
  heldSince(path, object) {
    const { holders } = path.at(-1);
    return holders[object] === null ? undefined : path.findLast((at) => at.holders[object] !== holders[object]);
  }

  waits(at, thread) {
    return at.waits[thread] !== null || (at.next[thread] !== null && !this.step(at, String(thread)));
  }

  /** What a thread is about to do. What it waits for is held by another one, if its words end in the name. */
  does(at, thread) {
    const [what] = this.operation(at, thread);
    if (!what) return this.begins(at, thread) ? 'has not begun' : 'is done';
    if (!this.waits(at, thread)) return `next: ${what}`;
    if (at.waits[thread] !== null) return what.replace(/^wait/, 'waits');
    const object = this.objects.findIndex((name, object) => this.holder(at, object) && what.endsWith(` ${name}`));
    return `waits to ${what}${object < 0 ? '' : `, held by ${this.holder(at, object)}`}`;
  }

  begins(at, thread) {
    return [...this.ways(at).keys()].some(({ next }) => next[thread] !== null);
  }

  /** All of that in one sentence. */
  words(at) {
    const shared = this.inView.map((object) => {
      const holder = this.holder(at, object);
      return `${this.objects[object]}: ${this.value(at, object)}${holder ? ` (held by ${holder})` : ''}`;
    });
    const threads = this.threads.map((name, thread) => `${name} ${this.does(at, thread)}`);
    return [...shared, ...threads].join('; ');
  }

  // What can follow.

  /** Shortest ways from a state to all that can follow. The loop sees what it adds to the map. */
  ways(from) {
    const ways = new Map([[from, []]]);
    for (const [at, way] of ways) {
      for (const step of at.steps) {
        const to = this.after(step);
        if (!ways.has(to)) ways.set(to, [...way, turnOf(step)]);
      }
    }
    return ways;
  }

  /** The turns of a shortest way to such an end, if there is one. */
  wayTo(wanted, from = this.states[0]) {
    return [...this.ways(from)].find(([{ end }]) => end && wanted(end))?.[1];
  }

  /** All ends, each with the number of schedules that come to it: bad ones first. */
  ends() {
    const ends = new Map();
    for (const [{ end }, schedules] of this.schedulesTo()) {
      if (!end) continue;
      const words = endWords(end);
      const known = ends.get(words) ?? { ...end, words, schedules: 0 };
      known.schedules += schedules;
      ends.set(words, known);
    }
    return [...ends.values()].sort((one, other) => other.bad - one.bad || other.schedules - one.schedules);
  }

  /** How many ways lead to each state: as many as to all states before it. */
  schedulesTo() {
    const schedules = new Map([[this.states[0], 1]]);
    for (const at of this.inOrder()) {
      for (const step of at.steps) {
        const to = this.after(step);
        schedules.set(to, (schedules.get(to) ?? 0) + schedules.get(at));
      }
    }
    return schedules;
  }

  /** The states, each after all from which a step leads to it. */
  inOrder() {
    const [order, seen] = [[], new Set()];
    const visit = (at) => {
      if (seen.has(at)) return;
      seen.add(at);
      for (const step of at.steps) visit(this.after(step));
      order.unshift(at);
    };
    visit(this.states[0]);
    return order;
  }
}
