//! Placeholder of the server program.

fn main() {}
