//! For development only.
pub mod html;
pub mod steps;
pub mod timeline;
