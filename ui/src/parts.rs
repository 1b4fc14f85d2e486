//! What pages are made of.

pub mod badge;
pub mod chart;
pub mod copy;
pub mod delete;
pub mod dialog;
pub mod field;
pub mod form;
pub mod icon;
pub mod loaded;
pub mod matching;
pub mod page;
pub mod range;
pub mod silence;
pub mod theme;
pub mod time;
pub mod toast;
