use super::*;
use crate::marker::markers;

/// What is left of `source` when the rule in it is deleted, with one space for any white space.
#[track_caller]
fn left(source: &str) -> String {
    let found = markers(source);
    assert_eq!(found.faults, []);
    let mutated = mutated(source, &found.rules[0]).expect("there is code behind the marker");
    assert_eq!(mutated.matches('\n').count(), source.matches('\n').count());
    let comment = source.lines().find(|line| line.contains("// rule ")).unwrap();
    mutated.replacen(comment, "", 1).split_whitespace().collect::<Vec<_>>().join(" ")
}

const RULE: &str = "// rule rfc1 1 a: b\n";

#[test]
fn a_statement_is_deleted_and_its_neighbours_stay() {
    for (statement, next) in [
        ("check(a, |b, c| { b; c })?;", "next();"),
        ("if a { return Err(b) }", "if c {}"),
        ("if let A { b, .. } | C { b } = d { return; }", "next();"),
        ("let a = if b { c } else { d };", "next();"),
        ("let A { b, c } = d else { return };", "next();"),
        ("let a: B<C, D> = e.f(|g, h| i).j::<K, L>();", "next();"),
        ("self.a = A { b: 1, c };", "next();"),
        ("self.a = match b { c => d, _ => e };", "next();"),
        ("*self.a += 1;", "next();"),
        ("for A { b } in c { d }", "next();"),
        ("while let Some(a) = b.next() { c(a); }", "next()"),
        ("match a { b => c, _ => d }", "{ next() }"),
        ("match a { b => c, _ => d }.e()?;", "next();"),
        ("write!(f, \"{a}}} {}\", '{')?;", "next();"),
        ("f::<A, B>(c);", "next();"),
        ("return Err(A { b: 1 });", ""),
        ("#[cfg(test)] self.a = 1;", "next();"),
    ] {
        let source = format!("fn f() {{ before(); {{}}\n{RULE}{statement}\n{next}\n}}");
        let left = left(&source);
        assert_eq!(
            left.replace(' ', ""),
            format!("fnf(){{before();{{}}{next}}}").replace(' ', ""),
            "{statement}"
        );
    }
}

#[test]
fn an_arm_is_deleted() {
    for arm in [
        "A => b,",
        "A | B => { c; d }",
        "A | B => { c; d },",
        "A { b, .. } | C { b } if b => d(b, c),",
        "A { b } if b => { c }",
        "(A { b }, c) => match d { e => f, _ => g },",
        "Some(A { b }) => if c { d } else { e },",
        "b'{' => \"}\",",
    ] {
        let source = format!("match x {{ First => y,\n{RULE}{arm}\n_ => z, }}");
        assert_eq!(left(&source), "match x { First => y, _ => z, }", "{arm}");
    }
    assert_eq!(left(&format!("match x {{\n{RULE}A => b\n}}")), "match x { }");
}

#[test]
fn an_operand_is_deleted_with_its_operator() {
    for (operand, next) in [
        ("&& !b.is_empty()", "&& c"),
        ("&& matches!(b, A { .. } | B)", "{ c }"),
        ("|| b && c", "|| d"),
        (".filter(|a, b| { a; b })", ".next()"),
        (".collect::<Vec<A>>()?.next()?", "+ 1"),
        (".await?", ";"),
        ("| A { b, .. }", "| C => d,"),
        ("| A", "if c => d,"),
    ] {
        let source = format!("a\n{RULE}{operand}\n{next}");
        assert_eq!(left(&source), format!("a {next}"), "{operand}");
    }
    assert_eq!(left(&format!("f(a\n{RULE}&& b)")), "f(a )");
    assert_eq!(left(&format!("if g(a)\n{RULE}|| match b {{ c => d }}\n{{ e }}")), "if g(a) { e }");
}

#[test]
fn an_element_is_deleted() {
    for element in ["b,", "|b, c| d(b),", "A { b: 1, c },", "f(b, c),", "\"b,\","] {
        assert_eq!(left(&format!("[a,\n{RULE}{element}\nz]")), "[a, z]", "{element}");
    }
    assert_eq!(left(&format!("[a,\n{RULE}b]")), "[a, ]");
    assert_eq!(left(&format!("f(a, |b| b\n.c(),\n{RULE}d)")), "f(a, |b| b .c(), )");
}

#[test]
fn what_follows_else_stays() {
    assert_eq!(left(&format!("f();\n{RULE}if a {{ b }} else {{ c }} d();")), "f(); { c } d();");
    assert_eq!(left(&format!("{RULE}if a {{ b }} else if c {{ d }} else {{ e }}")), "if c { d } else { e }");
    assert_eq!(left(&format!("let x =\n{RULE}if let A {{ b }} = a {{ b }} else {{ c }};")), "let x = { c };");
}

#[test]
fn what_a_marker_names_takes_the_place() {
    for (before, code, instead, after) in [
        ("fn f() -> bool {", "a > b }", "false", "fn f() -> bool { false }"),
        ("if a", "&& b || c {}", "true", "if a && true || c {}"),
        ("a", ".b(c)?\n.d()", "e()", "a .e() .d()"),
        ("match a {", "B { c } if c => d(c), _ => e }", "f", "match a { B { c } if c => f, _ => e }"),
        ("match a {", "B => { c } _ => e }", "{}", "match a { B => {} _ => e }"),
        ("match a {", "B => c, _ => e }", "C => c", "match a { C => c, _ => e }"),
        ("{", "let a: B = c; d }", "None", "{ let a: B = None; d }"),
        ("{", "let a = c; d }", "let b = c;", "{ let b = c; d }"),
        ("{", "self.a = c; d }", "None", "{ self.a = None; d }"),
        ("A {", "b: c(d), e }", "1", "A { b: 1, e }"),
        ("", "const A: usize = 512;", "513", "const A: usize = 513;"),
        ("{", "return a; }", "b", "{ return b; }"),
        ("let x =", "if a { b } else { c };", "d", "let x = d;"),
        ("f(a,", "b, c)", "d", "f(a, d, c)"),
        ("{", "if a { b; } c }", "b;", "{ b; c }"),
        ("{", "a == b\n&& c }", "true", "{ true && c }"),
        ("{", "a == b(c, |d| e && f) }", "true", "{ true }"),
    ] {
        let source = format!("{before}\n// rule rfc1 1 a: b [instead: {instead}]\n{code}");
        assert_eq!(left(&source), after, "{code}");
    }
}

#[test]
fn markers_may_share_code_and_comments_may_follow() {
    let source = format!("f();\n{RULE}// rule rfc1 1 b: c\n// Why: {{.\n/// More.\ng(); h();");
    assert_eq!(left(&source), "f(); // rule rfc1 1 b: c // Why: {. /// More. h();");
}

#[test]
fn a_marker_above_nothing_is_told() {
    for source in [format!("{{ f();\n{RULE}}}"), RULE.to_owned()] {
        assert_eq!(mutated(&source, &markers(&source).rules[0]), None);
    }
}
