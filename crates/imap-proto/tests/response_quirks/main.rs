//! What real servers send and the RFCs do not allow: strict refuses it where it goes wrong, lenient takes it for what
//! was meant and tells what it tolerated.
mod data;
mod items;
mod statuses;
mod structures;

use bytes::Bytes;
use imap_proto::{DeviationKind, Deviations, Dialect, Leniency, response::Response};

fn parse(unit: &[u8], leniency: Leniency) -> (Result<Response, String>, Vec<DeviationKind>) {
    let mut deviations = Deviations::new();
    let found = Response::parse(&Bytes::copy_from_slice(unit), &Dialect::new(leniency), &mut deviations);
    (found.map_err(|e| e.to_string()), deviations.iter().map(|it| it.kind).collect())
}

fn strict(unit: &[u8]) -> Result<Response, String> {
    let (found, deviations) = parse(unit, Leniency::STRICT);
    assert_eq!(deviations, [], "a strict reader tolerates nothing");
    found
}

/// What was sent; what strict says to it; what is tolerated; and what it means, in a form that conforms.
type Row = (&'static [u8], &'static str, &'static [DeviationKind], &'static [u8]);

fn mean_the_same(rows: &[Row]) {
    for (unit, refusal, kinds, conforming) in rows {
        let shown = unit.escape_ascii();
        let meant = strict(conforming).unwrap_or_else(|e| panic!("{}: {e}", conforming.escape_ascii()));
        assert_eq!(strict(unit).expect_err(&shown.to_string()), *refusal, "{shown}");
        let (found, deviations) = parse(unit, Leniency::LENIENT);
        assert_eq!(found.as_ref(), Ok(&meant), "{shown}");
        assert_eq!(deviations, *kinds, "{shown}");
    }
}

#[test]
fn what_conforms_passes_both_without_a_word() {
    for unit in [
        &b"* STATUS INBOX ()\r\n"[..],
        b"* 1 FETCH (ENVELOPE (\"Mon, 1 Jan 2024 00:00:00 +0000\" \"s\" ((\"A\" NIL \"a\" \"example.org\")) NIL NIL \
          ((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL \"<m@example.org>\"))\r\n",
        b"* LIST (\\Noselect) \"/\" NIL\r\n",
        b"* NOOP\r\n",
        b"* XFOO bar \"(\" baz\r\n",
        b"* 1 FETCH (RFC822.SIZE 5000000000)\r\n",
        b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN] Proxy Ready\r\n",
        b"* STATUS {5}\r\nabc d (MESSAGES 1)\r\n",
        b"* 1 FETCH (BODY[HEADER.FIELDS (\"FROM\")] \"x\")\r\n",
        b"* 1 FETCH (UID 7 X-FOO (a (b \"c\")) FLAGS ())\r\n",
        b"* STATUS INBOX (MESSAGES 1 X-FOO 3)\r\n",
        b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"global\" NIL NIL NIL \"7bit\" 903 NIL NIL NIL NIL))\r\n",
        b"[x OK a tag may begin with a bracket\r\n",
        b"+ \r\n",
    ] {
        let meant = strict(unit).unwrap_or_else(|e| panic!("{}: {e}", unit.escape_ascii()));
        assert_eq!(parse(unit, Leniency::LENIENT), (Ok(meant), vec![]), "{}", unit.escape_ascii());
    }
}
