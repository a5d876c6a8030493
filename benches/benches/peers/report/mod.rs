//! What is told of the rows: a table on the terminal, a page, and its plot.
mod machine;
pub(crate) mod page;
mod plot;
pub(crate) mod table;
