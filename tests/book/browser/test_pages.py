"""Each page that the sidebar links to: without errors, for every eye, on every screen, and light."""

from pathlib import Path
from urllib.parse import urljoin

import pytest
from conftest import ALL, SCHEMES, violations

LESSONS = sorted(path.parent.name for path in Path(__file__).parents[3].glob("lessons/*/README.md"))
# All that a page loads, unpacked.
MOST_BYTES = 300_000


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_has_its_chapter(page, book, lesson):
    assert page.goto(f"{book}lessons/{lesson}.html").ok
    sidebar = page.locator("#mdbook-sidebar")
    assert sidebar.locator("a.active").get_attribute("href").endswith(f"lessons/{lesson}.html")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_page(page, book, path, scheme):
    page.emulate_media(color_scheme=scheme)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.goto(urljoin(book, path)).ok
        assert {"light": "light", "dark": "navy"}[scheme] in page.locator("html").get_attribute("class").split()
        # mdBook cuts off what sticks out of the body: it does not scroll, and cannot be read.
        for box in ("document.scrollingElement", "document.body", "document.querySelector('#mdbook-content')"):
            wide, room = page.evaluate(f"[{box}.scrollWidth, {box}.clientWidth]")
            assert wide <= room, f"{box}, {width} wide"
        if ALL or (scheme == "dark") == (width == 360):
            assert not violations(page)


@pytest.mark.parametrize("lesson", LESSONS)
def test_code_side_by_side_fits(page, book, lesson):
    page.set_viewport_size({"width": 1280, "height": 740})
    page.goto(urljoin(book, f"lessons/{lesson}.html"))
    blocks = page.locator(".pair pre").evaluate_all(
        "all => all.map(it => [it.scrollWidth - it.clientWidth, parseFloat(getComputedStyle(it).fontSize)])"
    )
    assert blocks
    for sticks_out, letters in blocks:
        assert sticks_out <= 0, f"{sticks_out} pixels do not fit"
        assert letters >= 11, f"letters of {letters} pixels"


def test_the_first_page_can_be_played(page, book):
    page.goto(book)
    game = page.locator(".play")
    # Both tills read, both subtract; then main looks at what is left.
    for thread in (1, 2, 1, 2, 0, 0):
        game.locator(".play-threads button").nth(thread).click()
    assert "You have broken it" in game.get_by_role("status").inner_text()
    page.locator(".gallery a").first.click()
    page.wait_for_url("**/lessons/race.html")


def test_weight(page, book, path):
    responses = []
    page.on("response", lambda response: responses.append(response))
    page.goto(urljoin(book, path), wait_until="networkidle")
    # What comes when the reader comes near is a part of it, too.
    if page.locator(".play").count():
        page.locator(".play").first.evaluate("it => it.scrollIntoView()")
        page.locator(".play section").first.wait_for()
    sizes = sorted(((len(it.body()), it.url) for it in responses), reverse=True)
    assert len(sizes) > 1
    total = sum(size for size, _ in sizes)
    assert total < MOST_BYTES, f"{total}: {sizes}"


def test_pictures_say_what_they_show(page, book, path):
    page.goto(urljoin(book, path))
    # The icons on buttons and links are named by those.
    nameless = page.locator("main").evaluate(
        """main => [...main.querySelectorAll('img, svg, canvas, object')]
            .filter(it => !it.closest('button, a, [aria-hidden=true]'))
            .filter(it => !(it.getAttribute('alt') || it.getAttribute('aria-label')
                || document.getElementById(it.getAttribute('aria-labelledby')?.split(' ')[0])?.textContent
                || it.querySelector(':scope > title')?.textContent))
            .map(it => it.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    hidden = "button svg, a svg, [aria-hidden=true], [aria-hidden=true] svg"
    assert page.locator(f"main svg:not({hidden}, [role=img])").count() == 0


@pytest.mark.parametrize("by", ["key", "button"])
def test_search_finds(page, book, by):
    page.goto(urljoin(book, "lessons/race.html"))
    box = page.get_by_role("searchbox")
    if by == "key":
        page.keyboard.press("s")
    else:
        page.locator("#mdbook-search-toggle, #search-toggle").click()
    box.press_sequentially("livelock")
    chapter = page.locator("#mdbook-searchresults a[href*='lessons/deadlock.html']").first
    chapter.click()
    page.wait_for_url("**/lessons/deadlock.html*")
    assert page.locator("main").get_by_text("livelock").first.is_visible()


@pytest.mark.parametrize("words, chapter", [("死锁", "deadlock"), ("竞态条件", "race"), ("进程池", "pool")])
def test_search_finds_chinese(page, book, words, chapter):
    page.goto(urljoin(book, "zh-CN/index.html"))
    page.keyboard.press("s")
    page.get_by_role("searchbox").press_sequentially(words)
    page.locator(f"#mdbook-searchresults a[href*='lessons/{chapter}.html']").first.click()
    page.wait_for_url(f"**/zh-CN/lessons/{chapter}.html*")
    assert page.locator("main").get_by_text(words).first.is_visible()


def test_chinese_search_takes_words_as_they_are_typed(page, book):
    page.goto(urljoin(book, "zh-CN/index.html"))
    page.keyboard.press("s")
    header = page.locator("#mdbook-searchresults-header")
    results = page.locator("#mdbook-searchresults a")
    for words, chapter in [("GIL锁", "gil"), ("ＧＩＬ 锁", "gil"), ("“死锁”，线程", "deadlock")]:
        page.get_by_role("searchbox").fill(words)
        header.get_by_text(f"条结果：搜索“{words}”").wait_for()
        assert f"lessons/{chapter}.html" in results.first.get_attribute("href")
    page.get_by_role("searchbox").fill("没有的词")
    header.get_by_text("没有找到“没有的词”。").wait_for()


def test_each_language_leads_to_the_other(page, book):
    page.goto(urljoin(book, "lessons/lock.html"))
    page.get_by_role("link", name="中文").click()
    page.wait_for_url("**/zh-CN/lessons/lock.html")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/lessons/lock.html")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_other_language_is_at_the_same_place(page, book):
    page.goto(urljoin(book, "zh-CN/lessons/race.html#race-2"))
    page.get_by_role("link", name="English").click()
    page.wait_for_url(urljoin(book, "lessons/race.html#race-2"))
    page.goto(urljoin(book, "lessons/lock.html#common-mistakes"))
    page.get_by_role("link", name="中文").click()
    page.get_by_role("heading", name="常见错误").and_(page.locator(":target")).wait_for()
    assert 0 <= page.locator(":target").bounding_box()["y"] < page.viewport_size["height"] / 2


def test_the_first_chinese_page_can_be_played(page, book):
    page.goto(urljoin(book, "zh-CN/index.html"))
    game = page.locator(".play")
    for thread in (1, 2, 1, 2, 0, 0):
        game.locator(".play-threads button").nth(thread).click()
    assert "你把它弄坏了" in game.get_by_role("status").inner_text()


def test_search_does_not_find_what_is_not_there(page, book):
    page.goto(urljoin(book, "lessons/race.html"))
    page.keyboard.press("s")
    box = page.get_by_role("searchbox")
    header = page.locator("#mdbook-searchresults-header, #searchresults-header")
    for words, answer in (("deadlock", "search results for"), ("quixotic", "No search results for")):
        box.fill("")
        box.press_sequentially(words)
        header.get_by_text(answer).wait_for()
