"""The levels, played in the page, against what the search has recorded of them."""

import json
import random
import re
from functools import cached_property
from math import ceil
from pathlib import Path

import pytest
from conftest import ALL, SCHEMES, violations

ROOT = Path(__file__).parents[3]
LEVELS = {path.stem: json.loads(path.read_text()) for path in sorted(ROOT.glob("docs/recordings/levels/*.json"))}
GOALS = {
    "bad": lambda end, goal: end["bad"],
    "deadlock": lambda end, goal: end["kind"] == "deadlock",
    "end": lambda end, goal: end["what"] == goal["end"],
    "none": lambda end, goal: end["bad"],
}
LINKS, FORGED = 200, 50
SHOWN = """widget => {
    const all = (selector, within = widget) => [...within.querySelectorAll(selector)];
    const text = (element) => element.innerText.replace(/\\s+/g, ' ').trim();
    const marks = all('.play-lines .play-mark').map((mark) => {
        const line = mark.closest('.play-lines > div');
        const file = text(line.closest('figure').querySelector('figcaption'));
        return [text(mark), [file, Number(text(line.firstChild.lastChild)), mark.classList.contains('waits')]];
    });
    return {
        threads: all('.play-threads > div > button:first-child').map((it) => [text(it), it.ariaDisabled === 'true']),
        marks: Object.fromEntries(marks),
        notes: Object.fromEntries(['waits', 'holds', 'did'].map((kind) => [kind, all(`.play-notes .${kind}`).map(text)])),
        objects: all('dd').map(text),
        printed: text(widget.querySelector('.play-printed')),
        rows: all('tbody tr').map((row) => [...row.cells].map((it) => it.textContent.trim())),
    };
}"""

# What was said, the threads, and the line of the next step of one, or of its last one: those that the reader cannot see.
HIDDEN = """(widget, thread) => {
    const line = (what) => widget.querySelector(`.play-lines ${what}`);
    const there = line(`.play-mark[data-thread='${thread}']`) ?? line('.did') ?? [];
    const seen = (it) => {
        const { left, right, top, bottom } = it.getBoundingClientRect();
        return [top + 1, bottom - 1].every((y) => it.contains(document.elementFromPoint((left + right) / 2, y)));
    };
    const all = [widget.querySelector('[role=status]'), ...widget.querySelectorAll('.play-threads button'), there].flat();
    return all.filter((it) => !seen(it)).map((it) => it.outerHTML);
}"""


def plain(text):
    return text.replace("`", "")


def end_words(end):
    if end["kind"] == "ends":
        return end["what"]
    return f"it {end['what'].partition(' (')[0] if end['kind'] == 'deadlock' else end['what']}"


def turn(step):
    return f"{step[0]}{step[3] if len(step) > 3 else ''}"


def counted(number, thing):
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


