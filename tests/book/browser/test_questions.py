"""Questions before their answers, against the answers that the page has behind them; and the exercises."""

import random
import re

import pytest
from conftest import ALL, SCHEMES, pairs, violations
from test_pages import LESSONS


def key(question):
    return question.locator("input.key")


def choose(page, question, inputs, by):
    """By click, or by keyboard: to the first one by Tab, through radio buttons by arrows."""
    if by == "click":
        for one in inputs:
            one.check()
        return
    every = question.locator("input")
    every.first.focus()
    if every.first.get_attribute("type") == "radio":
        page.keyboard.press("Space")
        while not inputs[0].is_checked():
            page.keyboard.press("ArrowDown")
        return
    for one in every.all():
        if any(one.evaluate("(it, other) => it === other", other.element_handle()) for other in inputs):
            page.keyboard.press("Space")
        page.keyboard.press("Tab")


def check(page, question, by):
    summary = question.locator(":scope > details > summary")
    if by == "click":
        summary.click()
    else:
        while not summary.evaluate("it => it === document.activeElement"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")


def verdict(question):
    return question.get_by_role("status").inner_text()


@pytest.mark.parametrize("lesson, by", pairs(LESSONS, ["click", "keyboard"]))
def test_right_and_wrong(page, book, lesson, by):
    for wrong in (False, True):
        page.goto(f"{book}lessons/{lesson}.html")
        questions = page.locator(".predict").all()
        assert questions, lesson
        for question in questions:
            inputs = question.locator("input:not(.key)").all()[-1:] if wrong else key(question).all()
            assert not question.get_by_role("status").is_visible()
            choose(page, question, inputs, by)
            assert not question.get_by_role("status").is_visible()
            check(page, question, by)
            said = verdict(question)
            assert said.startswith("Not so. The answer: " if wrong else "Right. The answer: ")
            assert question.locator(":scope > details > :is(pre, figure)").first.is_visible()


@pytest.mark.parametrize("lesson", LESSONS[:: 1 if ALL else 5])
def test_right_and_wrong_in_chinese(page, book, lesson):
    for wrong, begins in ((False, "猜对了。 答案："), (True, "没有猜对。 答案：")):
        page.goto(f"{book}zh-CN/lessons/{lesson}.html")
        questions = page.locator(".predict").all()
        assert questions, lesson
        for question in questions:
            inputs = question.locator("input:not(.key)").all()[-1:] if wrong else key(question).all()
            choose(page, question, inputs, "click")
            check(page, question, "click")
            assert verdict(question).startswith(begins)


@pytest.mark.parametrize("lesson", LESSONS)
def test_part_of_the_answer_is_not_right_and_none_is_no_mistake(page, book, lesson):
    page.goto(f"{book}lessons/{lesson}.html")
    for question in page.locator(".predict").all():
        check(page, question, "click")
        assert verdict(question).startswith("The answer: ")
        if key(question).count() > 1:
            key(question).first.check()
            assert verdict(question).startswith("Not so.")
            for one in question.locator("input").all():
                one.check()
            assert verdict(question).startswith("Not so.")


def test_without_a_script(browser, book):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    for lesson in random.sample(LESSONS, 5):
        page.goto(f"{book}lessons/{lesson}.html")
        question = page.locator(".predict").first
        for one in key(question).all():
            one.check()
        assert not question.get_by_role("status").is_visible()
        check(page, question, "click")
        assert verdict(question).startswith("Right.")
    context.close()


@pytest.mark.parametrize("lesson, scheme", pairs(LESSONS, SCHEMES))
def test_what_is_opened_can_be_read(page, book, lesson, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{book}lessons/{lesson}.html")
    for number, question in enumerate(page.locator(".predict").all()):
        (question.locator("input:not(.key)") if number else key(question)).first.check()
        check(page, question, "click")
    body = "document.querySelector('#mdbook-content')"
    assert page.evaluate(f"{body}.scrollWidth <= {body}.clientWidth")
    assert not violations(page, ".predict")


def test_what_is_folded_can_be_searched_for(page, book):
    """As a browser's own search does, an address with words opens what has them."""
    page.goto(f"{book}lessons/coroutines.html#:~:text=the%20loop%20polled%20the%20toaster")
    page.locator(".predict > details[open]").wait_for()
    assert page.locator(".predict > details[open]").get_by_text("the loop polled the toaster").first.is_visible()


def test_from_a_chapter_to_an_exercise_and_its_hints(page, book):
    page.goto(f"{book}lessons/lock.html")
    page.get_by_role("link", name="just try lock-2").click()
    page.wait_for_url("**/exercises-threads.html#lock-2")
    heading = page.locator("#lock-2")
    assert heading.is_visible()
    hints = page.locator("#lock-2 ~ details.hint").first
    seen = []
    for number in (1, 2, 3):
        seen.append(hints.get_by_text(re.compile(f"^Hint {number}$")))
        assert seen[-1].is_visible()
        assert not hints.get_by_text(f"Hint {number + 1}").is_visible()
        seen[-1].focus()
        page.keyboard.press("Enter")
    solution = page.locator("#lock-2 ~ details.file").nth(1)
    assert not solution.locator("pre").is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").is_visible()
    assert not violations(page, "main")
