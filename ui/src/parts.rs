//! What pages are made of.

pub mod badge;
pub mod chart;
pub mod dialog;
pub mod field;
pub mod icon;
pub mod loaded;
pub mod page;
pub mod theme;
pub mod time;
pub mod toast;
