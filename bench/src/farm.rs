//! The target farm.
