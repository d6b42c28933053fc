//! The pieces of the lessons: the very files.
#![allow(dead_code)]

#[path = "../../../lessons/processes/src/children.rs"]
pub mod children;
#[path = "../../../lessons/futures/src/executor.rs"]
pub mod executor;
#[path = "../../../lessons/fetch/src/fetch.rs"]
pub mod fetch;
#[path = "../../../lessons/shared-memory/src/children.rs"]
pub mod forks;
#[path = "../../../lessons/pipe/src/framed.rs"]
pub mod framed;
#[path = "../../../lessons/gil/src/gil.rs"]
pub mod gil;
#[path = "../../../lessons/pool/src/pool.rs"]
pub mod pool;
#[path = "../../../lessons/queue/src/queue.rs"]
pub mod queue;
#[path = "../../../lessons/shared-memory/src/shared.rs"]
pub mod shared;
#[path = "../../../lessons/pool/src/worker.rs"]
pub mod worker;
