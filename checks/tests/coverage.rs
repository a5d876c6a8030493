//! The page says what the sources say.

use std::path::Path;

use checks::{page, table};

#[test]
fn each_rule_has_a_test_and_the_page_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = table::read(&root).unwrap();
    let faults = page::check(&root, &table).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
