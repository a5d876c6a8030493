//! The check must see each step that is missing or out of order.

use super::{Trace, check};

const STEPS: &[&str] = &[
    r#"10 10:00:00.000001 sendto(9<TCP:[127.0.0.1:25->127.0.0.1:40000]>, "354 go ahead\r\n", 14, 0, NULL, 0) = 14"#,
    r#"11 10:00:00.000002 write(12</d/tmp/1>, "Subject: traced"..., 26) = 26"#,
    r#"11 10:00:00.000003 fdatasync(12</d/tmp/1>) = 0"#,
    r#"11 10:00:00.000004 rename("/d/tmp/1", "/d/new/1") = 0"#,
    r#"11 10:00:00.000005 fsync(13</d/new>) = 0"#,
    r#"12 10:00:00.000006 pwrite64(5</d/mail.db-wal>, "x", 1, 0) = 1"#,
    r#"12 10:00:00.000007 fdatasync(5</d/mail.db-wal>) = 0"#,
    r#"10 10:00:00.000008 sendto(9<TCP:[127.0.0.1:25->127.0.0.1:40000]>, "250 2.0.0 ok\r\n", 14, 0, NULL, 0) = 14"#,
];

fn holds(lines: &[&str]) -> bool {
    check(&Trace::parse(&lines.join("\n")), "/d", "354", "250").is_ok()
}

#[test]
fn the_right_order_passes_and_any_step_missing_or_late_does_not() {
    assert!(holds(STEPS));
    for missing in [2, 3, 4, 6] {
        let mut lines = STEPS.to_vec();
        let step = lines.remove(missing);
        assert!(!holds(&lines), "without {step}");
        lines.push(step);
        assert!(!holds(&lines), "too late: {step}");
    }
}

#[test]
fn a_sync_that_is_still_running_when_250_is_written_is_too_late() {
    let mut lines = STEPS.to_vec();
    lines[6] = "12 10:00:00.000007 fdatasync(5</d/mail.db-wal> <unfinished ...>";
    lines.push("12 10:00:00.000009 <... fdatasync resumed>) = 0");
    assert!(!holds(&lines));
    lines.swap(7, 8);
    assert!(holds(&lines));
}

#[test]
fn a_commit_that_is_written_behind_the_last_sync_is_not_durable() {
    let mut lines = STEPS.to_vec();
    lines.swap(5, 6);
    assert!(!holds(&lines));
    lines.insert(7, r#"12 10:00:00.000007 fdatasync(5</d/mail.db-wal>) = 0"#);
    assert!(holds(&lines));
}