class Program:
    """A version of a level's file, and where its threads can get."""

    def __init__(self, version):
        self.version = version
        self.threads, self.objects = version["threads"], version["objects"]
        self.states, self.schedules = version["states"], version["schedules"]
        # Of the other objects there is nothing to be seen.
        seen = lambda thing: any(at["values"][thing] is not None or at["holders"][thing] is not None for at in self.states)
        self.in_view = list(filter(seen, range(len(self.objects))))

    def steps(self, state):
        return {turn(step): (step[1], self.states[step[2]]) for step in state["steps"]}

    def state(self, turns):
        state = self.states[0]
        for taken in turns:
            _, state = self.steps(state)[taken]
        return state

    def shortest(self, wanted, turns=()):
        """The turns of a shortest way from there to a state that is wanted; None if there is no way."""
        start = self.state(turns)
        ways, seen = [([], start)], [start]
        for way, state in ways:
            if wanted(state):
                return way
            for taken, (_, after) in self.steps(state).items():
                if not any(after is other for other in seen):
                    seen.append(after)
                    ways.append(([*way, taken], after))
        return None

    def to_end(self, wanted, turns=()):
        return self.shortest(lambda state: "end" in state and wanted(state["end"]), turns)

    @cached_property
    def schedules_to(self):
        """For each end the number of schedules that come to it, by its words."""
        known = {}

        def ends(number):
            if number not in known:
                state = self.states[number]
                found = {end_words(state["end"]): 1} if "end" in state else {}
                for step in state["steps"]:
                    for words, schedules in ends(step[2]).items():
                        found[words] = found.get(words, 0) + schedules
                known[number] = found
            return known[number]

        return ends(0)

    def number(self, wanted):
        ends = {end_words(state["end"]): state["end"] for state in self.states if "end" in state}
        return sum(self.schedules_to[words] for words, end in ends.items() if wanted(end))

    def some_way(self, chance, length=None):
        """Turns by chance, to an end unless a length is given."""
        turns, state = [], self.states[0]
        while state["steps"] and (length is None or len(turns) < length):
            taken = chance.choice(sorted(self.steps(state)))
            turns.append(taken)
            _, state = self.steps(state)[taken]
        return turns

    def two_schedules(self):
        """Two schedules that differ, each to its end, or the only one."""
        chance = random.Random(0)
        found = []
        while len(found) < min(2, self.schedules):
            turns = self.some_way(chance)
            if turns not in found:
                found.append(turns)
        return found

    def waits(self, state, thread):
        return state["waits"][thread] is not None or (
            state["next"][thread] is not None and str(thread) not in self.steps(state)
        )

    def operation(self, state, thread):
        """The words, the file's number and the line of what a thread does next or waits for."""
        for operations in (state["next"], state["waits"]):
            if operations[thread] is not None:
                return self.version["operations"][operations[thread]]
        return None

    def place(self, state, thread):
        operation = self.operation(state, thread)
        if operation is None or operation[2] is None:
            return None
        return (self.version["files"][operation[1]]["name"], operation[2])


