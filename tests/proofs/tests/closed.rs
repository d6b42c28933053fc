//! The models are a closed list: no file of a lesson that is proved has a way past them.

use std::fs;
use std::path::Path;

/// The files of lessons that `src/lib.rs` includes.
fn pieces() -> Vec<(String, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(here.join("src/lib.rs")).unwrap();
    let (mut folder, mut pieces) = (None, Vec::new());
    for line in source.lines() {
        if let Some(path) = line.strip_prefix("#[path = \"../") {
            folder = Some(here.join(path.trim_end_matches("\"]")));
        } else if let Some(name) = line.strip_prefix("    mod ") {
            let name = format!("{}.rs", name.trim_end_matches(';'));
            // The model of pool's `worker.rs` has a path of its own.
            if name != "worker.rs" {
                let file = folder.as_ref().unwrap().join(&name);
                pieces.push((name, fs::read_to_string(file).unwrap()));
            }
        }
    }
    pieces
}

#[test]
fn no_piece_has_a_way_past_the_models() {
    let pieces = pieces();
    assert!(pieces.len() > 12, "{}", pieces.len());
    let ways = [
        "unsafe",
        "static ",
        "thread_local!",
        "extern crate",
        "include!",
        "asm!",
        "real_std",
        "interleave",
        "shuttle",
        "model_",
    ];
    for (name, text) in pieces {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let way = ways.iter().find(|&&way| line.contains(way));
            assert_eq!(way, None, "{name}: {line}");
        }
    }
}

/// Where pieces are included, each name of the standard library means the model.
#[test]
fn all_three_names_mean_the_model() {
    for source in [include_str!("../src/lib.rs"), include_str!("mutants.rs")] {
        for name in ["std", "core", "alloc"] {
            let line = format!("\nextern crate model_std as {name};\n");
            assert!(source.contains(&line), "{name}");
        }
    }
}
