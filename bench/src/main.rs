//! `pulse-bench`: the program behind `cargo xtask bench`.

fn main() {}