class Game:
    """What the reader sees and does."""

    def __init__(self, page, book, name, suffix="", title=None):
        self.page, self.level = page, LEVELS[name]
        self.goal = self.level["goal"]
        # Another fragment alone would not load the page anew.
        page.goto("about:blank")
        self.address = f"{book}lessons/{self.level['lesson']}.html"
        page.goto(f"{self.address}#{name}{suffix}")
        self.widget = page.locator(".play section")
        self.widget.locator(".play-goal b").get_by_text(title or self.level["title"], exact=True).wait_for()
        self.threads = self.widget.locator(".play-threads > div > button:first-child")
        self.says = self.widget.get_by_role("status")
        self.changes = self.widget.locator(".play-changes")
        self.others = self.widget.get_by_role("button", name="try the other")
        self.choose_program(0)

    def choose_program(self, number):
        self.number = number
        self.program = Program(self.level["versions"][number])

    def wanted(self, end):
        return (self.number > 0 and end["bad"]) or GOALS[self.goal["kind"]](end, self.goal)

    def button(self, name):
        return self.widget.get_by_role("button", name=name)

    def focus(self):
        self.threads.first.focus()

    def keys(self, keys):
        for key in keys:
            self.page.keyboard.press(key)

    def take(self, taken, by="keys"):
        """One turn. One that is not a thread's plain step has a button of its own."""
        if len(taken) > 1:
            button = self.widget.locator(f"[data-turn='{taken}']")
            if by == "keys":
                button.press("Enter")
            else:
                button.click()
        elif by == "keys":
            self.page.keyboard.press(taken)
        else:
            self.threads.nth(int(taken)).click()

    def play(self, turns, by="keys"):
        if by == "keys":
            self.focus()
        for taken in turns:
            self.take(taken, by)

    def choose(self, number, by="keys"):
        words = f"Change {number}:" if number else "The file as it is"
        button = self.changes.get_by_role("button", name=words)
        if by == "keys":
            button.press("Enter")
        else:
            button.click()
        self.choose_program(number)
        self.wait_for("")
        assert button.get_attribute("aria-pressed") == "true"
        assert self.has_focus()

    def said(self):
        return " ".join(self.says.inner_text().split())

    def has_focus(self):
        return self.widget.evaluate("it => it.contains(document.activeElement)")

    def picture(self):
        """Everything but the last thing said."""
        parts = ".play-code, .play-now, details table"
        return self.widget.evaluate("(it, parts) => [...it.querySelectorAll(parts)].map(it => it.innerHTML)", parts)

    def wait_for(self, turns):
        """Until this version and these turns of its threads are shown."""
        change = self.program.version.get("change")
        asks = f"Change {self.number}: {change}" if change else self.level["task"]
        self.widget.locator(".play-goal").get_by_text(plain(asks)).wait_for()
        self.page.wait_for_function(
            "digits => [...document.querySelectorAll('.play tbody td:nth-child(2) .play-mark')].map(it => it.innerText).join('') === digits",
            arg=re.sub("[a-z]", "", turns),
        )

    def notes(self, kind):
        return self.shown()["notes"].get(kind, [])

    def shown(self):
        """All that is shown, in one look."""
        return self.widget.evaluate(SHOWN)

    def check(self, turns):
        """All that is shown is what was recorded."""
        program, shown = self.program, self.shown()
        state = program.state(turns)
        marks = {}
        for thread, (name, (text, disabled)) in enumerate(zip(program.threads, shown["threads"], strict=True)):
            assert text.startswith(f"{thread} {name} ")
            assert disabled == (str(thread) not in program.steps(state))
            place = program.place(state, thread)
            if place:
                marks[str(thread)] = [*place, program.waits(state, thread)]
                assert text.endswith(f"{place[0]}:{place[1]}")
            operation = program.operation(state, thread)
            if operation is None:
                assert re.search("(is done|has not begun)$", text)
            elif not program.waits(state, thread):
                assert f"next: {operation[0]}" in text
            else:
                assert "waits" in text
        assert shown["marks"] == marks
        waiting = [thread for thread, (_, _, waits) in marks.items() if waits]
        assert len(shown["notes"].get("waits", [])) == len(waiting)
        objects = [(state["values"][it], state["holders"][it]) for it in program.in_view]
        for text, (value, holder) in zip(shown["objects"], objects, strict=True):
            assert text.startswith("" if value is None else str(value))
            assert ("held by" in text) == (holder is not None)
            assert holder is None or text.endswith(program.threads[holder])
        assert shown["printed"] == (f"printed: {state['printed']}" if "printed" in state else "")
        assert len(shown["rows"]) == len(turns)
        if turns:
            before = program.state(turns[:-1])
            thread = int(turns[-1][0])
            what, _ = program.steps(before)[turns[-1]]
            assert shown["rows"][-1][:3] == [str(len(turns)), str(thread), " ".join(what.split())]
            did = [f"{program.threads[thread]}: {what}"] if program.place(before, thread) else []
            assert shown["notes"].get("did", []) == did

    def check_end(self, turns):
        end = self.program.state(turns)["end"]
        schedule = f"{end_words(end)} ({counted(len(turns), 'step')}: {''.join(turns)})"
        wanted = self.program.number(self.wanted)
        how = "badly" if self.goal["kind"] == "bad" else "like this"
        share = f"{wanted:,} of {counted(self.program.schedules, 'schedule')} end {how}."
        if self.number or self.goal["kind"] == "none":
            if self.wanted(end):
                expected = f"You have broken it: {schedule}. This change does not repair it: choose another one."
            else:
                expected = "It ends: |All "
        elif self.wanted(end):
            expected = f"{'You have broken it' if end['bad'] else 'You have reached it'}: {schedule}. {share}"
        else:
            expected = f"It ends {'badly' if end['bad'] else 'otherwise'}: {schedule}. That is not the goal"
        pattern = "|".join(re.escape(" ".join(part.split())) for part in expected.split("|"))
        assert re.match(pattern, self.said()), self.said()

    def prove(self, by):
        """Tries two schedules by hand, and lets the page try the others."""
        for turns in self.program.two_schedules():
            self.play(turns, by)
            self.check_end(turns)
            if by == "keys":
                self.keys("r")
            else:
                self.button("start again").click()
        if self.program.schedules > 2:
            if by == "keys":
                self.keys("a")
            else:
                self.others.click()
        else:
            self.play(turns, by)
        broken = self.program.number(self.wanted)
        assert not self.others.is_visible()
        if broken:
            assert self.said().startswith(f"{broken:,} of {counted(self.program.schedules, 'schedule')} break it")
        else:
            well = "otherwise" if self.goal["kind"] == "end" else "well"
            assert self.said().startswith(f"All {counted(self.program.schedules, 'schedule')} end {well}")

    def reached(self):
        return self.page.locator(f".play [data-level='{self.level['name']}']").get_attribute("data-reached")


