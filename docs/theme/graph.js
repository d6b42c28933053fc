// A file of a level, and all that its threads can do: what the search has recorded, and nothing else.
'use strict';

/** Which turn a step is: its thread's digit, and a letter if the step is not the plain one. */
const turnOf = ([thread, , , way = '']) => `${thread}${way}`;

class Program {
  constructor(version) {
    Object.assign(this, version);
  }

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

  /** What a thread does next, or waits for: the words, the file's number, and the line. */
  next(at, thread) {
    return this.operations[at.next[thread] ?? at.waits[thread]] ?? [];
  }

  canGo(at, thread) {
    return at.steps.some(([who]) => who === thread);
  }

  waits(at, thread) {
    return at.waits[thread] !== null || (at.next[thread] !== null && !this.step(at, String(thread)));
  }

  /** What a thread waits for that another one holds, if it is that: its words end in the name. */
  waitsFor(at, thread) {
    const [what] = this.next(at, thread);
    return this.objects.findIndex((name, object) => at.holders[object] !== null && what?.endsWith(name));
  }

  /** The place in the schedule of the step since which a thread holds what it holds now. */
  heldSince(path, object) {
    const holder = path.at(-1).holders[object];
    return path.findLastIndex(({ holders }) => holders[object] !== holder);
  }

  isLock(object) {
    return this.states.some(({ holders }) => holders[object] !== null);
  }

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
  wayTo(isGoal, from = this.states[0]) {
    return [...this.ways(from)].find(([{ end }]) => end && isGoal(end))?.[1];
  }

  /** All ends, each with the number of schedules that come to it: bad ones first. */
  ends() {
    const ends = new Map();
    for (const [{ end }, schedules] of this.schedulesTo()) {
      if (!end) continue;
      const known = ends.get(end.what) ?? { ...end, schedules: 0 };
      known.schedules += schedules;
      ends.set(end.what, known);
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
    const order = new Set();
    const seen = new Set();
    const visit = (at) => {
      if (seen.has(at)) return;
      seen.add(at);
      for (const step of at.steps) this.after(step) !== at && visit(this.after(step));
      order.add(at);
    };
    visit(this.states[0]);
    return [...order].reverse();
  }
}
