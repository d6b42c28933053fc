//! The pieces of the lessons: the very files, each used here in part.
#![allow(dead_code)]

#[path = "../../../lessons/processes/src/children.rs"]
pub mod children;
#[path = "../../../lessons/fetch/src/fetch.rs"]
pub mod fetch;
#[path = "../../../lessons/shared-memory/src/children.rs"]
pub mod forks;
#[path = "../../../lessons/pipe/src/framed.rs"]
pub mod framed;
#[path = "../../../lessons/shared-memory/src/manager.rs"]
pub mod manager;
#[path = "../../../lessons/pool/src/pool.rs"]
pub mod pool;
#[path = "../../../lessons/queue/src/queue.rs"]
pub mod queue;
#[path = "../../../lessons/shared-memory/src/shared.rs"]
pub mod shared;
#[path = "../../../lessons/choosing/src/ways.rs"]
pub mod ways;
#[path = "../../../lessons/pool/src/worker.rs"]
pub mod worker;
#[path = "../../../lessons/executors/src/workers.rs"]
pub mod workers;
