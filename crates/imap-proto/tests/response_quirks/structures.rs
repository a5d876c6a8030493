//! BODYSTRUCTURE and ENVELOPE.
use crate::{mean_the_same, parse, strict};
use imap_proto::{
    DeviationKind::{self, *},
    Leniency, PartKind, Wire,
    response::{FetchItem, Response, Untagged},
};

#[test]
fn structures() {
    mean_the_same(&[
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"multipart\" \"digest\" (\"boundary\" \"b\") NIL NIL \"7BIT\" -1 NIL NIL NIL NIL))",
            "expected a number at octet 79, found '-'",
            &[NegativeNumber],
            b"* 1 FETCH (BODYSTRUCTURE (\"multipart\" \"digest\" (\"boundary\" \"b\") NIL NIL \"7BIT\" 0 NIL NIL NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"8bit\" 10 0) \"alternative\" (\"boundary\" NIL)))",
            "expected a string at octet 93, found 'N'",
            &[NilString],
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"8bit\" 10 0) \"alternative\" (\"boundary\" \"\")))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1 NIL \"inline\" NIL NIL))",
            "expected a disposition or NIL at octet 69, found '\\\"'",
            &[BareDisposition],
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1 NIL (\"inline\" NIL) NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1) \"mixed\" (\"boundary\" \"b\") \"Multipart message\" NIL))",
            "expected a disposition or NIL at octet 91, found '\\\"'",
            &[BareDisposition],
            b"* 1 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1) \"mixed\" (\"boundary\" \"b\") (\"Multipart message\" NIL) NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((NIL NIL NIL NIL NIL \"7BIT\" 563 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL))",
            "expected a string at octet 27, found 'N'",
            &[NilString, NilString],
            b"* 1 FETCH (BODYSTRUCTURE ((\"application\" \"octet-stream\" NIL NIL NIL \"7BIT\" 563 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE ((\"APPLICATION\" NIL NIL NIL \"base64\" 356) \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL))",
            "expected a string at octet 41, found 'N'",
            &[MissingField],
            b"* 1 FETCH (BODYSTRUCTURE ((\"APPLICATION\" \"octet-stream\" NIL NIL NIL \"base64\" 356) \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"HTML\"\" NIL NIL NIL \"8bit\" 74 2))",
            "expected a space at octet 39, found '\\\"'",
            &[UnescapedQuote],
            b"* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"HTML\\\"\" NIL NIL NIL \"8bit\" 74 2))",
        ),
        (
            b"* 1 FETCH (BODY ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1) (\"text\" \"html\" NIL NIL NIL \"7bit\" 10 1)  \"mixed\"))",
            "expected a media subtype at octet 58, found '('",
            &[ExtraSpaces, ExtraSpaces],
            b"* 1 FETCH (BODY ((\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1)(\"text\" \"html\" NIL NIL NIL \"7bit\" 10 1) \"mixed\"))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" () NIL NIL 7bit NIL NIL NIL (\"attachment\") NIL NIL))",
            "expected a string at octet 42, found ')'",
            &[EmptyList, UnquotedString, MissingField, MissingField, MissingField],
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0 NIL (\"attachment\" NIL) NIL NIL))",
        ),
        (
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL NIL 5 NIL (\"inline\" NIL) NIL NIL))",
            "expected a string at octet 53, found 'N'",
            &[NilString, MissingField],
            b"* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7BIT\" 5 0 NIL (\"inline\" NIL) NIL NIL))",
        ),
    ]);
}

#[test]
fn structures_that_have_no_other_form() {
    let body = |unit: &[u8]| match parse(unit, Leniency::LENIENT) {
        (Ok(Response::Untagged(Untagged::Fetch(mut fetch))), kinds) => match fetch.items.pop() {
            Some(FetchItem::Body(body) | FetchItem::BodyStructure(body)) => (body, kinds),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let unit = b"* 1 FETCH (BODY ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 10 1)(\"ALTERNATIVE\") \"REPORT\"))";
    let (found, kinds) = body(unit);
    assert_eq!(kinds, [ChildlessMultipart]);
    assert!(found.root().is("multipart", "report"));
    let children: Vec<_> = found.root().children().collect();
    assert!(
        children.len() == 2 && children[0].is("text", "plain") && children[1].is("multipart", "alternative")
    );
    assert_eq!(strict(unit).unwrap_err(), "expected a media subtype at octet 87, found ')'");

    let unit = b"* 1 FETCH (BODYSTRUCTURE (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 903 NIL NIL NIL NIL))";
    let (found, kinds) = body(unit);
    assert_eq!(kinds, [MissingEnvelope]);
    assert!(found.root().is("message", "rfc822") && found.root().envelope().is_none());
    assert_eq!(found.root().octets(), 903);
    assert_eq!(strict(unit).unwrap_err(), "expected an envelope at octet 68, found 'N'");
}

#[test]
fn a_multipart_without_parts_is_one_again_whatever_its_fields() {
    for (structure, written) in [
        (
            r#"(("TEXT"!"PLAIN" NIL NIL "de"))"#,
            r#"((() "TEXT\"!\"PLAIN" NIL NIL ("de") NIL) "mixed" NIL NIL NIL NIL)"#,
        ),
        (r#"("ALTERNATIVE")"#, r#"(() "ALTERNATIVE" NIL NIL NIL NIL)"#),
        (r#"("ALTERNATIVE" () ("inline" NIL))"#, r#"(() "ALTERNATIVE" NIL ("inline" NIL) NIL NIL)"#),
        (r#"("ALTERNATIVE" () NIL NIL NIL "x" 5)"#, r#"(() "ALTERNATIVE" NIL NIL NIL NIL "x" 5)"#),
        (r#"(() "ALTERNATIVE" NIL NIL "de")"#, r#"(() "ALTERNATIVE" NIL NIL ("de") NIL)"#),
    ] {
        let found = parse(format!("* 5 FETCH (BODYSTRUCTURE {structure})").as_bytes(), Leniency::LENIENT).0;
        let Ok(Response::Untagged(Untagged::Fetch(fetch))) = &found else { panic!("{found:?}") };
        let [FetchItem::BodyStructure(body)] = &fetch.items[..] else { panic!("{fetch:?}") };
        let part = body.root().children().next().unwrap_or(body.root());
        assert!(part.kind() == PartKind::Multipart && part.children().next().is_none(), "{body:?}");
        let mut octets = Vec::new();
        Response::Untagged(Untagged::Fetch(fetch.clone())).encode(&Wire::new(), &mut octets);
        let shown = String::from_utf8_lossy(&octets);
        assert_eq!(shown, format!("* 5 FETCH (BODYSTRUCTURE {written})\r\n"));
        assert_eq!(parse(&octets, Leniency::LENIENT).0, found, "{shown}");
    }
}

#[test]
fn an_extension_takes_nothing_of_the_structure_around_it_when_it_is_written() {
    let structure = r#"(("text" "plain" NIL NIL NIL "7bit" 1 1 NIL NIL NIL NIL "a"5) NIL NIL NIL NIL NIL)"#;
    let found = parse(format!("* 5 FETCH (BODYSTRUCTURE {structure})").as_bytes(), Leniency::LENIENT).0;
    let Ok(Response::Untagged(Untagged::Fetch(fetch))) = &found else { panic!("{found:?}") };
    // Written with `"mixed"` behind it, `"a"5) "` would be one string.
    assert!(matches!(&fetch.items[..], [FetchItem::Invalid(_)]), "{fetch:?}");
}

#[test]
fn envelopes() {
    const LEAD: &str = "* 1 FETCH (ENVELOPE (\"Mon, 1 Jan 2024 00:00:00 +0000\" ";
    let rows: &[(&str, &str, &[DeviationKind], &str)] = &[
        (
            "\"s\" NIL NIL NIL NIL () () NIL \"<m>\"))",
            "an opening parenthesis",
            &[EmptyList, EmptyList],
            "\"s\" NIL NIL NIL NIL NIL NIL NIL \"<m>\"))",
        ),
        (
            "\"s\" NIL NIL NIL NIL NIL NIL \"<x@y>\"))",
            "all ten fields of an envelope",
            &[MissingField],
            "\"s\" NIL NIL NIL NIL NIL NIL \"<x@y>\" NIL))",
        ),
        (
            "\"s\" NIL NIL NIL NIL NIL \"<x@y>\" \"<m>\"))",
            "NIL",
            &[MissingField],
            "\"s\" NIL NIL NIL NIL NIL NIL \"<x@y>\" \"<m>\"))",
        ),
        (
            "\"s\" ((\"Cl\u{e9}mence\" NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))",
            "ASCII",
            &[EightBit],
            "\"s\" (({9}\r\nCl\u{e9}mence NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"a\r\n b\" NIL NIL NIL NIL NIL NIL NIL NIL))",
            "no CR, LF or NUL in a quoted string",
            &[LineBreakInQuoted],
            "\"a b\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"He said \"hi\" to me\" NIL NIL NIL NIL NIL NIL NIL NIL))",
            "a space",
            &[UnescapedQuote],
            "\"He said \\\"hi\\\" to me\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"C:\\dir\" NIL NIL NIL NIL NIL NIL NIL NIL))",
            "an escaped quotation mark or backslash",
            &[LooseEscape],
            "\"C:\\\\dir\" NIL NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"s\" ((\"A\" NIL \"a\" \"h\") (NIL NIL \"b\")) NIL NIL NIL NIL NIL NIL NIL ))",
            "a closing parenthesis",
            &[ExtraSpaces, MissingField, ExtraSpaces],
            "\"s\" ((\"A\" NIL \"a\" \"h\")(NIL NIL \"b\" NIL)) NIL NIL NIL NIL NIL NIL NIL))",
        ),
        (
            "\"s\" (\"A\" NIL \"a\" \"h\") \"\" NIL NIL NIL NIL NIL NIL))",
            "an opening parenthesis",
            &[MissingParenthesis, EmptyList],
            "\"s\" ((\"A\" NIL \"a\" \"h\")) NIL NIL NIL NIL NIL NIL NIL))",
        ),
    ];
    for (sent, refusal, kinds, meant) in rows {
        let unit = format!("{LEAD}{sent}\r\n");
        let meant =
            strict(format!("{LEAD}{meant}\r\n").as_bytes()).unwrap_or_else(|e| panic!("{meant}: {e}"));
        let error = strict(unit.as_bytes()).unwrap_err();
        assert!(error.starts_with(&format!("expected {refusal} at octet")), "{sent}: {error}");
        assert_eq!(parse(unit.as_bytes(), Leniency::LENIENT), (Ok(meant), kinds.to_vec()), "{sent}");
    }
}