@pytest.fixture
def start(page, book):
    return lambda name, suffix="": Game(page, book, name, suffix)


# Each level is played to its goal; what else holds of all of them is tried on a few, or on all by `just check-all`.
FEW = LEVELS if ALL else ["deadlock-1", "futures-1", "race-1", "race-4"]
some_levels = pytest.mark.parametrize("name", FEW)
LOCKS = [
    name
    for name, level in LEVELS.items()
    if any(state["holders"] != [None] * len(state["holders"]) for state in level["versions"][0]["states"])
]
FIRST = next(iter(LEVELS))
REPAIRED = next(name for name, level in LEVELS.items() if len(level["versions"]) > 1)


def test_there_are_levels():
    assert LEVELS and LOCKS


@pytest.mark.parametrize("name, by", [*((name, "keys") for name in LEVELS), *((name, "clicks") for name in FEW)])
def test_to_the_goal_by_the_shortest_way_and_repaired(start, page, book, name, by):
    game = start(name)
    level = game.level
    assert plain(level["task"]) in game.widget.inner_text()
    game.check([])
    assert game.reached() == "" and not game.changes.is_visible()
    if level["goal"]["kind"] == "none":
        game.prove(by)
    else:
        way = game.program.to_end(game.wanted)
        assert len(way) == level["shortest"]
        if by == "keys":
            game.focus()
        for number, taken in enumerate(way, 1):
            game.take(taken, by)
            game.check(way[:number])
            assert game.has_focus()
        game.check_end(way)
    changes = level["versions"][1:]
    assert game.reached() == ("goal" if changes else "done")
    repairs = [number for number, change in enumerate(changes, 1) if change["repairs"]]
    assert len(repairs) == (1 if changes else 0)
    for number, change in enumerate(changes, 1):
        if change["repairs"]:
            continue
        game.choose(number, by)
        assert plain(change["change"]) in game.widget.locator(".play-goal").inner_text()
        game.check([])
        way = game.program.to_end(game.wanted)
        game.play(way, by)
        game.check(way)
        game.check_end(way)
        assert game.changes.get_by_text(f"broken by {''.join(way)}", exact=True).count() >= 1
        assert game.reached() == "goal"
    for number in repairs:
        game.choose(number, by)
        game.prove(by)
        assert "The change repairs it." in game.said()
        assert game.changes.get_by_text(f"holds in {counted(game.program.schedules, 'schedule')}").is_visible()
    assert game.reached() == "done"
    exercise = game.widget.get_by_role("link", name="just try")
    assert exercise.is_visible() == ("exercise" in level)
    if exercise.is_visible():
        assert exercise.inner_text() == f"just try {level['exercise']}"
        exercise.click()
        page.wait_for_url(f"**/exercises-*.html#{level['exercise']}")
        # The exercise names the level, too.
        page.locator(f"a[href$='lessons/{level['lesson']}.html#{name}']").first.wait_for()
    # It is kept, and the list of all levels says so, too.
    page.goto(f"{book}levels.html")
    link = page.locator(f"[data-level='{name}'][data-reached=done]")
    link.wait_for()
    assert link.evaluate("it => it.ariaDescription") == "level done"
    link.click()
    page.wait_for_url(f"**/lessons/{level['lesson']}.html#{name}")
    page.locator(".play-goal b").get_by_text(level["title"], exact=True).wait_for()
    page.locator(f".play [data-level='{name}'][data-reached=done]").wait_for()


@pytest.mark.parametrize("name", [*LEVELS][:: 1 if ALL else 7])
def test_to_the_goal_in_chinese(page, book, name):
    page.goto(f"{book}zh-CN/levels.html")
    title = page.locator(f"[data-level='{name}']").inner_text()
    game = Game(page, f"{book}zh-CN/", name, title=title)
    way = game.program.to_end(game.wanted)
    game.play(way or game.program.some_way(random.Random(4)))
    assert game.reached() == (("goal" if len(game.level["versions"]) > 1 else "done") if way else "")
    for said in (title, game.said(), game.widget.locator(".play-threads").get_attribute("aria-label")):
        assert re.search("[\u4e00-\u9fff]", said) and not re.search(r"\$|undefined", said), said


