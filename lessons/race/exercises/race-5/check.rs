//! The judge of race-5: what a reader sees of a page while it is written.

mod yours;

use std::thread;
use yours::Page;

/// One thread writes the page, another one looks for it.
pub fn one_looks() {
    let page = Page::default();
    thread::scope(|scope| {
        scope.spawn(|| page.write(300));
        scope.spawn(|| {
            let words = page.words();
            assert!(words != Some(0), "the page is there, and its words are not");
            if words == Some(300) {
                println!("the page was there");
            }
        });
    });
}

/// Also a page without words is there, once it is written.
pub fn an_empty_page() {
    let page = Page::default();
    assert_eq!(page.words(), None, "nothing is written yet");
    page.write(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(page.words(), Some(0), "the page is lost"));
        }
    });
}

/// What was written before a thread began is there.
pub fn written_before() {
    let page = Page::default();
    page.write(300);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(page.words(), Some(300), "the page is lost"));
        }
    });
}
