//! The recordings of the levels are those of the sources, and each level can be won.
//!
//! `REFRESH=1 cargo test -p levels` writes them.

use std::path::PathBuf;
use std::{env, fs};

use levels::{LEVELS, record};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../docs/recordings/levels")
}

#[test]
fn recordings_are_those_of_the_sources() {
    let refresh = env::var_os("REFRESH").is_some();
    for level in LEVELS {
        let text = serde_json::to_string(&record(level).unwrap()).unwrap() + "\n";
        let file = folder().join(format!("{}.json", level.name));
        if refresh {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let recorded = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            recorded == text,
            "{} is recorded otherwise: just refresh",
            level.name
        );
        assert!(text.len() <= 60_000, "{}: {} bytes", level.name, text.len());
    }
}
