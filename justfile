# For `just` 1.21 (of 2024) and newer. A lesson is run by `--bin` and not by `-p`, which would choose
# the features of its crates for this lesson alone: so one `cargo build` serves all the recipes.

# The lessons, in the order of the tutorial.
lessons := "race lock deadlock gil processes pool queue pipe shared-memory coroutines futures executors fetch user-io choosing"

set positional-arguments

export HERE := invocation_directory()
export ROOT := justfile_directory()
export JUST := just_executable()

# List the recipes
[private]
default:
    @just --list --unsorted

# Replay the whole tutorial, with a table of the speed-ups at the end (LESSON_SPEED=20 for a quick one)
[no-exit-message]
all:
    #!/usr/bin/env bash
    set -u
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 0' PIPE
    cargo build || exit
    LESSON_SPEEDUPS=$(mktemp) || exit
    export LESSON_SPEEDUPS
    heading() {
        printf '\n======== %s ========\n\n' "$1" 2>/dev/null && return
        echo "just all: cannot write the output" >&2
        exit 1
    }
    trap 'rm -f "$LESSON_SPEEDUPS"' EXIT
    failed=
    for lesson in {{ lessons }}; do
        heading "$lesson"
        rows=$(wc -l <"$LESSON_SPEEDUPS")
        if cargo run --quiet --bin "lesson-$lesson"; then result=-; else result=failed; failed+=" $lesson"; fi
        if [ "$(wc -l <"$LESSON_SPEEDUPS")" -eq "$rows" ]; then
            printf '%s\t%s\t-\t-\t-\n' "$lesson" "$result" >>"$LESSON_SPEEDUPS"
        fi
    done
    heading 'the whole tutorial'
    row='%-26s %12s %12s %12s %18s\n'
    printf "$row" lesson 'one by one' together 'speed-up here' "the text's speed-up"
    while IFS=$'\t' read -r work one_by_one together speedup author; do
        printf "$row" "$work" "$one_by_one" "$together" "$speedup" "$author"
    done <"$LESSON_SPEEDUPS"
    if [ -n "$failed" ]; then
        echo "failed:$failed" >&2
        exit 1
    fi

# Build the programs, then run all tests
test: python
    cargo build
    cargo test --workspace

# Run every schedule, up to a bound: of the lessons' own files, all or one, or of a program of yours (my.rs)
[no-exit-message]
prove *args:
    #!/usr/bin/env bash
    root=$PWD
    cd "$HERE"
    [ -x "$root/target/debug/prove" ] || echo "building the search, once: this takes a minute or two" >&2
    exec cargo run --quiet --manifest-path "$root/Cargo.toml" -p proofs --bin prove -- "$@"

# You are the scheduler: break a program, then choose the change that repairs it (no name: all levels; --quiz: predict)
[no-exit-message]
play *args:
    @[ -x target/debug/play ] || echo "building the search, once: this takes a minute or two" >&2
    @cargo run --quiet -p proofs --bin play -- "$@"

# Exercises: begin one, and have your solution judged (NAME, --watch, --hint, --solution)
[no-exit-message]
try *args:
    @[ -x target/debug/try ] || echo "building the judges, once: this takes some minutes" >&2
    @cargo run --quiet -p exercises -- "$@"

# Real faults at random moments: kills, garbage, full pipes, shortages (SECONDS, --seed N)
[no-exit-message]
soak *args:
    @cargo run --quiet -p soak -- "$@"

# Lessons and their Python versions, one after the other, act by act: all, or those named (PYTHON=...)
[no-exit-message]
compare *lessons: python
    @cargo build --quiet
    @cargo run --quiet -p compare -- "$@"

# The lessons' mechanisms beside Python and beside a baseline, of all or some lessons
[no-exit-message]
bench *names: python
    @cargo build --release --quiet
    @cargo run --release --quiet -p bench -- "$@"

# The tutorial as pages, in target/book (--check: is it still what would be made now?)
[no-exit-message]
book *args:
    @cargo run --quiet -p book -- "$@"

# Make the book and show it at http://127.0.0.1:3000, or at another port
[no-exit-message]
book-open port="3000":
    @cargo run --quiet -p book -- --serve "$1"