@some_levels
def test_the_schedules_are_those_that_were_recorded(start, page, name):
    game = start(name)
    for version in game.level["versions"]:
        program = Program(version)
        ends = page.evaluate("version => new Program(version).ends()", version)
        assert {end["words"]: end["schedules"] for end in ends} == program.schedules_to
        assert sum(program.schedules_to.values()) == program.schedules


@some_levels
def test_wandering_shows_what_was_recorded(start, name):
    chance = random.Random(name)
    game = start(name)
    game.focus()
    turns = []
    for _ in range(25):
        can = sorted(game.program.steps(game.program.state(turns)))
        if turns and (not can or chance.random() < 0.3):
            turns.pop()
            game.keys("u")
        else:
            turns.append(chance.choice(can))
            game.take(turns[-1])
        game.check(turns)
        if "end" in game.program.state(turns) and not game.said().endswith("is taken back."):
            assert "end" in game.said() or "broken" in game.said() or "reached" in game.said()


@some_levels
def test_links_lead_back(start, page, name):
    chance = random.Random(name)
    game = start(name)
    for number in range(ceil(LINKS / len(LEVELS))):
        version = chance.randrange(len(game.level["versions"]))
        game.choose_program(version)
        turns = "".join(game.program.some_way(chance, chance.choice([None, 1, 3, 7])))
        link = f"#{name}{f'.{version}' if version else ''}/{turns}"
        # In a page that has just come, and in one that was played on.
        if number % 5 == 0:
            page.goto("about:blank")
            page.goto(game.address + link)
        else:
            page.evaluate("link => { location.hash = link }", link)
        game.wait_for(turns)
        game.check(re.findall(r"\d[a-z]?", turns))
        assert "cut" not in game.said()
        page.evaluate("history.replaceState(null, '', '#')")
        game.button("copy link").click()
        game.says.get_by_text(re.compile("The (link|address) ")).wait_for()
        assert page.url == game.address + link


FORGERIES = ["9", "!x", "-1", "%30", "\u2603", " 0", "<img src=x onerror=alert(1)>", "\U0001f512", "__proto__", "9" * 5000, "/0"]


