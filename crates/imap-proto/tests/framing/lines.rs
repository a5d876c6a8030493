//! What ends a unit, and what only looks like a literal.
use crate::told::{Say, check, client, server};
use imap_proto::frame::{LineEnding, Rules, Strays};

#[test]
fn lines_are_units() {
    check("a NOOP\r\n\r\nb LOGOUT\r\n", server(), Say::Stream, r"a NOOP\r\n|\r\n|b LOGOUT\r\n");
    check("a NOOP\r", server(), Say::Stream, "inside:1");
}

// covers rfc3501 7 no-literal-in-text
#[test]
fn a_status_text_may_end_like_a_literal() {
    check(
        "* OK see {5}\r\na1 NO what {900}\r\n+ go {3}\r\n* bye {1}\r\n* PREAUTH hi ~{2}\r\n* X {2}\r\nab\r\n",
        client(),
        Say::Stream,
        r"* OK see {5}\r\n|a1 NO what {900}\r\n|+ go {3}\r\n|* bye {1}\r\n|* PREAUTH hi ~{2}\r\n|* X {2}\r\nab\r\n",
    );
}

// covers rfc3501 7.1 a-code-may-hold-literals
#[test]
fn a_status_code_that_is_open_may_hold_literals() {
    check(
        "* NO [X ({2}\r\n]) {3}\r\n] ))] see {4}\r\n* OK [A] {5}\r\n",
        client(),
        Say::Stream,
        r"* NO [X ({2}\r\n]) {3}\r\n] ))] see {4}\r\n|* OK [A] {5}\r\n",
    );
}

#[test]
fn a_command_that_looks_like_a_status_has_its_literals() {
    check(
        "a OK x {2+}\r\nhi\r\n+ {2+}\r\nhi\r\n",
        server(),
        Say::Stream,
        r"a OK x {2+}\r\nhi\r\n|+ {2+}\r\nhi\r\n",
    );
}

#[test]
fn an_open_quote_does_not_hide_a_literal() {
    // What its sender has sent as a literal is never read as a command.
    let stream = "a LOGIN \"jo{8+}\r\nb EXIT\r\n\r\nc NOOP\r\n";
    check(stream, server(), Say::Refuse, r"refused|c NOOP\r\n");
    check("* X \"y {3}\r\n* Z\"\r\n", client(), Say::Stream, r#"* X "y {3}\r\n* Z"\r\n"#);
}

// covers rfc3501 2.2 lines-end-in-crlf
#[test]
fn bare_lf_ends_no_line_unless_a_client_tolerates_it() {
    check(
        "a NOOP\nb NOOP\r\nc NOOP\r\n",
        server(),
        Say::Stream,
        r"bare LF at octet 6:a NOOP\n|refused|c NOOP\r\n",
    );
    check(
        "a X {8+}\nb EXIT\r\nc NOOP\r\n",
        server(),
        Say::Stream,
        r"bare LF at octet 8:a X {8+}\n|refused|c NOOP\r\n",
    );
    // Behind it the unit goes on, with its literals.
    check(
        "a\nb APPEND x {8+}\r\nb EXIT\r\n\r\nc NOOP\r\n",
        server(),
        Say::Stream,
        r"bare LF at octet 1:a\n|refused|c NOOP\r\n",
    );
    let rules = Rules { ending: LineEnding::CrlfOrLf, ..client() };
    check("* X {3}\na\n\n\n* Y\r\n* Z {5}\n12345\n", rules, Say::Stream, {
        r"* X {3}\na\n\n\n|* Y\r\n|* Z {5}\n..5|<12345>|\n"
    });
    check("* X {5}\n12345 {3}\n* Z\n* Y\n", rules, Say::Refuse, r"refused|* Y\n");
}

// covers rfc3501 9 no-nul-no-bare-cr
#[test]
fn nul_and_bare_cr_stand_in_literals_alone() {
    check("a \0 {3+}\r\nb\r\n\r\nc\r\n", server(), Say::Stream, r"NUL at octet 2:a \x00|refused|c\r\n");
    check("a\rb\r\nc\r\r\nd\r\n", server(), Say::Stream, {
        r"bare CR at octet 1:a\r|refused|bare CR at octet 1:c\r|refused|d\r\n"
    });
    let rules = Rules { strays: Strays::Pass, ..client() };
    check("* X \"a\rb\0\"\r\n", rules, Say::Stream, r#"* X "a\rb\x00"\r\n"#);
}