# A Python with the modules that the Python version of fetch needs, in target/python
[private]
python:
    #!/usr/bin/env bash
    [ -x target/python/bin/python3 ] && exit
    python3 -c 'import aiohttp, requests' 2>/dev/null && exit
    modules() {
        python3 -m venv target/python &&
            target/python/bin/pip install --quiet --disable-pip-version-check -r lessons/fetch/requirements.txt
    }
    if ! modules >&2; then
        rm -rf target/python
        echo "no aiohttp and requests for Python: what needs them is left out" >&2
    fi

# The book in a real browser: both colour schemes, narrow screens, contrast, search, the games
book-test:
    #!/usr/bin/env bash
    set -eu
    python=target/browser/bin/python3
    if ! "$python" -c 'import axe_playwright_python, playwright, pytest, xdist' 2>/dev/null; then
        python3 -m venv target/browser
        target/browser/bin/pip install --quiet --disable-pip-version-check -r tests/book/browser/requirements.txt
    fi
    cargo build --quiet -p book
    exec 3< <(exec target/debug/book --serve 0)
    trap 'kill $!' EXIT
    # It says where the book is, and then where it can be read.
    read -r _ <&3 && read -r BOOK_URL <&3
    export BOOK_URL
    "$python" -B -m pytest -q -n 4 -p no:cacheprovider tests/book/browser

# What takes longer: every lesson copied out, built and tested there, and in odd surroundings; the book in a browser
check-all: test
    ALL=1 "$JUST" book-test
    cargo test --workspace -- --ignored
    cargo test -p proofs --features mutants --test mutants
    "$JUST" soak 120

# Make the outputs in the chapters, the recordings and the README's picture anew, from runs of all lessons or some
refresh *lessons:
    cargo build
    cargo build -p proofs
    REFRESH=1 cargo test -p exercises --test exercises each_chapter
    REFRESH=1 cargo test -p levels
    REFRESH="${*:-1}" cargo test -p across --test chapters -- --test-threads=1
    REFRESH=1 cargo test -p across --test chinese each_page
    cargo run --quiet -p book -- --front

# Say that these Chinese files translate the English ones as they are now
[no-exit-message]
translated +files:
    @cargo run --quiet -p across --bin translated -- "$@"