@pytest.mark.parametrize("part", range(2))
def test_forged_links_are_cut_at_the_first_step_that_is_impossible(page, book, part):
    chance = random.Random(part)
    for number in range(FORGED // 2):
        name = chance.choice(list(LEVELS))
        program = Program(LEVELS[name]["versions"][0])
        turns = program.some_way(chance, chance.randrange(8))
        can = program.steps(program.state(turns))
        wrong = [other for other in ("0", "1", "2", "3", "0t", "1s", "2f", "7q") if other not in can]
        forged = chance.choice(wrong) + "01" if number % 2 else FORGERIES[number // 2 % len(FORGERIES)]
        game = Game(page, book, name, f"/{''.join(turns)}{forged}")
        game.says.get_by_text(f"The link is cut at step {len(turns) + 1}:").wait_for(timeout=10_000)
        game.check(turns)
        assert game.reached() == ""


@pytest.mark.parametrize("turns, step, turn", [("12x", 2, "2x"), ("1x2", 1, "1x"), ("1tt", 1, "1t")])
def test_a_letter_belongs_to_the_digit_before_it(start, turns, step, turn):
    game = start("race-1", f"/{turns}")
    game.says.get_by_text(f"The link is cut at step {step}: '{turn}' is not possible").wait_for()


@pytest.mark.parametrize("suffix", [".9", ".x", ".-1", ".9/01", ".1.1"])
def test_a_link_to_a_change_that_is_not_there(start, suffix):
    game = start(FIRST, suffix)
    game.says.get_by_text("which this level does not have").wait_for()
    game.check([])


@pytest.mark.parametrize("fragment", ["race-99", "race-99/01", "race-99.1/0", "nope/01", "lock-1"])
def test_a_link_to_a_level_that_is_not_there(page, book, fragment):
    page.goto(f"{book}lessons/{LEVELS[FIRST]['lesson']}.html#{fragment}")
    status = page.locator(".play").get_by_role("status")
    name = re.split("[./]", fragment)[0]
    status.get_by_text(f"There is no level {name} on this page: this is ").wait_for()


@pytest.mark.parametrize("fragment", ["no-such-level", "%", "checked-in-every-order", "!/"])
def test_other_fragments_are_none_of_the_games(page, book, fragment):
    page.goto(f"{book}lessons/{LEVELS[FIRST]['lesson']}.html#{fragment}")
    page.locator(".play-goal b").get_by_text(LEVELS[FIRST]["title"], exact=True).wait_for()
    said = page.locator(".play").get_by_role("status").inner_text()
    assert "cut" not in said and "no level" not in said


@pytest.mark.parametrize("storage", ["refused", "full", "rubbish"])
def test_progress_without_storage(page, book, storage):
    page.add_init_script(
        {
            "refused": "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no') }})",
            "full": "Storage.prototype.setItem = () => { throw new DOMException('full') }",
            "rubbish": "location.host && localStorage.setItem('levels', '{\"race-1\": 7, rubbish')",
        }[storage]
    )
    game = Game(page, book, REPAIRED)
    game.play(game.program.to_end(game.wanted))
    assert game.reached() == "goal"


@some_levels
def test_steps_are_taken_back(start, name):
    game = start(name)
    way = game.program.some_way(random.Random(1))
    game.focus()
    pictures = []
    for taken in way:
        pictures.append(game.picture())
        game.take(taken)
    for picture in reversed(pictures):
        game.keys("u")
        assert game.picture() == picture
        assert game.has_focus()
    game.keys("u")
    assert game.said() == "This is the start: there is no step to take back."
    game.play(way)
    game.button("step back").click()
    assert game.picture() == pictures[-1]
    game.button("start again").click()
    assert game.picture() == pictures[0]


@pytest.mark.parametrize("by", ["keys", "clicks"])
@some_levels
def test_hints_lead_to_the_goal(start, name, by):
    game = start(name)
    ask = (lambda: game.keys("?")) if by == "keys" else game.button("hint").click
    game.focus()
    turns = []
    way = game.program.to_end(game.wanted)
    if way is None:
        ask()
        assert game.said() == "Try 2 schedules by hand first, each to its end: 0 so far."
        game.prove(by)
        ask()
        assert game.said().startswith(f"All {counted(game.program.schedules, 'schedule')} end well")
        return
    for left in range(len(way), 0, -1):
        ask()
        steps = re.escape(counted(left, "step"))
        hint = re.fullmatch(rf"Next: (\d[a-z]?), (.*)\. A shortest way from here has {steps}\.", game.said())
        turns.append(hint[1])
        assert game.program.threads[int(hint[1][0])] == hint[2]
        game.take(turns[-1], by)
    game.check_end(turns)
    assert game.wanted(game.program.state(turns)["end"])


def test_the_hint_of_a_change_comes_after_trying(start):
    game = start(REPAIRED)
    game.play(game.program.to_end(game.wanted))
    game.choose(next(n for n, it in enumerate(game.level["versions"]) if it.get("repairs") is False))
    for tried, turns in enumerate(game.program.two_schedules()):
        game.keys("?")
        assert game.said() == f"Try 2 schedules by hand first, each to its end: {tried} so far."
        game.play(turns)
        game.keys("r")
    game.keys("?")
    share = f"{game.program.number(game.wanted):,} of {counted(game.program.schedules, 'schedule')} break it"
    assert game.said().startswith(share)
    game.keys("?")
    assert game.said().startswith("Next: ")


@some_levels
def test_hints_where_no_way_leads(start, name):
    game = start(name)
    if game.program.to_end(game.wanted) is None:
        pytest.skip("no way leads there at all")
    lost = game.program.to_end(lambda end: not game.wanted(end))
    if lost is None:
        pytest.skip("every way leads there")
    game.play(lost)
    game.keys("?")
    assert game.said() == "No way leads there from here: take steps back."


@pytest.mark.parametrize("name", LOCKS)
def test_a_thread_that_must_wait_waits(start, name):
    game = start(name)
    program = game.program

    def blocked(state):
        """The threads that wait for a lock."""
        locks = {f"lock {name}" for name, holder in zip(program.objects, state["holders"]) if holder is not None}
        operations = {thread: program.operation(state, thread) for thread in range(len(program.threads))}
        waiting = {thread for thread in operations if program.waits(state, thread)}
        return [thread for thread, operation in operations.items() if thread in waiting and operation[0] in locks]

    turns = program.shortest(lambda state: "end" not in state and blocked(state))
    if turns is None:
        pytest.skip("no thread waits for a lock, except in a deadlock")
    (thread, *_) = blocked(program.state(turns))
    game.play(turns)
    button = game.threads.nth(thread)
    # The lock's line says since when it is held, and that of the thread for whom it waits.
    assert any("since here" in note for note in game.notes("holds"))
    assert any("held by" in note for note in game.notes("waits"))
    rows = game.widget.locator("tbody tr").count()
    # Playwright does not click on what is disabled unless it is told to.
    for press in (
        lambda: game.keys([str(thread)]),
        lambda: button.click(force=True),
        lambda: button.press("Enter"),
        lambda: game.widget.locator(f".play-lines .play-mark[data-thread='{thread}']").click(),
    ):
        game.keys("?")
        press()
        assert game.said().startswith(f"{program.threads[thread]} waits to ")
        assert game.widget.locator("tbody tr").count() == rows
    assert game.has_focus()


def test_a_click_on_a_mark_takes_the_step(start):
    game = start(FIRST)
    (taken, *_) = game.program.steps(game.program.states[0])
    game.widget.locator(f".play-lines .play-mark[data-thread='{taken[0]}']").click()
    game.check([taken])


def test_others_are_tried_after_two_by_hand(start):
    game = start(REPAIRED)
    game.play(game.program.to_end(game.wanted))
    game.choose(next(n for n, it in enumerate(game.level["versions"]) if it.get("repairs")))
    for key in "a?":
        game.keys(key)
        assert game.said() == "Try 2 schedules by hand first, each to its end: 0 so far."
    assert game.reached() == "goal"
    # The same one twice is one.
    (one, _) = game.program.two_schedules()
    for _ in range(2):
        game.play(one)
        game.keys("r")
    game.keys("a")
    assert game.said() == "Try 2 schedules by hand first, each to its end: 1 so far."


def test_a_link_to_a_level_turns_the_keys_on(start, page):
    game = start(FIRST)
    (key, *_) = game.program.steps(game.program.states[0])
    game.keys([key])
    game.check([key])
    # The link of the level that is open begins it again.
    page.locator(f".play ol [data-level='{FIRST}']").click()
    game.wait_for("")
    game.keys([key])
    game.check([key])


def test_two_tabs_lose_no_progress(start, page, book):
    start(FIRST)
    other = page.context.new_page()
    theirs = Game(other, book, REPAIRED)
    theirs.play(theirs.program.to_end(theirs.wanted))
    assert theirs.reached() == "goal"
    # A browser tells its other processes a moment later what was stored.
    page.wait_for_function("localStorage.getItem('levels') !== null")
    page.evaluate("progress.keep('race-4', 'done')")
    assert page.evaluate("JSON.parse(localStorage.getItem('levels'))") == {REPAIRED: "goal", "race-4": "done"}


def test_keys_are_the_games_only_inside_of_it(start, page):
    game = start(FIRST)
    before = game.picture()
    (key, *_) = game.program.steps(game.program.states[0])
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(key)
    game.focus()
    for modifier in ("Control", "Alt", "Meta"):
        page.keyboard.press(f"{modifier}+{key}")
    assert game.picture() == before
    help_text = page.locator("#mdbook-help-popup")
    game.keys("?")
    assert game.said().startswith("Next: ")
    assert not help_text.is_visible()
    # The book has the key back as soon as the focus is elsewhere.
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert help_text.is_visible()


def test_a_click_between_the_buttons_turns_the_keys_on(start):
    game = start(FIRST)
    game.widget.locator(".play-goal").click()
    (key, *_) = game.program.steps(game.program.states[0])
    game.keys([key])
    game.check([key])


def test_motion_only_for_those_who_want_it(start, page):
    game = start(FIRST)
    (key, *_) = game.program.steps(game.program.states[0])
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page.emulate_media(reduced_motion=motion)
        game.focus()
        game.keys([key, "u"])
        assert (page.evaluate("document.getAnimations().length") > 0) == moves


@some_levels
def test_fits_a_narrow_screen(start, page, name):
    page.set_viewport_size({"width": 360, "height": 740})
    game = start(name)
    way = game.program.to_end(game.wanted) or game.program.some_way(random.Random(2))
    sticks_out = "all => all.filter(it => it.getBoundingClientRect().right > innerWidth).map(it => it.outerHTML)"
    game.focus()
    for taken in way:
        game.take(taken)
        outside = game.widget.locator("*:not(.play-changes pre *):not(.play-aside)").evaluate_all(sticks_out)
        assert outside == []
        # The threads stay on the screen, wherever their lines are.
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert not game.widget.locator(".play-steps").evaluate("it => it.open")


@pytest.mark.parametrize("size", [(360, 740), (360, 640), (1280, 900)])
@some_levels
def test_what_happens_is_on_the_screen(start, page, name, size):
    page.set_viewport_size(dict(zip(("width", "height"), size)))
    game = start(name)
    way = game.program.to_end(game.wanted) or game.program.some_way(random.Random(2))
    game.focus()
    game.widget.evaluate("it => it.scrollIntoView()")
    for taken in way:
        game.take(taken)
        assert game.widget.evaluate(HIDDEN, taken[0]) == []


def test_a_board_that_comes_leaves_the_page_where_it_is(page, book):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{book}lessons/{LEVELS[FIRST]['lesson']}.html")
    page.locator(".play ol").evaluate("it => scrollTo(0, it.getBoundingClientRect().top - innerHeight)")
    before = page.evaluate("scrollY")
    page.locator(".play-goal b").get_by_text(LEVELS[FIRST]["title"], exact=True).wait_for()
    page.locator(".play").get_by_role("status").get_by_text("schedules").wait_for()
    assert page.evaluate("scrollY") == before > 0


@pytest.mark.parametrize("scheme", SCHEMES)
@some_levels
def test_axe_finds_nothing(start, page, name, scheme):
    page.emulate_media(color_scheme=scheme)
    game = start(name)
    game.play(game.program.to_end(game.wanted) or game.program.some_way(random.Random(3)))
    assert not violations(page, ".play")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_the_way(start, page, scheme):
    page.emulate_media(color_scheme=scheme)
    game = start(REPAIRED)
    assert not violations(page, ".play")
    way = game.program.to_end(game.wanted)
    game.play(way[:2])
    game.keys("?")
    assert not violations(page, ".play")
    game.play(way[2:])
    game.choose(next(number for number, it in enumerate(game.level["versions"]) if it.get("repairs")))
    game.prove("keys")
    assert not violations(page, ".play")


def test_a_page_from_disk_can_be_played(browser):
    context = browser.new_context()
    game = Game(context.new_page(), (ROOT / "target/book/").as_uri() + "/", FIRST)
    way = game.program.to_end(game.wanted)
    game.play(way)
    game.check_end(way)
    game.button("copy link").click()
    assert game.page.url.endswith(f"#{FIRST}/{''.join(way)}")
    context.close()


def test_a_level_that_cannot_be_loaded(browser, book):
    context = browser.new_context()
    page = context.new_page()
    page.route("**/levels/*.js", lambda route: route.abort())
    page.goto(f"{book}lessons/{LEVELS[FIRST]['lesson']}.html#{FIRST}")
    page.locator(".play").get_by_text("could not be loaded").wait_for()
    context.close()


def test_without_scripts_the_page_names_the_levels_and_the_command(browser, book):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{book}lessons/race.html")
    assert page.locator(".play").get_by_text("just play race-1").is_visible()
    assert page.locator(".play").get_by_text(LEVELS["race-1"]["title"]).is_visible()
    page.goto(f"{book}levels.html")
    for level in LEVELS.values():
        assert page.get_by_role("link", name=level["title"], exact=True).is_visible()
    context.close()
