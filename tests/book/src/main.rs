//! `just book`: the tutorial as pages, in target/book.
//!
//! Usage: just book [--check | --serve [PORT] | --front]
//!
//!   --check  make nothing; fail if target/book is not what would be made now
//!   --front  draw docs/front.svg anew, the picture above the README; `just refresh` does it
//!   --serve  show the book at http://127.0.0.1:PORT, 3000 unless told, until Ctrl-C

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use across::root;
use book::Error;
use lexopt::prelude::*;
use tiny_http::{HTTPVersion, Header, Method, Response, Server};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If not even this can be written, the status has to do.
            let _ = writeln!(io::stderr(), "just book: {error}");
            ExitCode::from(if error.is::<lexopt::Error>() { 2 } else { 1 })
        }
    }
}

fn run() -> Result<(), Error> {
    let (mut check, mut port) = (false, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("check") => check = true,
            Long("front") => {
                fs::write(root().join("docs/front.svg"), book::front::picture()?)?;
                return Ok(());
            }
            Long("serve") => {
                let given = arguments
                    .optional_value()
                    .or_else(|| arguments.value().ok());
                port = Some(given.map_or(Ok(3000), |given| given.parse())?);
            }
            Short('h') | Long("help") => return help(),
            other => return Err(other.unexpected().into()),
        }
    }
    let target = root().join("target");
    fs::create_dir_all(&target)?;
    let folder = target.join("book");
    if check {
        return compare(&folder);
    }
    book::build(&folder)?;
    writeln!(io::stdout(), "{}", folder.join("index.html").display())?;
    match port {
        Some(port) => serve(&folder, port),
        None => Ok(()),
    }
}

fn help() -> Result<(), Error> {
    for line in include_str!("main.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
    {
        writeln!(io::stdout(), "{}", line.strip_prefix(' ').unwrap_or(line))?;
    }
    Ok(())
}

/// Whether the book in this folder is the one that would be made now.
fn compare(folder: &Path) -> Result<(), Error> {
    if !folder.exists() {
        return Err("there is no book yet: run `just book`".into());
    }
    let new = tempfile::tempdir()?;
    book::build(&new.path().join("book"))?;
    let (new, old) = (contents(&new.path().join("book"))?, contents(folder)?);
    let names = new.keys().chain(old.keys());
    let mut differ: Vec<_> = names
        .filter(|name| new.get(*name) != old.get(*name))
        .collect();
    differ.sort();
    differ.dedup();
    let pages = |name: &&&PathBuf| name.extension().is_some_and(|ending| ending == "html");
    let Some(first) = differ.iter().find(pages).or(differ.first()) else {
        return Ok(writeln!(
            io::stdout(),
            "the book is up to date: {} files",
            new.len()
        )?);
    };
    let first = first.display();
    let files = match differ.len() {
        1 => format!("{first} differs"),
        count => format!("{count} files differ, such as {first}"),
    };
    Err(format!("the book is out of date, {files}: run `just book`").into())
}

/// The files in a folder, by their paths in it.
fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let told = |error| format!("{}: {error}", next.display());
        for entry in fs::read_dir(&next).map_err(told)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder)?.to_owned(), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// Shows the files of a folder to browsers on this machine, one request at a time.
fn serve(folder: &Path, port: u16) -> Result<(), Error> {
    let server = Server::http(("127.0.0.1", port))
        .map_err(|error| format!("cannot listen on port {port}: {error}; name another one"))?;
    writeln!(io::stdout(), "http://{}/", server.server_addr())?;
    for request in server.incoming_requests() {
        let answer = answer(folder, request.url());
        let mut bytes = Vec::new();
        let (version, headers) = (HTTPVersion(1, 1), request.headers());
        let head = *request.method() == Method::Head;
        answer.raw_print(&mut bytes, version, headers, head, None)?;
        // In one piece: of two, the system keeps the second one back for 40 ms (Nagle's algorithm).
        // An error means that the browser is gone.
        let mut writer = request.into_writer();
        let _ = writer.write_all(&bytes).and_then(|()| writer.flush());
    }
    Ok(())
}

/// The file that an address means; a folder means the `index.html` in it.
fn answer(folder: &Path, url: &str) -> Response<Cursor<Vec<u8>>> {
    let missing = || Response::from_string("not found").with_status_code(404);
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches('/');
    if path.split('/').any(|part| part == "..") {
        return missing();
    }
    let mut file = folder.join(path);
    if file.is_dir() {
        if !path.is_empty() && !path.ends_with('/') {
            // The links of a page lead on from its own address.
            let moved = Response::from_data([]).with_status_code(301);
            return moved.with_header(header("Location", &format!("/{path}/")));
        }
        file.push("index.html");
    }
    let kind = match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    match fs::read(&file) {
        Ok(bytes) => Response::from_data(bytes).with_header(header("Content-Type", kind)),
        Err(_) => missing(),
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("the files of a book have names in ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_folders_first_page() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("index.html", "one"),
            ("zh-CN/index.html", "two"),
            ("theme/a.js", "three"),
        ] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let answer = |url: &str| {
            let answer = answer(folder.path(), url);
            let status = answer.status_code().0;
            let to = answer
                .headers()
                .iter()
                .find(|it| it.field.equiv("Location"));
            let to = to.map(|it| it.value.to_string());
            (
                status,
                to,
                String::from_utf8(answer.into_reader().into_inner()).unwrap(),
            )
        };
        let found = |text: &str| (200, None, text.to_owned());
        assert_eq!(answer("/"), found("one"));
        assert_eq!(answer("/zh-CN/"), found("two"));
        assert_eq!(answer("/zh-CN/index.html?highlight=a#b"), found("two"));
        assert_eq!(answer("/theme/a.js"), found("three"));
        assert_eq!(
            answer("/zh-CN"),
            (301, Some("/zh-CN/".to_owned()), String::new())
        );
        for missing in ["/theme/", "/none", "/theme/../index.html", "/zh-CN/none/"] {
            assert_eq!(answer(missing).0, 404, "{missing}");
        }
    }
}
