"""The widget "be the scheduler", against the graph that its page embeds."""

import json
import random
import re
from collections import deque

import pytest
from conftest import SCHEMES, violations

LESSONS = ["race", "lock", "deadlock", "shared-memory", "coroutines"]
WITH_LOCKS = ["lock", "deadlock"]


class Version:
    """A file's states, and what the widget has to say about them."""

    def __init__(self, graph):
        self.file = graph["file"]
        self.threads = graph["threads"]
        self.objects = graph["objects"]
        self.operations = graph["operations"]
        self.states = graph["states"]
        self.schedules = graph["schedules"]

    def steps(self, schedule):
        return {thread: (what, to) for thread, what, to in self.state(schedule)["steps"]}

    def state(self, schedule):
        at = 0
        for thread in schedule:
            at = next(to for who, _, to in self.states[at]["steps"] if who == thread)
        return self.states[at]

    def end(self, schedule):
        return self.state(schedule).get("end")

    def shortest(self, wanted, start=()):
        """A shortest schedule, after those steps, to a state that is wanted."""
        seen, queue = [], deque([list(start)])
        while queue:
            schedule = queue.popleft()
            state = self.state(schedule)
            if wanted(state):
                return schedule
            if state not in seen:
                seen.append(state)
                queue.extend(schedule + [thread] for thread in self.steps(schedule))
        return None

    def way_to_bad(self, start=()):
        return self.shortest(lambda state: state.get("end", {}).get("bad"), start)

    def all_schedules(self, start=()):
        if self.end(start):
            yield list(start)
        for thread in self.steps(start):
            yield from self.all_schedules([*start, thread])

    def holder(self, state, thing):
        return None if state["holders"][thing] is None else self.threads[state["holders"][thing]]

    def does(self, schedule, thread):
        state = self.state(schedule)
        if state["next"][thread] is None:
            return "is done"
        what, _ = self.operations[state["next"][thread]]
        if thread in self.steps(schedule):
            return f"next: {what}"
        for thing, name in enumerate(self.objects):
            if what.endswith(name) and self.holder(state, thing):
                return f"waits to {what}, held by {self.holder(state, thing)}"
        return f"waits to {what}"

    def line(self, schedule, thread):
        """The place of the thread's next step."""
        operation = self.state(schedule)["next"][thread]
        return "" if operation is None else self.operations[operation][1]

    def row(self, schedule):
        """The line of the table for the last of these steps."""
        number, cells = "start", [""] * len(self.threads)
        if schedule:
            number = str(len(schedule))
            cells[schedule[-1]] = self.steps(schedule[:-1])[schedule[-1]][0] or "goes on"
        state = self.state(schedule)
        shared = []
        for thing, value in enumerate(state["values"]):
            holder = self.holder(state, thing)
            shared.append(f"{'' if value is None else value} {f'({holder})' if holder else ''}".strip())
        return [number, *cells, *shared]


class Game:
    """What the reader sees and does."""

    def __init__(self, page, book, lesson):
        self.page = page
        html = page.goto(f"{book}lessons/{lesson}.html").text()
        graph = re.search(r'<div class="play".*?<script type="application/json">(.*?)</script>', html, re.S)
        self.graph = json.loads(graph[1])
        self.widget = page.locator(f".play[data-lesson={lesson}] section")
        self.threads = self.widget.locator(".play-threads button")
        self.says = self.widget.get_by_role("status")
        self.offer = self.widget.get_by_role("button", name="Now try the same with")
        self.version = Version(self.graph["wrong"])

    def button(self, name):
        return self.widget.get_by_role("button", name=name)

    def open_right(self):
        self.button("the right version").click()
        self.version = Version(self.graph["right"])

    def focus(self):
        self.threads.first.focus()

    def keys(self, keys):
        for key in keys:
            self.page.keyboard.press(str(key))

    def said(self):
        return " ".join(self.says.inner_text().split())

    def rows(self):
        texts = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.replace(/\\s+/g, ' ').trim()))"
        return self.widget.locator("tbody tr").evaluate_all(texts)

    def picture(self):
        """Everything but the last thing said."""
        return self.widget.evaluate(
            "it => [...it.children].filter(child => !child.matches('.play-says')).map(child => child.outerHTML)"
        )

    def has_focus(self):
        return self.widget.evaluate("it => it.contains(document.activeElement)")

    def check(self, schedule):
        """All that is shown is what the graph says."""
        version = self.version
        for thread, name in enumerate(version.threads):
            button = self.threads.nth(thread)
            text = f"{thread} {name} {version.does(schedule, thread)} {version.line(schedule, thread)}".strip()
            assert " ".join(button.inner_text().split()) == text
            disabled = button.get_attribute("aria-disabled") == "true"
            assert disabled == (thread not in version.steps(schedule))
        state = version.state(schedule)
        for thing, text in enumerate(self.widget.locator("dd").all_inner_texts()):
            value = state["values"][thing]
            assert text.split()[0] == str(value)
            holder = version.holder(state, thing)
            assert ("held by" in text) == (holder is not None)
            assert text.endswith(holder or "")
        expected = [version.row(schedule[:length]) for length in range(len(schedule) + 1)]
        rows = self.rows()
        assert rows[: len(expected)] == expected
        end = version.end(schedule)
        assert rows[len(expected) :][-1:] == ([["=>", end["what"]]] if end else [])
        assert self.offer.is_visible() == bool(end and end["bad"])

    def check_end(self, schedule):
        end = self.version.end(schedule)
        digits = "".join(map(str, schedule))
        if end["bad"]:
            expected = f"You have broken it: {end['what']}, after {len(schedule)} steps: {digits}"
        elif self.version.way_to_bad():
            expected = f"It ends well ({end['what']}), schedule {digits}: take steps back and try another way."
        else:
            all_of_them = f"and so do all of its {self.version.schedules:,} schedules."
            expected = f"It ends well ({end['what']}), schedule {digits}: {all_of_them}"
        assert self.said().startswith(expected)