# Put one lesson at DEST as a crate of its own, with the timing crate inside it
[no-exit-message]
copy lesson dest:
    #!/usr/bin/env bash
    set -eu
    case " {{ lessons }} " in
        *" $1 "*) ;;
        *) printf "just copy: there is no lesson '%q'; the lessons are: {{ lessons }}\n" "$1" >&2; exit 2 ;;
    esac
    root=$PWD
    cd "$HERE"
    complain() { printf "just copy: $1\n" "$2" >&2; exit 1; }
    [ -n "$2" ] || complain 'where to? DEST is empty%s' ''
    [ ! -e "$2" ] || complain '%q is already there, and is left as it is' "$2"
    parent=$(dirname -- "$2")
    [ -d "$parent" ] || complain 'there is no folder %q to put it into' "$parent"
    # Made beside its place and moved there when whole: nothing half done is left.
    new=$(mktemp -d "${2%/}.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    chmod 755 "$new"
    cp -R "$root/lessons/$1/." "$new"
    cp -R "$root/shared/timing" "$new/timing"
    rm -rf "$new/timing/__pycache__"
    cp "$root"/LICENSE-* "$root/Cargo.lock" "$new"
    {
        sed 's|"../../shared/timing"|"timing"|' "$root/lessons/$1/Cargo.toml"
        printf '\n# A workspace of its own, also below another one.\n[workspace]\n'
        # The profiles of the lesson and of the crates that it uses, as they are up here.
        awk -v lesson="lesson-$1" \
            'NR == FNR { if ($2 == "=") uses[$1]; next }
             /^\[/ { name = $0; gsub(/.*package\.|[]"]/, "", name)
                     wanted = name == lesson || name == "*" || name in uses
                     if (wanted) print "" }
             wanted && NF && !/^#/' "$root/lessons/$1/Cargo.toml" "$root/Cargo.toml"
    } >"$new/Cargo.toml"
    # The chapter's ways to the rest of the tutorial end here: words without a link, or a file's name.
    alone() {
        sed -e '/^Next: /d' -e '/^下一课：/d' "$root/lessons/$1/$2" |
            sed -e ':all' -e 'N' -e '$!b all' \
                -e 's,\[\([^][]*\)](\.\./\.\./\([^)]*\)),'"$3"',g' \
                -e 's,\[\([^][]*\)](\.\./[^)]*),\1,g' >"$new/$2"
    }
    alone "$1" README.md '\1 (`\2` in the tutorial)'
    alone "$1" README.zh-CN.md '\1（教程中的 `\2`）'
    {
        printf '## This copy\n\nIt was made by `just copy %s`. Recipes of `just` run in the folder of the tutorial.\n\n' "$1"
        printf -- '- [`exercises`](exercises): the exercises of this lesson. `just try` begins one; here are its files.\n'
        if [ -e "$new/prove.rs" ]; then
            printf -- '- [`prove.rs`](prove.rs): a program that uses the piece. Have you changed the piece? `just prove`\n'
            printf '  with the path of this file runs it in every order of its steps.\n'
        fi
    } >>"$new/README.md"
    {
        printf '## 这份拷贝\n\n由 `just copy %s` 生成。`just` 的命令要在教程的文件夹里运行。\n\n' "$1"
        printf -- '- [`exercises`](exercises)：这一课的练习。`just try` 开始一个练习；这里是它们的文件。\n'
        if [ -e "$new/prove.rs" ]; then
            printf -- '- [`prove.rs`](prove.rs)：一个使用这份代码的程序。改了代码之后，把这个文件的路径交给 `just prove`，它会按各步的每一种顺序运行。\n'
        fi
    } >>"$new/README.zh-CN.md"
    # Drops from the lock file what only other lessons need; the versions stay.
    cargo update --quiet --workspace --manifest-path "$new/Cargo.toml"
    mv "$new" "$2"
    echo "lesson $1 is at $2: cd there, then 'cargo run' or 'cargo test'"
    echo "its exercises are in ${2%/}/exercises: 'just try' begins one"
    [ ! -e "$2/prove.rs" ] ||
        printf 'if you change its piece, this runs it in every order:\n  just prove %q\n' "${2%/}/prove.rs"

# Race condition: the result depends on which thread comes first
[no-cd, no-exit-message]
race *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-race -- "$@"

# Lock: only one thread at a time may hold it
[no-cd, no-exit-message]
lock *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-lock -- "$@"

# Deadlock: threads that wait for each other forever, and three cures (--hang)
[no-cd, no-exit-message]
deadlock *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-deadlock -- "$@"

# The GIL, rebuilt: threads that take turns instead of running in parallel
[no-cd, no-exit-message]
gil *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-gil -- "$@"

# Processes: programs with memory of their own
[no-cd, no-exit-message]
processes *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-processes -- "$@"

# Pool: worker processes that take jobs, and what happens when one is killed
[no-cd, no-exit-message]
pool *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-pool -- "$@"

# Queue: typed messages between processes
[no-cd, no-exit-message]
queue *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-queue -- "$@"

# Pipe: bytes between processes
[no-cd, no-exit-message]
pipe *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-pipe -- "$@"

# Shared memory: what several processes map, and a lock that survives its holder
[no-cd, no-exit-message]
shared-memory *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-shared-memory -- "$@"

# Coroutines: many tasks on one thread, and what stops them all
[no-cd, no-exit-message]
coroutines *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-coroutines -- "$@"

# Futures: results that are not there yet
[no-cd, no-exit-message]
futures *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-futures -- "$@"

# Executors: async code that hands blocking work to threads and processes
[no-cd, no-exit-message]
executors *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-executors -- "$@"

# Fetch: many pages one by one, on threads, and all at once (--online, or addresses)
[no-cd, no-exit-message]
fetch *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-fetch -- "$@"

# User input: asynchronous code that means something else (--ask)
[no-cd, no-exit-message]
user-io *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-user-io -- "$@"

# Choosing: one by one, threads, processes or async, measured
[no-cd, no-exit-message]
choosing *args:
    @cargo run --manifest-path "$ROOT/Cargo.toml" --bin lesson-choosing -- "$@"