@pytest.fixture
def start(page, book):
    return lambda lesson: Game(page, book, lesson)


@pytest.mark.parametrize("by", ["keys", "clicks"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_played_to_the_win(start, lesson, by):
    game = start(lesson)
    version = game.version
    assert f"Your goal: {game.graph['goal']}." in game.widget.inner_text()
    way = version.way_to_bad()
    game.check([])
    if by == "keys":
        game.focus()
    for number, thread in enumerate(way, 1):
        if by == "keys":
            game.keys([thread])
        else:
            game.threads.nth(thread).click()
        game.check(way[:number])
        assert game.has_focus()
        # Announced: who did what, and what came of it.
        what = version.steps(way[: number - 1])[thread][0]
        assert f"{number}. {version.threads[thread]}: {what}" in game.said()
        assert f"{version.objects[0]}: {version.row(way[:number])[len(version.threads) + 1]}" in game.said()
    game.check_end(way)
    if by == "keys":
        game.offer.focus()
        game.keys(["Enter"])
        assert game.threads.first.evaluate("it => it === document.activeElement")
    else:
        game.offer.click()
    assert game.button("the right version").get_attribute("aria-pressed") == "true"
    assert game.button("the broken version").get_attribute("aria-pressed") == "false"
    game.version = Version(game.graph["right"])
    game.check([])


@pytest.mark.parametrize("which", ["wrong", "right"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_schedule_ends_as_the_graph_says(start, lesson, which):
    game = start(lesson)
    if which == "right":
        game.open_right()
    game.focus()
    played = 0
    for schedule in game.version.all_schedules():
        game.keys(schedule)
        game.check_end(schedule)
        assert ("You have broken it" in game.said()) <= (which == "wrong")
        game.keys("r")
        played += 1
    assert played == game.version.schedules


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_right_one_withstands_wandering(start, lesson):
    chance = random.Random(lesson)
    game = start(lesson)
    game.open_right()
    game.focus()
    schedule = []
    ends = 0
    for _ in range(40):
        can = list(game.version.steps(schedule))
        if schedule and (not can or chance.random() < 0.3):
            schedule.pop()
            game.keys("u")
        else:
            schedule.append(chance.choice(can))
            game.keys(schedule[-1:])
            ends += game.version.end(schedule) is not None
        game.check(schedule)
        assert "You have broken it" not in game.said()
    assert ends > 0


@pytest.mark.parametrize("lesson", LESSONS)
def test_steps_are_taken_back(start, lesson):
    game = start(lesson)
    way = game.version.way_to_bad()
    game.focus()
    pictures = []
    for thread in way:
        pictures.append(game.picture())
        game.keys([thread])
    # The offer goes away under the focus, which must not be lost with it.
    game.offer.focus()
    for picture in reversed(pictures):
        game.keys("u")
        assert game.picture() == picture
        assert game.has_focus()
    game.keys("u")
    assert game.said() == "This is the start: there is no step to take back."
    game.keys(way)
    game.button("step back").click()
    assert game.picture() == pictures[-1]
    game.button("start again").click()
    assert game.picture() == pictures[0]


@pytest.mark.parametrize("by", ["keys", "clicks"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_hints_lead_to_the_win(start, lesson, by):
    game = start(lesson)
    left = len(game.version.way_to_bad())
    schedule = []
    game.focus()
    while left > 0:
        if by == "keys":
            game.keys("?")
        else:
            game.button("hint").click()
        steps = "1 step" if left == 1 else f"{left} steps"
        hint = re.fullmatch(rf"Next: (\d), (.*)\. A shortest way from here has {steps}\.", game.said())
        thread = int(hint[1])
        assert game.version.threads[thread] == hint[2]
        schedule.append(thread)
        if by == "keys":
            game.keys([thread])
        else:
            game.threads.nth(thread).click()
        left -= 1
    game.check_end(schedule)
    assert game.version.end(schedule)["bad"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_hints_where_no_way_leads(start, lesson):
    game = start(lesson)
    game.focus()
    lost = game.version.shortest(lambda state: state.get("end", {}).get("bad") is False)
    game.keys(lost)
    game.keys("?")
    assert game.said() == "No way leads there from here: take steps back."
    game.open_right()
    game.keys("?")
    assert game.said() == f"There is none: not one of its {game.version.schedules:,} schedules ends badly."


@pytest.mark.parametrize("lesson", WITH_LOCKS)
def test_who_must_wait_waits(start, lesson):
    game = start(lesson)
    version = game.version
    undone = lambda state: sum(what is not None for what in state["next"])
    schedule = version.shortest(lambda state: 0 < len(state["steps"]) < undone(state))
    (waiting,) = set(range(len(version.threads))) - set(version.steps(schedule))
    game.focus()
    game.keys(schedule)
    button = game.threads.nth(waiting)
    why = version.does(schedule, waiting)
    assert re.fullmatch(r"waits to lock \w+, held by .+", why)
    before = game.picture()
    # Playwright does not click on what is disabled unless it is told to.
    presses = [
        lambda: game.keys([waiting]),
        lambda: button.click(force=True),
        lambda: button.press("Enter"),
    ]
    for press in presses:
        game.keys("?")
        press()
        assert game.said() == f"{version.threads[waiting]} {why}."
        assert game.rows() == [version.row(schedule[:length]) for length in range(len(schedule) + 1)]
    assert button.evaluate("it => it === document.activeElement")
    game.keys("u")
    game.keys(schedule[-1:])
    assert game.picture() == before


def test_keys_are_the_widgets_only_inside_of_it(start, page):
    game = start("race")
    before = game.picture()
    page.keyboard.press("0")
    game.focus()
    for modifier in ("Control", "Alt", "Meta"):
        page.keyboard.press(f"{modifier}+0")
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
    game = start("race")
    game.widget.locator(".play-goal").click()
    game.keys([0])
    game.check([0])


def test_motion_only_for_those_who_want_it(start, page):
    game = start("race")
    for motion, moves in (("reduce", False), ("no-preference", True)):
        page.emulate_media(reduced_motion=motion)
        game.focus()
        game.keys([0])
        assert (page.evaluate("document.getAnimations().length") > 0) == moves


@pytest.mark.parametrize("lesson", LESSONS)
def test_fits_a_narrow_screen(start, page, lesson):
    page.set_viewport_size({"width": 360, "height": 740})
    game = start(lesson)
    for which in ("wrong", "right"):
        if which == "right":
            game.open_right()
        game.focus()
        game.keys(max(game.version.all_schedules(), key=len))
        sticks_out = "all => all.filter(it => it.getBoundingClientRect().right > innerWidth).length"
        assert game.widget.locator("*").evaluate_all(sticks_out) == 0
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("lesson", LESSONS)
def test_axe_finds_nothing(start, page, lesson, scheme):
    page.emulate_media(color_scheme=scheme)
    game = start(lesson)
    game.focus()
    way = game.version.way_to_bad()
    assert not violations(page, ".play")
    game.keys(way[:1] + ["?"])
    assert not violations(page, ".play")
    game.keys(way[1:])
    assert not violations(page, ".play")
    game.open_right()
    game.keys(next(game.version.all_schedules()))
    assert not violations(page, ".play")


def test_without_scripts_the_page_names_the_command(browser, book):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{book}lessons/race.html")
    assert page.locator(".play").get_by_text("just play race").is_visible()
    context.close()
